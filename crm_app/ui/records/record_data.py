"""What a record page shows: its header, stage path, sections and related lists."""

from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlencode

from crm_app.definitions.field import OWNER, SYSTEM_FIELDS, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services import objects, records
from crm_app.services.record_query import Condition, Record
from crm_app.services.timeline import RelatedList, related_records, timeline
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import edit_path, list_path, new_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import readable_by_name
from crm_app.ui.records.timeline_data import Entry, entry_of
from crm_app.ui.records.values import Cell, cell_of, option_color

_HIGHLIGHTS = 4
_RELATED_FIELDS = 4
_SYSTEM = [("Record", tuple(field.name for field in SYSTEM_FIELDS))]
NO_RECORD = "There is no such record, or you may not see it."


class Item(TypedDict):
    label: str
    cell: Cell


class SectionShown(TypedDict):
    label: str
    items: list[Item]


class StageShown(TypedDict):
    name: str
    label: str
    color: str
    state: str


class RelatedLine(TypedDict):
    id: str
    href: str
    name: str
    cells: list[Cell]


class RelatedShown(TypedDict):
    key: str
    label: str
    icon: str
    count: str
    href: str
    new_href: str
    new_text: str
    lines: list[RelatedLine]


class NewActivity(TypedDict):
    label: str
    icon: str
    href: str


class RecordHead(TypedDict):
    """`can_move`: this person may change the stage of this record."""

    id: str
    title: str
    label: str
    plural: str
    icon: str
    list_href: str
    edit_href: str
    can_delete: bool
    can_move: bool


@dataclass(frozen=True)
class RecordData:
    head: RecordHead
    version: int
    highlights: list[Item]
    stages: list[StageShown]
    sections: list[SectionShown]
    system: list[SectionShown]
    related: list[RelatedShown]
    new_activities: list[NewActivity]
    entries: list[Entry]


def ref_of(name: str, identifier: str) -> RecordRef | None:
    parsed = parse_id(identifier)
    return RecordRef(name, parsed) if parsed else None


def record_data(work: UnitOfWork, ref: RecordRef) -> RecordData:
    definition = work.definition(ref.object)
    record = records.get_record(work, ref)
    readable = readable_by_name(work, ref.object)
    return RecordData(
        head=_head(work, definition, record),
        version=record.version,
        highlights=_highlights(work, definition, readable, record),
        stages=_stages(definition, record),
        sections=_sections(work, definition, readable, record, _laid_out(definition)),
        system=_sections(work, definition, readable, record, _SYSTEM),
        related=[_related(work, ref, each) for each in related_records(work, ref)],
        new_activities=_new_activities(work, ref),
        entries=[entry_of(entry, work.who.time_zone) for entry in timeline(work, ref)],
    )


def _reaches(work: UnitOfWork, action: str, record: Record) -> bool:
    """Whether this person may do that to this very record; the services decide again when it happens."""
    name = record.ref.object
    return objects.may(work, action, name) and work.reach(action, name).reaches(record.values.get("owner"))  # pyright: ignore[reportArgumentType]


def _head(work: UnitOfWork, definition: ObjectDefinition, record: Record) -> RecordHead:
    may_edit = _reaches(work, "edit", record)
    pipeline = definition.pipeline
    editable = objects.editable_fields(work, definition.name)
    return RecordHead(
        id=str(record.ref.id),
        title=record.name,
        label=definition.label,
        plural=definition.plural,
        icon=icon_name(definition.icon),
        list_href=list_path(definition.name),
        edit_href=edit_path(definition.name, record.ref.id) if may_edit else "",
        can_delete=_reaches(work, "delete", record),
        can_move=may_edit and pipeline is not None and pipeline.field in editable,
    )


def _item(work: UnitOfWork, definition: ObjectDefinition, field: FieldDefinition, record: Record) -> Item:
    cell = cell_of(definition, field, record, work.who.time_zone)
    if field.name == definition.name_field:
        cell = Cell(text=cell["text"], href="", out="", css="")
    return Item(label=field.label, cell=cell)


