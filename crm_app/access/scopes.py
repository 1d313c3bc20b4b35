"""What the word in a policy line's scope reaches for one actor."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_app.access.visible import EVERYONE, NOBODY, AnyOf, ScopeRule, Visibility
from crm_app.access.who import Share, Who
from crm_app.definitions.object import RecordAccess
from crm_app.definitions.role import RULE

RuleOf = Callable[[str, str], ScopeRule | None]


@dataclass(frozen=True)
class Scopes:
    """On the records of one object. `rule_of` gives none for a rule that can't be read any more: it reaches nothing."""

    who: Who
    object: str
    access: RecordAccess
    roles: frozenset[str]
    rule_of: RuleOf
    now: datetime

    def granted(self, action: str, scopes: Iterable[str]) -> Visibility:
        """Any of the scopes, what was shared with the actor, and where the object says so the records of the people
        that they manage.
        """
        found = [self._of(scope) for scope in scopes]
        if None in found:
            return EVERYONE
        who = self.who
        found += [AnyOf(records=frozenset(share.record for share in self.shares(action)))]
        found += [AnyOf(owners=who.reports)] if self.access.managers_of_owner else []
        return _any(part for part in found if part is not None)

    def shares(self, action: str) -> Iterator[Share]:
        """Those that open a record for the action now."""
        for share in self.who.shares:
            is_held = not share.role or share.role in self.roles
            if share.object == self.object and is_held and share.opens(action, self.now):
                yield share

    def alone(self, scope: str) -> Visibility:
        """What one line's scope reaches by itself, which is all that a restriction leaves; one that nobody knows
        reaches nothing.
        """
        part = self._of(scope)
        return EVERYONE if part is None else _any([part])

    def _of(self, scope: str) -> AnyOf | None:
        """`None` is every record."""
        if scope == "all":
            return None
        if scope.startswith(RULE):
            rule = self.rule_of(self.object, scope.removeprefix(RULE))
            return AnyOf(rules=(rule,)) if rule is not None else AnyOf()
        owners, territories = self._owners(scope), self._territories(scope)
        return AnyOf(owners=owners, place=self.access.territory if territories else "", territories=territories)

    def _owners(self, scope: str) -> frozenset[UUID]:
        who = self.who
        if who.user_id is None:
            return frozenset()
        match scope:
            case "own":
                return frozenset({who.user_id})
            case "team":
                return who.team | {who.user_id}
            case "team_below":
                return who.team | who.below | {who.user_id}
            case _:
                return frozenset()

    def _territories(self, scope: str) -> frozenset[UUID]:
        if not self.access.territory:
            return frozenset()
        match scope:
            case "territory":
                return self.who.territories
            case "territory_below":
                return self.who.territories_below
            case _:
                return frozenset()


def _any(parts: Iterable[AnyOf]) -> Visibility:
    found = tuple(part for part in parts if not part.is_empty)
    if not found:
        return NOBODY
    merged = AnyOf(
        owners=frozenset[UUID]().union(*(part.owners for part in found)),
        records=frozenset[UUID]().union(*(part.records for part in found)),
        place=next((part.place for part in found if part.territories), ""),
        territories=frozenset[UUID]().union(*(part.territories for part in found)),
        rules=tuple(dict.fromkeys(rule for part in found for rule in part.rules)),
    )
    return Visibility((merged,))
