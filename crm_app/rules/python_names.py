"""Where values come from."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from crm_app.fields.compound import Compound
from crm_app.kernel.events import RecordRef
from crm_app.rules.closures import Build, Closure, Reach
from crm_app.rules.exact import as_utc
from crm_app.rules.inputs import Record
from crm_app.rules.tree import Computed, Context, Literal, Member, Name, Part, is_related


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


def name(node: Name, build: Build) -> Closure:
    if node.computed is not None:
        level = 0 if node.root == "old" else node.level
        return _computed(node, node.computed, build, lambda reach: reach.records[level])
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
        return reach.records[0].get(field)

    def of_any(reach: Reach) -> Any:
        return _id_of(reach.records[level].get(field))

    def of_element(reach: Reach) -> Any:
        return reach.records[level].get(field)

    if node.type.kind == "ref" and not node.type.object:
        return of_any
    return related if is_related(node) else of_element if level else own


def _computed(
    node: Name | Member, computed: Computed, build: Build, record_of: Callable[[Reach], Record | None]
) -> Closure:
    """Worked out over the record whose field it is; a rollup where its related records are, if the caller can."""
    inner, owner, field, is_rollup = build(computed.tree), node.object, node.name, computed.is_rollup

    def work_out(reach: Reach) -> Any:
        record = record_of(reach)
        if record is None:
            return None
        gather, identifier = reach.inputs.gather, record.get("id")
        if is_rollup and gather is not None and identifier is not None:
            return gather(owner, identifier, field)
        return inner(Reach(reach.inputs, (record,)))

    return work_out


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

    def there(reach: Reach) -> Record | None:
        identifier = base(reach)
        return None if identifier is None else reach.inputs.follow(owner, identifier)

    if node.computed is not None:
        return _computed(node, node.computed, build, there)

    def follow(reach: Reach) -> Any:
        record = there(reach)
        return None if record is None else record.get(field)

    def follow_any(reach: Reach) -> Any:
        return _id_of(follow(reach))

    def related(reach: Reach) -> Any:
        record = there(reach)
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
