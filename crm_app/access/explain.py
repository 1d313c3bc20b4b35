"""Why somebody may do something with a record, or may not: the policy lines that speak of it, and which of them reach
the record.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from crm_app.access.policy import ALLOW, ANY, RESTRICT, Action
from crm_app.access.scopes import Scopes
from crm_app.access.visible import Holds
from crm_app.access.who import Share
from crm_app.definitions.role import RULE


class Whole(Protocol):
    """A record with all its values."""

    @property
    def id(self) -> UUID: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Line:
    """A policy line without its `p`, and whether its scope reaches the record."""

    role: str
    object: str
    action: str
    scope: str
    effect: str
    reaches: bool

    @property
    def rule(self) -> str:
        return self.scope.removeprefix(RULE) if self.scope.startswith(RULE) else ""


@dataclass(frozen=True)
class Why:
    """Of one action on one record. `lines` are all that speak of it, `shares` those that open it now."""

    action: Action
    lines: tuple[Line, ...]
    shares: tuple[Share, ...] = ()
    is_manager: bool = False

    def _of(self, effect: str) -> Iterator[Line]:
        return (line for line in self.lines if line.effect == effect)

    @property
    def granting(self) -> tuple[Line, ...]:
        return tuple(line for line in self._of(ALLOW) if line.reaches)

    @property
    def short(self) -> tuple[Line, ...]:
        """They grant the action, and not on this record."""
        return tuple(line for line in self._of(ALLOW) if not line.reaches)

    @property
    def denying(self) -> tuple[Line, ...]:
        return tuple(self._of("deny"))

    @property
    def closing(self) -> tuple[Line, ...]:
        """Restrictions that leave the record out."""
        return tuple(line for line in self._of(RESTRICT) if not line.reaches)

    @property
    def is_granted(self) -> bool:
        """The action at all, on some record."""
        return not self.denying and any(True for _ in self._of(ALLOW))

    @property
    def holds(self) -> bool:
        reached = bool(self.granting or self.shares or self.is_manager)
        return self.is_granted and reached and not self.closing


def why(scopes: Scopes, lines: Iterable[tuple[str, ...]], action: Action, record: Whole, holds: Holds) -> Why:
    """`lines` are those of all the actor's roles."""
    found: list[Line] = []
    for role, name, field, verb, scope, effect in lines:
        if field == ANY and name in (ANY, scopes.object) and verb in (ANY, action):
            reached = scopes.alone(scope).includes(record.id, record.values, holds)
            found.append(Line(role, name, verb, scope, effect, reached))
    shares = tuple(share for share in scopes.shares(action) if share.record == record.id)
    is_manager = scopes.access.managers_of_owner and record.values.get("owner") in scopes.who.reports
    return Why(action, tuple(found), shares, is_manager)
