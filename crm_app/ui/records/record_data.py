"""What a record page shows: its header, stage path, sections and related lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from crm_app.definitions.field import OWNER, SYSTEM_FIELDS, FieldDefinition
from crm_app.definitions.layout import TimelinePlace
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.role import Action
from crm_app.fields.long_text import is_rich
from crm_app.fields.rich_text import harmless
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services import objects, records
from crm_app.services.linked_names import EXPANDED, with_linked
from crm_app.services.permissions import MASK
from crm_app.services.record_pages import plan_of_record
from crm_app.services.record_query import Record
from crm_app.services.timeline import related_records
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import edit_path, list_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.asked_data import AskedShown, asked_data
from crm_app.ui.records.done import YES, done_field, done_state, may_mark
from crm_app.ui.records.list_data import readable_by_name
from crm_app.ui.records.related_data import NewActivity, RelatedShown, new_activities, related_shown
from crm_app.ui.records.stage_data import PathShown, path_shown
from crm_app.ui.records.start_part import StartChoice, start_choices
from crm_app.ui.records.timeline_data import Entry, entries_of
from crm_app.ui.records.values import Cell, cell_of, links_cell

_HIGHLIGHTS = 4
# Bookkeeping, of which the timeline tells more.
UNTOLD = frozenset({"created_at", "created_by", "updated_at", "updated_by"})
_SYSTEM = "Record"
TIMELINE_TAB = "timeline"
NO_RECORD = "There is no such record, or you may not see it."


class Item(TypedDict):
    """`name` is the field's, where its past can be asked for; empty for what is worked out."""

    name: str
    label: str
    cell: Cell


class SectionShown(TypedDict):
    key: str
    label: str
    columns: str
    is_collapsed: bool
    items: list[Item]


class TabShown(TypedDict):
    """`last` are sections that come after the related lists."""

    key: str
    label: str
    sections: list[SectionShown]
    related: list[RelatedShown]
    last: list[SectionShown]


class TabLabel(TypedDict):
    key: str
    label: str


class RecordHead(TypedDict):
    """`can_move`: this person may change the stage of this record. `done` is `yes` or `no` for an activity that
    they may mark, else empty.
    """

    id: str
    object: str
    title: str
    label: str
    plural: str
    icon: str
    list_href: str
    edit_href: str
    can_delete: bool
    can_share: bool
    can_move: bool
    done: str
    done_text: str


@dataclass(frozen=True)
class RecordData:
    head: RecordHead
    version: int
    highlights: list[Item]
    path: PathShown
    tabs: list[TabShown]
    tab_labels: list[TabLabel]
    timeline: TimelinePlace
    new_activities: list[NewActivity]
    entries: list[Entry]
    startable: list[StartChoice]
    asked: AskedShown


def ref_of(name: str, identifier: str) -> RecordRef | None:
    parsed = parse_id(identifier)
    return RecordRef(name, parsed) if parsed else None


def require_ref(parts: list[str]) -> RecordRef:
    """The record that an address speaks of; raised, not returned, when it speaks of none."""
    ref = ref_of(parts[1], parts[2]) if len(parts) > 2 else None  # noqa: PLR2004 - /o/object/record
    if ref is None:
        raise NotFound(NO_RECORD)
    return ref


def record_data(work: UnitOfWork, ref: RecordRef) -> RecordData:
    definition = work.definition(ref.object)
    found = records.get_record(work, ref)
    linked = [field for field in definition.linked_fields if field.name in (work.fields(ref.object) or {})]
    record = with_linked(work, (found,), linked, (), EXPANDED)[0] if linked else found
    readable = readable_by_name(work, ref.object)
    path = path_shown(work, record)
    tabs, place = _tabs(work, definition, readable, record)
    return RecordData(
        head=_head(work, definition, record, path),
        version=record.version,
        highlights=_highlights(work, definition, readable, record),
        path=path,
        tabs=tabs,
        tab_labels=_labels(tabs, place),
        timeline=place,
        new_activities=new_activities(work, ref),
        entries=entries_of(work, ref),
        startable=start_choices(work, ref.object),
        asked=asked_data(work, ref),
    )


def _reaches(work: UnitOfWork, action: Action, record: Record) -> bool:
    """Whether this person may do that to this very record; the services decide again when it happens."""
    name = record.ref.object
    return objects.may(work, action, name) and record.ref.id in work.among(action, name, [record.ref.id])