def _highlights(
    work: UnitOfWork, definition: ObjectDefinition, readable: dict[str, FieldDefinition], record: Record
) -> list[Item]:
    """The first fields of the list that say something, and the owner."""
    stage = definition.pipeline.field if definition.pipeline else ""
    skipped = {definition.name_field, stage, OWNER.name}
    names = [name for name in definition.shown_in_lists if name in readable and name not in skipped]
    items = [_item(work, definition, readable[name], record) for name in names]
    owner = [_item(work, definition, OWNER, record)] if OWNER.name in readable else []
    return [*[item for item in items if item["cell"]["text"]][:_HIGHLIGHTS], *owner]


def _stages(definition: ObjectDefinition, record: Record) -> list[StageShown]:
    pipeline = definition.pipeline
    if pipeline is None or pipeline.field not in record.values:
        return []
    field = definition.all_fields[pipeline.field]
    current = record.values.get(pipeline.field)
    names = [stage.name for stage in pipeline.stages]
    position = names.index(current) if current in names else -1
    return [
        StageShown(
            name=name,
            label=field.text(name),
            color=option_color(definition, field, name),
            state="current" if index == position else "past" if index < position else "ahead",
        )
        for index, name in enumerate(names)
    ]


def _laid_out(definition: ObjectDefinition) -> list[tuple[str, tuple[str, ...]]]:
    return [(section.label, section.fields) for section in definition.layout]


def _sections(
    work: UnitOfWork,
    definition: ObjectDefinition,
    readable: dict[str, FieldDefinition],
    record: Record,
    layout: list[tuple[str, tuple[str, ...]]],
) -> list[SectionShown]:
    return [
        SectionShown(label=label, items=items)
        for label, names in layout
        if (items := [_item(work, definition, readable[name], record) for name in names if name in readable])
    ]


def _related(work: UnitOfWork, ref: RecordRef, related: RelatedList) -> RelatedShown:
    definition = related.object
    readable = readable_by_name(work, definition.name)
    names = [n for n in definition.shown_in_lists if n not in {definition.name_field, related.field.name}]
    fields = [readable[name] for name in names if name in readable][:_RELATED_FIELDS]
    here = ListAddress(conditions=(Condition(related.field.name, "eq", str(ref.id)),))
    zone = work.who.time_zone
    return RelatedShown(
        key=f"{definition.name}.{related.field.name}",
        label=related.label,
        icon=icon_name(definition.icon),
        count=str(related.count),
        href=list_path(definition.name) + here.query(),
        new_href=_new_href(work, definition, related.field.name, ref),
        new_text=f"New {definition.label.lower()}",
        lines=[
            RelatedLine(
                id=str(record.ref.id),
                href=record_path(definition.name, record.ref.id),
                name=record.name,
                cells=[cell_of(definition, field, record, zone) for field in fields],
            )
            for record in related.records
        ],
    )


def _new_href(work: UnitOfWork, definition: ObjectDefinition, field: str, ref: RecordRef) -> str:
    if not objects.may(work, "create", definition.name):
        return ""
    return f"{new_path(definition.name)}?{urlencode({field: str(ref.id)})}"


def _new_activities(work: UnitOfWork, ref: RecordRef) -> list[NewActivity]:
    """One button for each kind of activity that can be about this record."""
    found: dict[str, NewActivity] = {}
    for related in work.catalog.related.get(ref.object, ()):
        definition = related.object
        if definition.activity and definition.name not in found and work.access(definition.name).allows("read"):
            href = _new_href(work, definition, related.field.name, ref)
            if href:
                label = f"New {definition.label.lower()}"
                found[definition.name] = NewActivity(label=label, icon=icon_name(definition.icon), href=href)
    return list(found.values())
