"""Whoever acts for another can do what both can: a key is its owner and its scopes, looking as somebody is both people,
a run is its runner and whoever published what it does.
Nothing here can give more than the person has, breaking glass aside, which `services.modes` guards.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from crm_app.access.decide import Verdicts
from crm_app.access.policy import ACTIONS, ANY, Action, ObjectAccess
from crm_app.access.visible import EVERYONE, NOBODY, Visibility

# What a unit of work asks about its actor.
Answers: TypeAlias = "Verdicts | Scoped | Both | Unbound"
_ALL = ObjectAccess({action: frozenset({"all"}) for action in ACTIONS})


@dataclass(frozen=True)
class Scoped:
    """Only what the scopes name, as `object:action` pairs; `*` is any."""

    own: Answers
    scopes: frozenset[tuple[str, str]]

    @property
    def roles(self) -> frozenset[str]:
        return self.own.roles

    def on(self, name: str) -> ObjectAccess:
        found = self.own.on(name)
        scopes = {action: scope for action, scope in found.scopes.items() if self._allows(action, name)}
        return replace(found, scopes=scopes)

    def reach(self, action: Action, name: str) -> Visibility:
        return self.own.reach(action, name) if self._allows(action, name) else NOBODY

    def _allows(self, action: str, name: str) -> bool:
        pairs = ((name, action), (name, ANY), (ANY, action), (ANY, ANY))
        return any(pair in self.scopes for pair in pairs)


@dataclass(frozen=True)
class Both:
    """What both may do: the fewer actions, the fewer records, the lower level of each field. Roles are the first's, for
    what they open beside rights: pages, and stages.
    """

    own: Answers
    other: Verdicts

    @property
    def roles(self) -> frozenset[str]:
        return self.own.roles

    def on(self, name: str) -> ObjectAccess:
        mine, theirs = self.own.on(name), self.other.on(name)
        is_open = not (theirs.hidden or theirs.masked or theirs.read_only)
        if is_open and mine.scopes.keys() <= theirs.scopes.keys():
            return mine
        hidden = mine.hidden | theirs.hidden
        return replace(
            mine,
            scopes={action: scope for action, scope in mine.scopes.items() if action in theirs.scopes},
            hidden=hidden,
            masked=(mine.masked | theirs.masked) - hidden,
            read_only=mine.read_only | theirs.read_only,
        )

    def reach(self, action: Action, name: str) -> Visibility:
        other = self.other.reach(action, name)
        own = self.own.reach(action, name)
        return own if other.everyone else own.within(other.of(self.other.who))


@dataclass(frozen=True)
class Unbound:
    """Broken glass: everything, as long as it lasts."""

    own: Answers

    @property
    def roles(self) -> frozenset[str]:
        return self.own.roles

    def on(self, name: str) -> ObjectAccess:
        del name
        return _ALL

    def reach(self, action: Action, name: str) -> Visibility:
        del action, name
        return EVERYONE


def scopes_of(texts: Iterable[str]) -> frozenset[tuple[str, str]]:
    """`deal:read` → `("deal", "read")`."""
    pairs = (text.partition(":") for text in texts)
    return frozenset((name, action) for name, colon, action in pairs if colon)
