"""Where values come from."""

from typing import Any, cast
from uuid import UUID

from crm_app.fields.compound import Compound
from crm_app.kernel.events import RecordRef
from crm_app.rules.closures import Build, Closure, Reach
from crm_app.rules.exact import as_utc
from crm_app.rules.inputs import Record
from crm_app.rules.tree import Context, Literal, Member, Name, Part, is_related


def literal(node: Literal, _build: Build) -> Closure:
    value = node.value
    return lambda _reach: value


def context(node: Context, _build: Build) -> Closure:
    match node.name:
        case "me":
            return lambda reach: reach.inputs.me
        case "today":
            return lambda reach: reach.inputs.today
        case _:
            return lambda reach: as_utc(reach.inputs.now)


def name(node: Name, _build: Build) -> Closure:
    match node.root:
        case "old":
            return _old(node.name)
        case "vars":
            return lambda reach: reach.inputs.variables.get(node.name)
        case "steps":
            return _output(node.step, node.name)
        case "element":
            return _element(node)
        case "record":
            return _field(node)


def _field(node: Name) -> Closure:
    field, level = node.name, node.level

    def related(reach: Reach) -> Any:
        return _related(reach, reach.records[level], node)

    def own(reach: Reach) -> Any:
        return reach.inputs.record.get(field)

    def of_any(reach: Reach) -> Any:
        return _id_of(reach.records[level].get(field))

    def of_element(reach: Reach) -> Any:
        return reach.records[level].get(field)

    if node.type.kind == "ref" and not node.type.object:
        return of_any
    return related if is_related(node) else of_element if level else own


def _related(reach: Reach, record: Record, node: Name | Member) -> Any:
    """What a record links to it holds itself, as ids; what points at it is asked for."""
    held = record.get(node.name)
    if isinstance(held, list) and node.type.item is not None:
        return reach.inputs.linked(node.type.item.object, cast("list[UUID]", held))
    identifier = record.get("id")
    return [] if identifier is None else reach.inputs.related(node.object, identifier, node.name)


def _id_of(value: Any) -> Any:
    """A relation to several objects holds the object's name too; rules compare ids."""
    return value.id if isinstance(value, RecordRef) else value


def _old(field: str) -> Closure:
    def read(reach: Reach) -> Any:
        old = reach.inputs.old
        return None if old is None else _id_of(old.get(field))

    return read


def _output(step: str, output: str) -> Closure:
    def read(reach: Reach) -> Any:
        outputs = reach.inputs.steps.get(step)
        return None if outputs is None else outputs.get(output)

    return read


def _element(node: Name) -> Closure:
    level = node.level
    if node.type.kind == "ref":
        return lambda reach: reach.records[level].get("id")
    return lambda reach: reach.records[level]


def member(node: Member, build: Build) -> Closure:
    """A hop: null, or an empty list of records, through an empty relation and to what the reader may not
    see.
    """
    base, owner, field = build(node.base), node.object, node.name

    def follow(reach: Reach) -> Any:
        identifier = base(reach)
        record = None if identifier is None else reach.inputs.follow(owner, identifier)
        return None if record is None else record.get(field)

    def follow_any(reach: Reach) -> Any:
        return _id_of(follow(reach))

    def related(reach: Reach) -> Any:
        identifier = base(reach)
        record = None if identifier is None else reach.inputs.follow(owner, identifier)
        return [] if record is None else _related(reach, record, node)

    if is_related(node):
        return related
    return follow_any if node.type.kind == "ref" else follow


def part(node: Part, build: Build) -> Closure:
    base, stored = build(node.base), node.stored

    def read(reach: Reach) -> Any:
        value = base(reach)
        return value.parts.get(stored) if isinstance(value, Compound) else None

    return read
