"""A list as CSV: what it shows to this actor, all pages of it, a page in memory at a time."""

import csv
import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.file import FileConfig
from crm_app.fields.many_to_many import MAX_LINKS
from crm_app.kernel.actor import Actor
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.formula_guard import guarded
from crm_app.services.linked_names import with_linked
from crm_app.services.lists import (
    NEWEST_FIRST,
    as_records,
    expansions,
    record_filter,
    require_readable,
    require_sorts,
)
from crm_app.services.permissions import MASK
from crm_app.services.record_query import Record, RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

PAGE = 1_000
ID = "id"
_BOM = "\ufeff"
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class CsvExport:
    """`query.fields` are the file's columns, after the record's id if `has_id`. `is_for_people`: labels stand for the
    names of fields and options, and a byte order mark tells a spreadsheet that it is UTF-8.
    """

    query: RecordQuery
    is_for_people: bool = False
    has_id: bool = True
    has_bom: bool = False


Ask = Callable[[UnitOfWork], CsvExport]


def csv_stream(workspace: Workspace, actor: Actor, ask: Ask) -> Generator[bytes]:
    """`ask` says, in a unit of work, what is wanted. Every refusal comes before the first piece; that somebody took the
    records out is audited before they have any.
    """
    with workspace.work(actor) as work:
        wanted = ask(work)
        work.require("export", wanted.query.object)
        _note(work, wanted)
    with workspace.reading(actor) as work:
        for piece in _pieces(work, ask(work)):
            yield piece.encode()


def _pieces(work: UnitOfWork, wanted: CsvExport) -> Iterator[str]:
    name = wanted.query.object
    fields = [require_readable(work, name, field_name) for field_name in wanted.query.fields]
    heads = [f.label if wanted.is_for_people else f.name for f in fields]
    head = [*([ID] if wanted.has_id else []), *map(guarded, heads)]
    start = (_BOM if wanted.has_bom else "") + _lines([head])
    for page in _pages(work, wanted.query):
        yield start + _lines([_cells(record, fields, wanted) for record in page])
        start = ""


def _pages(work: UnitOfWork, query: RecordQuery) -> Iterator[tuple[Record, ...]]:
    """By keyset, so that the last page costs what the first does. Only records that may be both read and exported."""
    definition = work.definition(query.object)
    work.require("export", query.object)
    chosen = record_filter(work, query)
    chosen = replace(chosen, reach=chosen.reach.within(work.reach("export", query.object)))
    sorts = query.sort or NEWEST_FIRST
    require_sorts(work, query.object, sorts)
    named = expansions(work, query.object, (), query.fields)
    linked = [field for field in definition.linked_fields if field.name in query.fields]
    read = tuple(dict.fromkeys((*query.fields, definition.name_field)))
    cursor = query.cursor
    while True:
        found, cursor = work.records.page(
            chosen, [(sort.field, sort.descending) for sort in sorts], PAGE, cursor, read, named
        )
        records = as_records(work, query.object, found)
        yield with_linked(work, records, linked, (), MAX_LINKS) if linked else records
        if not cursor:
            return


def _cells(record: Record, fields: list[FieldDefinition], wanted: CsvExport) -> list[str]:
    cells = [_cell(record, each, wanted) for each in fields]
    return [str(record.ref.id), *cells] if wanted.has_id else cells


def _cell(record: Record, definition: FieldDefinition, wanted: CsvExport) -> str:
    """What points at a record says its name, and nothing where this actor can't see it; a masked value is the mask."""
    value: Any = record.values.get(definition.name)
    if value is None or value == MASK:
        return value or ""
    if definition.field_type.is_linked:
        return guarded("; ".join(each.name for each in record.linked.get(definition.name, ())))
    if definition.field_type.is_relation:
        reference = record.references.get(definition.name)
        return guarded(reference.name) if reference else ""
    if wanted.is_for_people and isinstance(definition.settings, (ChoiceConfig, FileConfig)):
        return guarded(definition.text(value))
    text = definition.edit(value)
    return text if definition.field_type.is_numeric and _NUMBER.fullmatch(text) else guarded(text)


def _lines(rows: list[list[str]]) -> str:
    output = StringIO(newline="")
    csv.writer(output, lineterminator="\r\n").writerows(rows)
    return output.getvalue()


def _note(work: UnitOfWork, wanted: CsvExport) -> None:
    query = wanted.query
    asked = {
        "fields": list(query.fields),
        "rule": query.rule,
        "view_rule": query.view_rule,
        "search": query.search,
        "ids": [str(each) for each in query.ids or ()],
        "conditions": [[c.field, c.operator, c.value] for c in query.conditions],
    }
    write_entry(work, Entry("records.exported", query.object, after={name: v for name, v in asked.items() if v}))
