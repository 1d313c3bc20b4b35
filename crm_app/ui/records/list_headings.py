"""What stands above a list's columns, and how a click there sorts it."""

from typing import TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.services.record_query import Sort
from crm_app.ui.records.list_address import ListAddress


class Heading(TypedDict):
    label: str
    href: str
    sorted: str
    css: str


NO_CHECK = Heading(label="", href="", sorted="", css="")


def headings_of(
    path: str, fields: list[FieldDefinition], address: ListAddress, sort: tuple[Sort, ...], usable: set[str]
) -> list[Heading]:
    """A masked field is shown, but a list sorted by it would tell what it hides."""
    current = sort[0] if sort else None
    return [_heading(path, field, address, current, field.name in usable) for field in fields]


def _heading(path: str, field: FieldDefinition, address: ListAddress, current: Sort | None, is_usable: bool) -> Heading:
    own = current if current and current.field == field.name else None
    is_current, descending = own is not None, own is not None and own.descending
    following = Sort(field.name, descending=is_current and not descending)
    return Heading(
        label=field.label,
        href=path + address.sorted_by(following).query() if is_usable and field.field_type.is_sortable else "",
        sorted=("descending" if descending else "ascending") if is_current else "",
        css="number" if field.field_type.is_numeric else "",
    )
