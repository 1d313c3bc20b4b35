"""Which indexes the definitions ask for, each with its reasons in words. Pure: nothing here asks the database."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import DuplicateRule, ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.view import ViewDefinition
from crm_app.storage.names import MAX_IDENTIFIER
from crm_app.storage.system_tables import RECORD_SCHEMA

_DIGEST = 8
_LIVE = '"deleted_at" IS NULL'
_TIE = ('"id"',)
_NEWEST = ('"created_at"', *_TIE)
_LISTED_OBJECTS = 3
_COLUMNS = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class WantedIndex:
    """`table` is where the object is stored. `keys` and `only` are SQL; `fields` the fields that lead it, in order.
    `whose` comes last and orders nothing: who sees only some people's or places' records passes over others within the
    index, without reading them. Its name follows from what it is: an index whose definition changes is another index,
    one whose field is renamed is not.
    """

    table: str
    fields: tuple[str, ...]
    keys: tuple[str, ...]
    reasons: tuple[str, ...] = field(compare=False)
    whose: tuple[str, ...] = ()
    is_unique: bool = False
    is_for_search: bool = False
    is_for_matching: bool = False
    only: str = _LIVE

    @cached_property
    def name(self) -> str:
        what = (self.table, (*self.keys, *self.whose), self.is_unique, self.is_for_search, self.only)
        digest = hashlib.sha256(repr(what).encode()).hexdigest()[:_DIGEST]
        kind = (
            "unique"
            if self.is_unique
            else "search"
            if self.is_for_search
            else "match"
            if self.is_for_matching
            else "list"
        )
        columns = [column for column in _COLUMNS.findall(" ".join(self.keys)) if column != "id"]
        readable = f"{self.table}__{'_'.join((*columns, kind))}"
        return f"{readable[: MAX_IDENTIFIER - _DIGEST - 1]}_{digest}"

    def create(self, *, concurrently: bool) -> str:
        """The statement; the names in it are API names of published definitions, quoted."""
        unique = "UNIQUE " if self.is_unique else ""
        how = "CONCURRENTLY " if concurrently else ""
        method = "gin" if self.is_for_search else "btree"
        where = f" WHERE {self.only}" if self.only else ""
        keys = ", ".join((*self.keys, *self.whose))
        return (
            f'CREATE {unique}INDEX {how}IF NOT EXISTS "{self.name}" ON "{RECORD_SCHEMA}"."{self.table}" '
            f"USING {method} ({keys}){where}"
        )

    def drop(self, *, concurrently: bool) -> str:
        how = "CONCURRENTLY " if concurrently else ""
        return f'DROP INDEX {how}IF EXISTS "{RECORD_SCHEMA}"."{self.name}"'


def wanted_indexes(package: Package) -> dict[str, WantedIndex]:
    """By name. An index that several definitions ask for is one, with all their reasons."""
    views: Mapping[str, list[ViewDefinition]] = defaultdict(list)
    for view in package.views:
        views[view.object].append(view)
    found: dict[str, WantedIndex] = {}
    for definition in package.objects:
        for index in _of_object(definition, package, views.get(definition.name, [])):
            known = found.get(index.name)
            reasons = tuple(dict.fromkeys((*known.reasons, *index.reasons))) if known else index.reasons
            found[index.name] = replace(index, reasons=reasons)
    return found


def unique_index(definition: ObjectDefinition, fields: Sequence[FieldDefinition]) -> WantedIndex:
    """What keeps two live records from sharing the values of all these fields; text is compared without regard to case,
    and a record in which one of them is empty shares nothing.
    """
    reason = f"No two {definition.plural.lower()} may share their {' and '.join(field.label for field in fields)}"
    names = tuple(field.name for field in fields)
    only = " AND ".join([_LIVE, *(f"{_quoted(field)} IS NOT NULL" for field in fields)])
    keys = tuple(
        key for field in fields for key in (sort_key(field), *(f'"{name}"' for name in further_columns(field)))
    )
    return WantedIndex(definition.stored, names, keys, (reason,), is_unique=True, only=only)


def further_columns(field: FieldDefinition) -> tuple[str, ...]:
    """Those without which two different values look the same, such as the currency of money; the first column of a
    value in parts holds all of it.
    """
    return () if field.field_type.parts else field.stored_columns[1:]


def sort_key(field: FieldDefinition) -> str:
    """Text sorts without regard to case; everything else by its value."""
    return f"lower({_quoted(field)})" if field.rule_type.kind == "text" else _quoted(field)


def _quoted(field: FieldDefinition) -> str:
    return f'"{field.stored_columns[0]}"'


def _of_object(definition: ObjectDefinition, package: Package, views: list[ViewDefinition]) -> Iterator[WantedIndex]:
    plural = definition.plural
    yield WantedIndex(
        definition.stored,
        ("created_at",),
        _NEWEST,
        (f"{plural} are listed from the newest unless a view says otherwise",),
        _whose(definition),
    )
    yield _filtered(definition, OWNER, *_scope_reasons(definition, package))
    for each in definition.fields:
        yield from _of_field(definition, each, package)
    for fields in definition.unique_sets.values():
        yield unique_index(definition, fields)
    for rule in definition.duplicate_rules:
        yield _matched(definition, rule)
    for pipeline in definition.pipelines:
        stage = definition.all_fields[pipeline.field]
        yield _filtered(definition, stage, f"Board of pipeline {pipeline.label}: the {plural.lower()} of one stage")
    for view in views:
        yield from _of_view(definition, view)


def _matched(definition: ObjectDefinition, rule: DuplicateRule) -> WantedIndex:
    """Finds the records that a new one is like; `duplicates.py` asks with the same expressions."""
    fields = [definition.all_fields[name] for name in rule.match]
    keys = tuple(
        key for field in fields for key in (_match_key(field), *(f'"{name}"' for name in further_columns(field)))
    )
    reason = f"Duplicate rule {rule.label}: {definition.plural.lower()} that are alike"
    return WantedIndex(definition.stored, rule.match, keys, (reason,), is_for_matching=True)


def _match_key(field: FieldDefinition) -> str:
    is_text = field.rule_type.kind == "text"
    return f"lower(btrim(normalize({_quoted(field)}, NFC)))" if is_text else _quoted(field)


def _of_field(definition: ObjectDefinition, field: FieldDefinition, package: Package) -> Iterator[WantedIndex]:
    plural = definition.plural
    if field.field_type.is_relation:
        target = package.by_name.get(field.target)
        where = f"{target.label}'s page" if target else "that record's page"
        yield _filtered(definition, field, f"{plural} on their {where}, through {field.label}")
    is_name = field.name == definition.name_field
    if is_name or field.searchable:
        keys = (f"lower({_quoted(field)}) gin_trgm_ops",)
        reason = f"Search in {plural} by {field.label}"
        yield WantedIndex(definition.stored, (field.name,), keys, (reason,), is_for_search=True, only="")
    if is_name:
        yield _sorted(definition, field, f"{plural} sorted by {field.label}, and found by it")
    if field.indexed:
        reason = f"Field {field.label} is marked as indexed"
        yield _sorted(definition, field, reason) if _is_ordered(field) else _filtered(definition, field, reason)


def _of_view(definition: ObjectDefinition, view: ViewDefinition) -> Iterator[WantedIndex]:
    """A view's sort, and one led by each pipeline's field, so that a filtered list reads only its first page."""
    if not view.sort:
        return
    sort = definition.all_fields[view.sort[0].field]
    if sort.is_computed:
        return
    yield _sorted(definition, sort, f"View {view.label}, sorted by {sort.label}")
    for pipeline in definition.pipelines:
        stage = definition.all_fields[pipeline.field]
        if stage is sort:
            continue
        reason = f"View {view.label}, sorted by {sort.label}, filtered by {stage.label}"
        fields, keys = (stage.name, sort.name), (_quoted(stage), sort_key(sort), *_TIE)
        yield WantedIndex(definition.stored, fields, keys, (reason,), _whose(definition, stage, sort))


def _filtered(definition: ObjectDefinition, field: FieldDefinition, *reasons: str) -> WantedIndex:
    """Serves records with one value of the field, newest first."""
    fields = (field.name, "created_at")
    return WantedIndex(definition.stored, fields, (_quoted(field), *_NEWEST), reasons)


def _sorted(definition: ObjectDefinition, field: FieldDefinition, reason: str) -> WantedIndex:
    """Serves a list in the field's order, in either direction, and ranges of its values."""
    keys = (sort_key(field), *_TIE)
    return WantedIndex(definition.stored, (field.name,), keys, (reason,), _whose(definition, field))


def _whose(definition: ObjectDefinition, *leading: FieldDefinition) -> tuple[str, ...]:
    """What scopes go by, except those that lead the index already."""
    places = [each for each in definition.fields if each.name == definition.access.territory]
    return tuple(_quoted(each) for each in (OWNER, *places) if each not in leading)


def _is_ordered(field: FieldDefinition) -> bool:
    """Whether ranges of it are asked for, rather than single values."""
    return "gt" in field.field_type.operators or field.rule_type.kind == "text"


def _scope_reasons(definition: ObjectDefinition, package: Package) -> list[str]:
    """Who may see only some people's records is asked about in every list they open."""
    narrowed = [
        role.label
        for role in package.roles
        if any(
            grant.scope != "all" and grant.effect == "allow" and {"*", definition.name} & set(grant.objects)
            for grant in role.grants
        )
    ]
    reasons = [f"{definition.plural} of one owner"]
    if narrowed:
        more = f" and {len(narrowed) - _LISTED_OBJECTS} more" if len(narrowed) > _LISTED_OBJECTS else ""
        named = ", ".join(narrowed[:_LISTED_OBJECTS])
        reasons.append(f"What {named}{more} may see: only their own or their team's {definition.plural.lower()}")
    return reasons
