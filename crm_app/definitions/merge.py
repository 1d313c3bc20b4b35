"""Two people's changes to the same definitions, made from the same base → both together, and where they clash."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import ValidationError

from crm_app.definitions.model import Definition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import KINDS, Package

_ABSENT: Any = object()
_Body = Mapping[str, Any]


@dataclass(frozen=True)
class Clash:
    """One place that both changed differently; `None` stands for nothing there."""

    path: str
    base: Any
    theirs: Any
    yours: Any

    def __str__(self) -> str:
        return f"{self.path}: was {_short(self.base)}, is {_short(self.theirs)}, wanted {_short(self.yours)}"


@dataclass
class Merge:
    """`kinds` are the merged definitions, those of `yours` only. Of what clashes, `theirs` is kept, and
    `yours` at the paths in `mine`.
    """

    kinds: dict[str, list[Definition]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    clashes: list[Clash] = field(default_factory=list[Clash])
    mine: Collection[str] = ()

    @property
    def package(self) -> Package:
        return Package.of(self.kinds)

    def decide(self, clash: Clash) -> Any:
        self.clashes.append(clash)
        return clash.yours if clash.path in self.mine else clash.theirs

    def join(self, path: str, base: Any, theirs: Any, yours: Any) -> Any:
        if yours in (base, theirs):
            return theirs
        if theirs == base:
            return yours
        if _is_body(theirs) and _is_body(yours):
            return self._join_keys(path, base, theirs, yours)
        if _is_named(theirs) and _is_named(yours) and (base is _ABSENT or _is_named(base)):
            return self._join_named(path, base, theirs, yours)
        kept = self.decide(Clash(path, *(None if value is _ABSENT else value for value in (base, theirs, yours))))
        return _ABSENT if kept is None else kept

    def _join_keys(self, path: str, base: Any, theirs: _Body, yours: _Body) -> dict[str, Any]:
        old: _Body = cast("_Body", base) if isinstance(base, Mapping) else {}
        found: dict[str, Any] = {}
        for key in dict.fromkeys((*theirs, *yours)):
            value = self.join(f"{path}/{key}", old.get(key, _ABSENT), theirs.get(key, _ABSENT), yours.get(key, _ABSENT))
            if value is not _ABSENT:
                found[key] = value
        return found

    def _join_named(self, path: str, base: Any, theirs: Any, yours: Any) -> list[Any]:
        named: Callable[[Any], dict[str, Any]] = lambda items: {item["name"]: item for item in items}  # noqa: E731
        old = named(base) if base is not _ABSENT else {}
        joined = self._join_keys(path, old, named(theirs), named(yours))
        kept_order = [name for name in named(yours) if name in old] == [name for name in old if name in named(yours)]
        order = (*named(theirs), *named(yours)) if kept_order else (*named(yours), *named(theirs))
        return [joined[name] for name in dict.fromkeys(order) if name in joined]


def merge(base: Package, theirs: Package, yours: Package, mine: Collection[str] = ()) -> Merge:
    """`theirs` is what is live, `yours` what is to be added to it. An object is known by where it is stored."""
    merged = Merge(mine=mine)
    for kind in KINDS:
        old, live = _by_place(getattr(base, kind)), _by_place(getattr(theirs, kind))
        for place, definition in _by_place(getattr(yours, kind)).items():
            merged.kinds[kind].append(_merged(kind, old.get(place), live.get(place), definition, merged))
    return merged


def _by_place(definitions: Iterable[Definition]) -> dict[str, Definition]:
    return {d.stored if isinstance(d, ObjectDefinition) else d.name: d for d in definitions}


def _merged(
    kind: str, base: Definition | None, theirs: Definition | None, yours: Definition, merge: Merge
) -> Definition:
    if theirs is None or theirs == yours:
        return yours
    path = f"{kind}/{theirs.name}"
    part = Merge(mine=merge.mine)
    old = base.canonical() if base is not None else {}
    body = part.join(path, old, theirs.canonical(), yours.canonical())
    try:
        merged = type(theirs).model_validate(body)
    except ValidationError:
        return merge.decide(Clash(path, old, theirs, yours))
    merge.clashes.extend(part.clashes)
    return merged


def _is_body(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_named(value: Any) -> bool:
    """A list of fields, options, stages, layouts …: what is in it is known by its name, not by its place."""
    return isinstance(value, list) and all(
        isinstance(item, dict) and "name" in item for item in cast("list[object]", value)
    )


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 - what fits a line
