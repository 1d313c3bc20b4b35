"""Two versions of a workspace's definitions → what publishing would do. What hides or converts values is marked."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.model import Definition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import KINDS, Package

ChangeKind = Literal["add", "change", "archive", "restore", "rename", "retype"]
Thing = TypeVar("Thing", Definition, FieldDefinition)
_OWN_LINES = {"fields", "archived", "table", "column", "format_version", "name", "former_names"}


@dataclass(frozen=True)
class Change:
    """`path` names the definition or field as it is called afterwards, `was` before a rename. `is_destructive` where
    records would no longer show what they hold, `records` says how many; `refused` counts values that can't be written
    in a field's new type; `notes` is what else an admin must know.
    """

    kind: ChangeKind
    path: str
    is_destructive: bool = False
    was: str = ""
    records: int | None = field(default=None, compare=False)
    refused: int = field(default=0, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        count = f": {self.records:,} records" if self.records is not None else ""
        marked = f"  (destructive{count})" if self.is_destructive else ""
        return f"{self.kind} {f'{self.was} → ' if self.was else ''}{self.path}{marked}"


def diff(before: Package, after: Package) -> list[Change]:
    """In the order in which it is read: objects first, then views, roles and automations."""
    return [change for kind in KINDS for change in _of_kind(kind, before, after)]


def _of_kind(kind: str, before: Package, after: Package) -> Iterator[Change]:
    pairs = paired(getattr(before, kind), getattr(after, kind), _table if kind == "objects" else _name)
    for old, new in pairs:
        if old is new:
            continue
        yield from _of_pair(kind, old, new)
        if isinstance(old, ObjectDefinition) and isinstance(new, ObjectDefinition):
            yield from _of_fields(f"{kind}/{new.name}", old, new)


def _table(definition: Definition) -> str:
    return definition.stored if isinstance(definition, ObjectDefinition) else definition.name


def _name(definition: Definition) -> str:
    return definition.name


def paired(
    old: Sequence[Thing], new: Sequence[Thing], stored: Callable[[Thing], str]
) -> Iterator[tuple[Thing | None, Thing | None]]:
    """Each with what it was: by its name, or if that name is gone by where it is stored or by its last former name.
    Then what is in neither.
    """
    by_name, by_place = {thing.name: thing for thing in old}, {stored(thing): thing for thing in old}
    names, matched = {thing.name for thing in new}, set[str]()
    for thing in new:
        was = by_name.get(thing.name)
        if was is None:
            former = [by_name[name] for name in reversed(_former_names(thing)) if name in by_name]
            found = [each for each in (by_place.get(stored(thing)), *former) if each is not None]
            was = next((each for each in found if each.name not in names and each.name not in matched), None)
        if was is not None:
            matched.add(was.name)
        yield was, thing
    for name, thing in by_name.items():
        if name not in matched:
            yield thing, None


def _former_names(thing: Definition | FieldDefinition) -> tuple[str, ...]:
    return thing.former_names if isinstance(thing, ObjectDefinition | FieldDefinition) else ()


def _of_pair(kind: str, old: Definition | None, new: Definition | None) -> Iterator[Change]:
    if new is None:
        if old is not None and not _is_archived(old):
            yield Change("archive", f"{kind}/{old.name}", is_destructive=kind == "objects")
        return
    path = f"{kind}/{new.name}"
    if old is None:
        yield Change("add", path)
        return
    if old.name != new.name:
        yield Change("rename", path, was=f"{kind}/{old.name}")
    if _is_archived(old) != _is_archived(new):
        is_hidden = _is_archived(new)
        yield Change("archive" if is_hidden else "restore", path, is_destructive=is_hidden and kind == "objects")
    if _differ(old, new):
        yield Change("change", path)


def _is_archived(thing: Definition | FieldDefinition) -> bool:
    return bool(getattr(thing, "archived", False))


def _differ(old: Definition, new: Definition) -> bool:
    """Apart from what has lines of its own."""
    shared = type(new).model_fields.keys() - _OWN_LINES
    if not isinstance(old, ObjectDefinition) or not isinstance(new, ObjectDefinition):
        shared |= {"fields"} & type(new).model_fields.keys()
    elif _order(old, new) != _order(new, old):
        return True
    return any(getattr(old, name) != getattr(new, name) for name in shared)


def _order(definition: ObjectDefinition, other: ObjectDefinition) -> list[str]:
    """Of the fields that both have, as they are stored: their order is the object's own."""
    shared = {found.stored for found in other.live.fields}
    return [found.stored for found in definition.live.fields if found.stored in shared]


def paired_fields(
    old: ObjectDefinition, new: ObjectDefinition
) -> Iterator[tuple[FieldDefinition | None, FieldDefinition | None]]:
    return paired(old.fields, new.fields, lambda found: found.stored)


def _of_fields(path: str, old: ObjectDefinition, new: ObjectDefinition) -> Iterator[Change]:
    for had, has in paired_fields(old, new):
        if has is None:
            if had is not None and not had.archived:
                yield Change("archive", f"{path}/fields/{had.name}", is_destructive=True)
        elif had is None:
            yield Change("add", f"{path}/fields/{has.name}")
        else:
            yield from _of_field(f"{path}/fields", had, has)


def _of_field(place: str, had: FieldDefinition, has: FieldDefinition) -> Iterator[Change]:
    path = f"{place}/{has.name}"
    if had.name != has.name:
        yield Change("rename", path, was=f"{place}/{had.name}")
    if had.archived != has.archived:
        yield Change("archive" if has.archived else "restore", path, is_destructive=has.archived)
    if had.type != has.type:
        yield Change("retype", path, is_destructive=True)
        return
    shared = FieldDefinition.model_fields.keys() - _OWN_LINES
    if any(getattr(had, name) != getattr(has, name) for name in shared):
        yield Change("change", path)


def called_before(before: Package, after: Package, path: str) -> tuple[str, str]:
    """The object and field at a path that says how they are called afterwards; the field is empty for the object."""
    _, name, *rest = path.split("/")
    new = after.by_name.get(name)
    old = next((each for each in before.objects if new and each.stored == new.stored), None) if new else None
    old = old or before.by_name.get(name)
    if not rest:
        return (old.name if old else name), ""
    pairs = {has.name: had for had, has in paired_fields(old, new) if has} if old and new else {}
    field = pairs.get(rest[1])
    return (old.name if old else name), (field.name if field else rest[1])
