"""What an administrator sees of indexes: each with its reason, size and use, and the lists that none of them serves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from crm_app.definitions.object import ObjectDefinition
from crm_app.services.in_person import require_administrator
from crm_app.services.slow_lists import ListShape, SlowList, slow_lists
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.stored_indexes import StoredIndex, failures, stored_indexes
from crm_app.storage.wanted_indexes import WantedIndex, wanted_indexes

State = Literal["ready", "building", "waiting", "failed", "leaving"]
_SINGLE = frozenset({"=", "in"})
_RANGE = frozenset({"<", "<=", ">", ">=", "between"})
_WORDS = frozenset({"contains", "search"})
_SEE = "see the indexes"


@dataclass(frozen=True)
class IndexInfo:
    """`waiting`: the keeper has not come to it yet; `leaving`: nothing wants it any more. `problem` is a sentence."""

    name: str
    object: str
    fields: tuple[str, ...]
    kind: Literal["list", "search", "unique"]
    reasons: tuple[str, ...]
    state: State
    size_bytes: int
    scans: int
    percent: int
    problem: str


@dataclass(frozen=True)
class SlowListInfo:
    """`serving` are the fields of the indexes that could serve it; `advice` says what would."""

    slow: SlowList
    object: str
    filters: tuple[str, ...]
    sorts: tuple[str, ...]
    serving: tuple[tuple[str, ...], ...]
    advice: str


def indexes(work: UnitOfWork) -> list[IndexInfo]:
    """Those that are wanted and those that are there, by object."""
    require_administrator(work, _SEE)
    wanted, stored = wanted_indexes(work.catalog), stored_indexes(work.connection)
    refused = {name: error for name, (error, _) in failures(work.connection).items()}
    objects = {definition.stored: definition for definition in work.catalog.objects}
    found = [_wanted(work, objects[index.table], index, stored.get(name), refused) for name, index in wanted.items()]
    found += [
        _leaving(objects[index.table], index)
        for name, index in stored.items()
        if name not in wanted and index.table in objects
    ]
    return sorted(found, key=lambda info: (info.object, info.kind, info.fields))


def slow(work: UnitOfWork) -> list[SlowListInfo]:
    """Lists of objects that are still there, the most costly first."""
    require_administrator(work, _SEE)
    wanted, stored = wanted_indexes(work.catalog), stored_indexes(work.connection)
    ready: dict[str, list[WantedIndex]] = {}
    for name, index in wanted.items():
        if name in stored and stored[name].is_valid:
            ready.setdefault(index.table, []).append(index)
    return [
        _slow(each, work.catalog.by_name[each.shape.object], ready)
        for each in slow_lists(work.connection)
        if each.shape.object in work.catalog.by_name
    ]


def _wanted(
    work: UnitOfWork,
    definition: ObjectDefinition,
    index: WantedIndex,
    stored: StoredIndex | None,
    refused: Mapping[str, str],
) -> IndexInfo:
    is_valid = stored is not None and stored.is_valid
    problem = "" if is_valid else refused.get(index.name, "")
    if problem and not work.closed(definition.name).isdisjoint(path.partition(".")[0] for path in index.fields):
        problem = "It can't be built. Somebody who may see its fields can see here why."
    is_building = stored is not None and stored.is_building
    state: State = "ready" if is_valid else "building" if is_building else "failed" if problem else "waiting"
    return IndexInfo(
        index.name,
        definition.plural,
        _labels(definition, index.fields),
        "unique" if index.is_unique else "search" if index.is_for_search else "list",
        index.reasons,
        state,
        stored.size_bytes if stored else 0,
        stored.scans if stored else 0,
        stored.percent if stored else 0,
        problem,
    )


def _leaving(definition: ObjectDefinition, index: StoredIndex) -> IndexInfo:
    reasons = ("No definition asks for it any more; it will be dropped",)
    return IndexInfo(
        index.name, definition.plural, (), "list", reasons, "leaving", index.size_bytes, index.scans, 0, ""
    )


def _labels(definition: ObjectDefinition, fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(_label(definition, field) for field in fields)


def _label(definition: ObjectDefinition, path: str) -> str:
    first, _, rest = path.partition(".")
    field = definition.all_fields.get(first)
    label = field.label if field else first
    return f"{label} → {rest}" if rest else label


def _slow(slow: SlowList, definition: ObjectDefinition, ready: Mapping[str, list[WantedIndex]]) -> SlowListInfo:
    named = tuple((field or definition.name_field, operator) for field, operator in slow.shape.filters)
    shape = replace(slow.shape, filters=named)
    filters = tuple(f"{_label(definition, field)} {operator}" for field, operator in shape.filters)
    serving = [index for index in ready.get(definition.stored, ()) if _serves(index, shape)]
    return SlowListInfo(
        slow,
        definition.plural,
        filters,
        _labels(definition, shape.sorts),
        tuple(_labels(definition, index.fields) for index in serving),
        _advice(definition, shape, serving),
    )


def _serves(index: WantedIndex, shape: ListShape) -> bool:
    """Whether it finds what the list filters by: one that only has its order reads what is refused too, and one that
    finds duplicates has values as only they are compared.
    """
    if index.is_for_matching:
        return False
    asked = {operator for field, operator in shape.filters if field == index.fields[0]}
    if index.is_for_search:
        return bool(asked & _WORDS)
    if not shape.filters:
        return index.fields[0] == shape.sorts[0]
    return bool(asked & _SINGLE) or (bool(asked & _RANGE) and len(index.fields) == 1)


def _advice(definition: ObjectDefinition, shape: ListShape, serving: Sequence[WantedIndex]) -> str:
    if serving:
        return (
            "An index serves it, but many records pass this filter or are read to know that they don't. "
            "Filter by something narrower."
        )
    suggestions = list(dict.fromkeys(_suggestions(definition, shape)))
    if not suggestions:
        return "No index can serve this filter. Filter by another field of the object as well."
    return f"No index serves it. {' Or: '.join(suggestions[:2])}"


def _suggestions(definition: ObjectDefinition, shape: ListShape) -> Iterator[str]:
    stages = {pipeline.field for pipeline in definition.pipelines}
    for path, operator in shape.filters:
        field = definition.all_fields.get(path)
        if field is None or field not in definition.fields or field.is_computed:
            continue
        if operator in _SINGLE | _RANGE and field.field_type.is_sortable:
            yield f"Mark the field {field.label} as indexed."
        elif operator in _WORDS and field.rule_type.kind == "text":
            yield f"Mark the field {field.label} as searchable."
    sort = definition.all_fields.get(shape.sorts[0])
    if (
        sort is not None
        and not sort.is_computed
        and (not shape.filters or stages & {path for path, _ in shape.filters})
    ):
        filtered = [definition.all_fields[path].label for path, _ in shape.filters if path in stages]
        within = f" filtered by {filtered[0]}" if filtered else ""
        yield f"Make a view of {definition.plural} sorted by {sort.label}{within}."
