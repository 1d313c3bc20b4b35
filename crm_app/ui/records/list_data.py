"""What a list shows, worked out in one unit of work: plain strings, ready to paint."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypedDict

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.view import ViewDefinition
from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.rules.reading import reading
from crm_app.services import lists, objects
from crm_app.services.record_query import COUNT_CAP, Condition, Count, RecordPage, RecordQuery, Sort
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import board_path, deleted_path, export_path, list_path, new_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.done import done_field, done_state, may_mark
from crm_app.ui.records.filter_rules import filter_desk
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_headings import NO_CHECK, Heading, headings_of
from crm_app.ui.records.operators import chip_text
from crm_app.ui.records.reference_names import name_of_id
from crm_app.ui.records.values import Cell, cell_of


class Tab(TypedDict):
    label: str
    href: str
    is_current: bool


class Chip(TypedDict):
    label: str
    href: str


class Line(TypedDict):
    """`done` is `yes` or `no` for an activity, else empty."""

    id: str
    name: str
    done: str
    can_mark: bool
    cells: list[Cell]


class Header(TypedDict):
    """The part that list and board share."""

    name: str
    label: str
    plural: str
    noun: str
    icon: str
    list_href: str
    board_href: str
    new_href: str
    new_text: str
    export_href: str
    deleted_href: str


@dataclass(frozen=True)
class ListData:
    header: Header
    tabs: list[Tab]
    chips: list[Chip]
    check: Heading
    headings: list[Heading]
    lines: list[Line]
    versions: dict[str, int]
    count: Count
    first: int
    next_cursor: str


def view_of(work: UnitOfWork, name: str, address: ListAddress) -> ViewDefinition | None:
    if not address.view:
        return None
    found = next((v for v in work.catalog.views if v.object == name and v.name == address.view), None)
    if found is None:
        raise NotFound(f"There is no view '{address.view[:50]}'.")
    return found


def query_of(name: str, view: ViewDefinition | None, address: ListAddress) -> RecordQuery:
    """The records that an address speaks of, without page and fields: list, board and count share it."""
    view_sort = tuple(Sort(part.field, part.descending) for part in view.sort) if view else ()
    return RecordQuery(
        object=name,
        conditions=address.conditions,
        rule=address.rule,
        view_rule=view.filter if view else "",
        search=address.search,
        sort=(address.sort,) if address.sort else view_sort,
    )


def header_of(work: UnitOfWork, definition: ObjectDefinition, address: ListAddress) -> Header:
    name = definition.name
    shared = replace(address.first_page(), sort=None).query()
    return Header(
        name=name,
        label=definition.label,
        plural=definition.plural,
        noun=definition.plural.lower(),
        icon=icon_name(definition.icon),
        list_href=list_path(name) + shared,
        board_href=board_path(name) + shared if definition.pipeline else "",
        new_href=new_path(name) if objects.may(work, "create", name) else "",
        new_text=f"New {definition.label.lower()}",
        export_href=export_path(name) + address.first_page().query() if objects.may(work, "export", name) else "",
        deleted_href=deleted_path(name) if objects.may(work, "delete", name) else "",
    )


def tabs_of(work: UnitOfWork, name: str, kind: str, current: str) -> list[Tab]:
    path = list_path(name) if kind == "table" else board_path(name)
    views = [view for view in work.catalog.views if view.object == name and view.kind == kind]
    everything = Tab(label="All", href=path, is_current=not current)
    return [
        everything,
        *(Tab(label=v.label, href=f"{path}?view={v.name}", is_current=v.name == current) for v in views),
    ]


def readable_by_name(work: UnitOfWork, name: str) -> dict[str, FieldDefinition]:
    return {field.name: field for field in objects.readable_fields(work, name)}


def chips_of(
    work: UnitOfWork,
    path: str,
    name: str,
    fields: Mapping[str, FieldDefinition],
    address: ListAddress,
    page: RecordPage | None,
) -> list[Chip]:
    by_rule = [_rule_chip(work, path, name, address)] if address.rule else []
    return by_rule + [
        Chip(
            label=chip_text(fields[condition.field], condition, _reference_name(work, fields, condition, page)),
            href=path + address.without(condition).query(),
        )
        for condition in address.conditions
        if condition.field in fields
    ]


def _rule_chip(work: UnitOfWork, path: str, name: str, address: ListAddress) -> Chip:
    desk = filter_desk(work, name)
    return Chip(label=reading(desk.checked(address.rule).tree, desk.words), href=path + address.with_rule("").query())


def _reference_name(
    work: UnitOfWork, fields: Mapping[str, FieldDefinition], condition: Condition, page: RecordPage | None
) -> str:
    """The name behind an id in a filter, as far as this person may know it."""
    field = fields[condition.field]
    if not field.targets or condition.value is None:
        return ""
    value = str(condition.value)
    identifier = parse_id(value.rpartition(":")[2])
    for record in page.records if page else ():
        reference = record.references.get(field.name)
        if reference and reference.id == identifier:
            return reference.name
    return ", ".join(name_of_id(work, field, part) or "…" for part in value.split(","))


def list_data(work: UnitOfWork, name: str, address: ListAddress) -> ListData:
    definition = work.definition(name)
    view = view_of(work, name, address)
    readable = readable_by_name(work, name)
    done = done_field(work, definition)
    fields = [
        readable[field] for field in shown_fields(definition, view) if field in readable and readable[field] is not done
    ]
    needed = [field.name for field in fields] + ([done.name, OWNER.name] if done else [])
    asked = tuple(dict.fromkeys((definition.name_field, *(each for each in needed if each in readable))))
    query = replace(query_of(name, view, address), cursor=address.after, fields=asked)
    page = lists.list_records(work, query)
    usable = set(work.fields(name) or ())
    heads = headings_of(list_path(name), [*([done] if done else []), *fields], address, query.sort, usable)
    return ListData(
        header=header_of(work, definition, address),
        tabs=tabs_of(work, name, "table", address.view),
        chips=chips_of(work, list_path(name), name, readable, address, page),
        check={**heads.pop(0), "css": "check-cell"} if done else NO_CHECK,
        headings=heads,
        lines=_lines(work, definition, fields, done, page),
        versions={str(record.ref.id): record.version for record in page.records},
        count=lists.count_records(work, query, COUNT_CAP),
        first=address.start,
        next_cursor=page.next_cursor,
    )


def shown_fields(definition: ObjectDefinition, view: ViewDefinition | None) -> tuple[str, ...]:
    return view.fields if view and view.fields else definition.shown_in_lists


def _lines(
    work: UnitOfWork,
    definition: ObjectDefinition,
    fields: list[FieldDefinition],
    done: FieldDefinition | None,
    page: RecordPage,
) -> list[Line]:
    markable = done is not None and may_mark(work, definition)
    seen = [record.ref.id for record in page.records] if markable else []
    editable = work.among("edit", definition.name, seen)
    return [
        Line(
            id=str(record.ref.id),
            name=record.name,
            done=done_state(record.values.get(done.name)) if done else "",
            can_mark=record.ref.id in editable,
            cells=[cell_of(definition, field, record, work.who.time_zone) for field in fields],
        )
        for record in page.records
    ]


def exact_count(work: UnitOfWork, name: str, address: ListAddress) -> Count:
    return lists.count_records(work, query_of(name, view_of(work, name, address), address), None)
