"""Lists, counts, groups and searches. One filter, built here, is behind all of them, so they agree."""

import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.errors import Invalid, Problem
from crm_app.kernel.events import RecordRef
from crm_app.rules.check import check, typed_tree
from crm_app.rules.conditions import condition_tree
from crm_app.rules.tree import Logic, Node
from crm_app.services.filter_values import WORDS, parsed_value
from crm_app.services.linked_names import with_linked
from crm_app.services.record_query import (
    COUNT_CAP,
    MAX_PAGE_SIZE,
    Condition,
    Count,
    Group,
    Record,
    RecordPage,
    RecordQuery,
    Reference,
    Sort,
)
from crm_app.services.targets import without_unseen
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.filters import Filter
from crm_app.storage.records import Expansion, Found
from crm_app.storage.shape import StoredRecord

MAX_CONDITIONS = 20
MAX_SORTS = 3
NEWEST_FIRST = (Sort("created_at", descending=True),)


class BadQuery(Invalid):
    """The filter, sort or page is not one that this object has."""

    code = "bad_query"


def list_records(work: UnitOfWork, query: RecordQuery) -> RecordPage:
    """One page. With `fields` given, the relations among them come with the names of what they point at."""
    chosen = record_filter(work, query)
    sorts = query.sort or NEWEST_FIRST
    require_sorts(work, query.object, sorts)
    if not 1 <= query.limit <= MAX_PAGE_SIZE:
        raise BadQuery(f"A page has 1 to {MAX_PAGE_SIZE} records.")
    started = time.monotonic()
    found, next_cursor = work.records.page(
        chosen,
        [(sort.field, sort.descending) for sort in sorts],
        query.limit,
        query.cursor,
        query.fields or None,
        expansions(work, query.object, query.expand, query.fields),
    )
    _note_time(work, chosen, sorts, started)
    records = as_records(work, query.object, found)
    return RecordPage(linked_too(work, query.object, records, query.expand, query.fields), next_cursor)


def count_records(work: UnitOfWork, query: RecordQuery, cap: int | None = COUNT_CAP) -> Count:
    """How many records the same query lists in all; exact when `cap` is `None`."""
    chosen, started = record_filter(work, query), time.monotonic()
    value, is_capped = work.records.count(chosen, cap)
    _note_time(work, chosen, query.sort or NEWEST_FIRST, started)
    return Count(value, is_capped)


def _note_time(work: UnitOfWork, chosen: Filter, sorts: Sequence[Sort], started: float) -> None:
    took_ms = round((time.monotonic() - started) * 1_000)
    work.tools.slow_lists.note(chosen, [sort.field for sort in sorts], took_ms)


def aggregate_records(work: UnitOfWork, query: RecordQuery, group_by: str, sums: tuple[str, ...] = ()) -> list[Group]:
    """Counts and sums of the records that the same query lists, per value of a field."""
    chosen = record_filter(work, query)
    for name in (group_by, *sums):
        require_field(work, query.object, name)
    groups = work.records.groups(chosen, group_by, sums)
    return [Group(key, count, totals) for key, count, totals in groups]


def search_names(work: UnitOfWork, name: str, words: str, limit: int = 8) -> list[Reference]:
    """Records whose name holds the words, in the order of their names."""
    definition = work.definition(name)
    query = RecordQuery(
        name,
        search=words.strip()[:200],
        sort=(Sort(definition.name_field),),
        limit=limit,
        fields=(definition.name_field,),
    )
    return [Reference(name, record.ref.id, record.name) for record in list_records(work, query).records]


def record_filter(work: UnitOfWork, query: RecordQuery) -> Filter:
    """What the query reaches for this actor: permission, conditions, rule and words in one filter."""
    definition = work.definition(query.object)
    terms: list[Node] = []
    if query.conditions:
        if len(query.conditions) > MAX_CONDITIONS:
            raise BadQuery(f"At most {MAX_CONDITIONS} conditions fit one filter.")
        parsed = [_parsed(work, definition, condition) for condition in query.conditions]
        terms.append(typed_tree(condition_tree(parsed), query.object, work))
    texts = (query.view_rule, query.rule)
    terms += [check(text, query.object, work).tree for text in texts if text.strip()]
    if query.within is not None:
        terms.append(query.within)
    rule = (
        terms[0]
        if len(terms) == 1
        else Logic(operator="and", terms=tuple(terms), type=terms[0].type)
        if terms
        else None
    )
    if query.search:
        require_field(work, query.object, definition.name_field)
    return Filter(query.object, work.reach("read", query.object), rule, query.search.strip(), query.ids)


def require_field(work: UnitOfWork, name: str, field: object) -> FieldDefinition:
    """A field that exists for this actor and may be filtered, sorted or grouped by: never a hidden or masked one."""
    definition = work.definition(name)
    found = definition.all_fields.get(field) if isinstance(field, str) else None
    if found is None or field not in (work.fields(name) or {}):
        raise BadQuery(f"{definition.label} has no field '{str(field)[:50]}'.")
    return found


