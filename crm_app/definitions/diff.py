"""Two versions of a workspace's definitions → what publishing would do. What would be lost is marked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crm_app.definitions.model import Definition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import KINDS, Package

ChangeKind = Literal["add", "change", "archive"]


@dataclass(frozen=True)
class Change:
    """`path` names the definition or field; `is_destructive` where records would no longer show what they hold."""

    kind: ChangeKind
    path: str
    is_destructive: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.path}{'  (destructive)' if self.is_destructive else ''}"


def diff(before: Package, after: Package) -> list[Change]:
    """In the order in which it is read: objects first, then views, roles and automations."""
    return [change for kind in KINDS for change in _of_kind(kind, before, after)]


def _of_kind(kind: str, before: Package, after: Package) -> Iterator[Change]:
    old: dict[str, Definition] = {definition.name: definition for definition in getattr(before, kind)}
    new: dict[str, Definition] = {definition.name: definition for definition in getattr(after, kind)}
    for name, definition in new.items():
        path = f"{kind}/{name}"
        if name not in old:
            yield Change("add", path)
        elif old[name] != definition:
            yield Change("change", path)
            yield from _of_fields(path, old[name], definition)
    for name in old.keys() - new.keys():
        yield Change("archive", f"{kind}/{name}", is_destructive=kind == "objects")


def _of_fields(path: str, old: Definition, new: Definition) -> Iterator[Change]:
    if not isinstance(old, ObjectDefinition) or not isinstance(new, ObjectDefinition):
        return
    had = {field.name: field for field in old.fields}
    has = {field.name: field for field in new.fields}
    for name, field in has.items():
        if name not in had:
            yield Change("add", f"{path}/fields/{name}")
        elif had[name] != field:
            yield Change("change", f"{path}/fields/{name}", is_destructive=had[name].type != field.type)
    for name in had.keys() - has.keys():
        yield Change("archive", f"{path}/fields/{name}", is_destructive=True)