def _head(work: UnitOfWork, definition: ObjectDefinition, record: Record, path: PathShown) -> RecordHead:
    may_edit = _reaches(work, "edit", record)
    editable = objects.editable_fields(work, definition.name)
    field = done_field(work, definition) if may_edit and may_mark(work, definition) else None
    done = done_state(record.values.get(field.name)) if field else ""
    return RecordHead(
        id=str(record.ref.id),
        object=definition.name,
        title=record.name,
        label=definition.label,
        plural=definition.plural,
        icon=icon_name(definition.icon),
        list_href=list_path(definition.name),
        edit_href=edit_path(definition.name, record.ref.id) if may_edit else "",
        can_delete=_reaches(work, "delete", record),
        can_share=_reaches(work, "share", record),
        can_move=may_edit and path.field in editable,
        done=done,
        done_text=f"Mark as {'not ' if done == YES else ''}{field.label.lower()}" if field else "",
    )


def _item(work: UnitOfWork, definition: ObjectDefinition, field: FieldDefinition, record: Record) -> Item:
    cell = cell_of(definition, field, record, work.who.time_zone)
    if field.field_type.is_linked:
        cell = links_cell(record, field.name)
    if field.name == definition.name_field:
        cell = Cell(text=cell["text"], href="", out="", css="")
    value = record.values.get(field.name)
    if is_rich(field.settings) and isinstance(value, str) and value != MASK:
        cell = Cell(text=cell["text"], href="", out="", css="rich", html=harmless(value))
    name = "" if field.is_computed or field.name in UNTOLD else field.name
    return Item(name=name, label=field.label, cell=cell)


def _highlights(
    work: UnitOfWork, definition: ObjectDefinition, readable: dict[str, FieldDefinition], record: Record
) -> list[Item]:
    """The first fields of the list that say something, and the owner."""
    stage = definition.pipeline.field if definition.pipeline else ""
    skipped = {definition.name_field, stage, OWNER.name}
    names = [name for name in definition.shown_in_lists if name in readable and name not in skipped]
    items = [_item(work, definition, readable[name], record) for name in names]
    owner = [_item(work, definition, OWNER, record)] if OWNER.name in readable else []
    return [
        *[item for item in items if item["cell"]["text"]][:_HIGHLIGHTS],
        *[item for item in owner if item["cell"]["text"]],
    ]


def _tabs(
    work: UnitOfWork,
    definition: ObjectDefinition,
    readable: dict[str, FieldDefinition],
    record: Record,
) -> tuple[list[TabShown], TimelinePlace]:
    """The layout's tabs that hold something, with the product's own fields where the layout doesn't place them."""
    plan = plan_of_record(work, record.ref)
    lists = {each.name: each for each in related_records(work, record.ref)}
    placed = {name for section in plan.arrangement.sections for name in section.fields}

    def section(key: str, label: str, names: Iterable[str], columns: int, *, is_collapsed: bool) -> list[SectionShown]:
        shown = [n for n in names if n in readable and n not in plan.states.hidden]
        items = [_item(work, definition, readable[name], record) for name in shown]
        found = SectionShown(key=key, label=label, columns=str(columns), is_collapsed=is_collapsed, items=items)
        return [found] if items else []

    tabs = [
        TabShown(
            key=str(at),
            label=tab.label,
            sections=[
                shown
                for p in tab.sections
                if p.key not in plan.states.hidden_sections
                for shown in section(
                    p.key, p.section.label, p.fields, p.section.columns, is_collapsed=p.section.collapsed
                )
            ],
            related=[related_shown(work, record.ref, lists[name]) for name in tab.related if name in lists],
            last=[],
        )
        for at, tab in enumerate(plan.arrangement.tabs)
    ]
    own = (field.name for field in SYSTEM_FIELDS if field.name not in placed)
    tabs[0]["last"] = section(_SYSTEM, _SYSTEM, own, 2, is_collapsed=False)
    return [tab for tab in tabs if tab["sections"] or tab["related"] or tab["last"]], plan.arrangement.timeline


def _labels(tabs: list[TabShown], place: TimelinePlace) -> list[TabLabel]:
    labels = [TabLabel(key=tab["key"], label=tab["label"]) for tab in tabs]
    return [*labels, TabLabel(key=TIMELINE_TAB, label="Timeline")] if place == "tab" else labels
