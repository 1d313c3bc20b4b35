"""What points at a record: its related lists, and the activities that can be added to it."""

from typing import TypedDict
from urllib.parse import urlencode

from crm_app.definitions.package import Related
from crm_app.kernel.events import RecordRef
from crm_app.services import objects
from crm_app.services.linking import loose, may_link
from crm_app.services.record_query import given_value, pointing_here
from crm_app.services.timeline import RelatedList
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import list_path, new_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import readable_by_name
from crm_app.ui.records.values import Cell, cell_of

_RELATED_FIELDS = 4


class RelatedLine(TypedDict):
    id: str
    href: str
    name: str
    cells: list[Cell]
    can_unlink: bool


class RelatedShown(TypedDict):
    """`link_text` is empty where this person can't put records in."""

    key: str
    label: str
    icon: str
    count: str
    href: str
    new_href: str
    new_text: str
    link_text: str
    lines: list[RelatedLine]


class NewActivity(TypedDict):
    label: str
    icon: str
    href: str


def related_shown(work: UnitOfWork, ref: RecordRef, related: RelatedList) -> RelatedShown:
    definition = related.object
    readable = readable_by_name(work, definition.name)
    names = [n for n in definition.shown_in_lists if n not in {definition.name_field, related.field.name}]
    fields = [readable[name] for name in names if name in readable][:_RELATED_FIELDS]
    pointing = Related(definition, related.field)
    here = ListAddress(conditions=(pointing_here(pointing, ref),))
    zone, linked = work.who.time_zone, loose(work, pointing, related.records)
    return RelatedShown(
        key=related.name,
        label=related.label,
        icon=icon_name(definition.icon),
        count=str(related.count),
        href=list_path(definition.name) + here.query(),
        new_href=_new_href(work, pointing, ref),
        new_text=f"New {definition.label.lower()}",
        link_text=f"Add {definition.plural.lower()} that are there already" if may_link(work, pointing) else "",
        lines=[
            RelatedLine(
                id=str(record.ref.id),
                href=record_path(definition.name, record.ref.id),
                name=record.name,
                cells=[cell_of(definition, field, record, zone) for field in fields],
                can_unlink=record.ref.id in linked,
            )
            for record in related.records
        ],
    )


def _new_href(work: UnitOfWork, related: Related, ref: RecordRef) -> str:
    if not objects.may(work, "create", related.object.name):
        return ""
    return f"{new_path(related.object.name)}?{urlencode({related.field.name: given_value(related, ref)})}"


def new_activities(work: UnitOfWork, ref: RecordRef) -> list[NewActivity]:
    """One button for each kind of activity that can be about this record."""
    found: dict[str, NewActivity] = {}
    for related in work.catalog.related.get(ref.object, ()):
        definition = related.object
        is_open = related.field.name in (work.fields(definition.name) or {})
        if definition.activity and definition.name not in found and is_open:
            href = _new_href(work, related, ref)
            if href:
                label = f"New {definition.label.lower()}"
                found[definition.name] = NewActivity(label=label, icon=icon_name(definition.icon), href=href)
    return list(found.values())