def expansions(work: UnitOfWork, name: str, expand: tuple[str, ...], named: tuple[str, ...] = ()) -> list[Expansion]:
    """`expand` brings whole records along, `named` only names; a target stays away that the actor can't see, or whose
    field is masked.
    """
    found: dict[str, list[Expansion]] = {}
    masked = work.access(name).masked
    for field_name in (*named, *expand):
        field = require_readable(work, name, field_name)
        if not field.field_type.is_relation:
            if field_name in expand and not field.field_type.is_linked:
                raise BadQuery(f"'{field_name}' is no relation, so it can't be expanded.")
            continue
        if field_name in masked:
            continue
        found[field_name] = [_expansion(work, field, target, is_whole=field_name in expand) for target in field.targets]
    return [expansion for of_field in found.values() for expansion in of_field]


def linked_too(
    work: UnitOfWork, name: str, records: tuple[Record, ...], expand: tuple[str, ...], named: tuple[str, ...]
) -> tuple[Record, ...]:
    """The records with what their many-to-many fields link to, as `expansions` brings along the rest."""
    linked = [field for field in work.definition(name).linked_fields if field.name in {*named, *expand}]
    if not linked or not records:
        return records
    return with_linked(work, records, linked, expand)


def _expansion(work: UnitOfWork, field: FieldDefinition, name: str, *, is_whole: bool) -> Expansion:
    target = work.catalog.by_name[name]
    fields = tuple(target.all_fields) if is_whole else (target.name_field,)
    return Expansion(field.name, name, fields, work.reach("read", name), field.is_to_any)


def require_readable(work: UnitOfWork, name: str, field: str) -> FieldDefinition:
    definition = work.definition(name)
    found = definition.all_fields.get(field)
    if found is None or field in work.access(name).hidden:
        raise BadQuery(f"{definition.label} has no field '{field[:50]}'.")
    return found


def as_record(work: UnitOfWork, name: str, found: Found) -> Record:
    """What of a stored record this actor may read."""
    return as_records(work, name, [found])[0]


def as_records(work: UnitOfWork, name: str, found: Sequence[Found]) -> tuple[Record, ...]:
    """The same for a page; where nothing is closed to the actor, nothing is asked per record."""
    definition = work.catalog.by_name[name]
    stored = without_unseen(work, definition, [each.record for each in found])
    access = work.access(name)
    if access.hidden or access.masked or any(each.targets for each in found):
        brought = _brought(work, found)
        return tuple(_opened(work, definition, each, along) for each, along in zip(stored, brought, strict=True))
    return tuple(Record(RecordRef(name, s.id), name_of(definition, s.values), s.version, s.values) for s in stored)


def _opened(
    work: UnitOfWork, definition: ObjectDefinition, stored: StoredRecord, brought: dict[str, Reference]
) -> Record:
    values = work.readable(definition.name, stored.values)
    ref = RecordRef(definition.name, stored.id)
    return Record(ref, name_of(definition, values), stored.version, values, brought)


def _brought(work: UnitOfWork, found: Sequence[Found]) -> Iterator[dict[str, Reference]]:
    """What each record brings along, by field; of a target, too, nothing that points at what the actor can't see."""
    targets: dict[str, list[StoredRecord]] = {}
    for target in chain.from_iterable(each.targets.values() for each in found):
        targets.setdefault(target.object, []).append(target.record)
    seen = {name: iter(without_unseen(work, work.catalog.by_name[name], some)) for name, some in targets.items()}
    for each in found:
        yield {field: _reference(work, to.object, next(seen[to.object])) for field, to in each.targets.items()}


def _reference(work: UnitOfWork, name: str, target: StoredRecord) -> Reference:
    values = work.readable(name, target.values)
    return Reference(name, target.id, str(values.get(work.catalog.by_name[name].name_field) or ""), values)


def name_of(definition: ObjectDefinition, values: Mapping[str, Any]) -> str:
    value = values.get(definition.name_field)
    if not isinstance(value, str):
        value = definition.all_fields[definition.name_field].text(value)
    return value or definition.label


def _parsed(work: UnitOfWork, definition: ObjectDefinition, condition: Condition) -> tuple[str, str, Any]:
    """The condition with its value as the field stores it; `me` stands for the actor in a field of people."""
    field = require_field(work, definition.name, condition.field)
    operators = field.field_type.operators
    if condition.operator not in operators:
        known = ", ".join(operators)
        raise BadQuery(f"{field.label} can't be filtered by '{str(condition.operator)[:30]}'. It knows {known}.")
    if condition.operator in ("is_empty", "is_not_empty"):
        return field.name, condition.operator, None
    is_words = condition.operator in WORDS and field.rule_type.kind == "text"
    operator = f"{condition.operator}_any_case" if is_words else condition.operator
    try:
        return field.name, operator, parsed_value(work, field, condition)
    except FieldValueError as error:
        raise BadQuery("The filter can't be used.", [Problem(field.name, str(error))]) from None


def require_sorts(work: UnitOfWork, name: str, sorts: tuple[Sort, ...]) -> None:
    if len(sorts) > MAX_SORTS:
        raise BadQuery(f"At most {MAX_SORTS} fields sort one list.")
    for sort in sorts:
        field = require_field(work, name, sort.field)
        if not field.field_type.is_sortable:
            raise BadQuery(f"A list can't be sorted by {field.label}.")
