"""Who and what each change of a plan is felt by: the people and roles that see the object, and the views, layouts,
pipelines, automations and rules that depend on what changes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from crm_app.access.policy import Policy
from crm_app.definitions.diff import Change, called_before
from crm_app.definitions.package import Package
from crm_app.definitions.role import ADMIN
from crm_app.services.impact import Impact
from crm_app.services.policies import compiled, lines_with, role_sets, stored_lines
from crm_app.services.renames import AutomationRules
from crm_app.services.unit_of_work import UnitOfWork

_NOUNS = {
    "views": ("view", "views"),
    "layouts": ("layout", "layouts"),
    "pipelines": ("pipeline", "pipelines"),
    "automations": ("workflow", "workflows"),
    "decisions": ("decision table", "decision tables"),
    "roles": ("role", "roles"),
    "fields": ("field", "fields"),
    "validation_rules": ("check", "checks"),
    "duplicate_rules": ("duplicate rule", "duplicate rules"),
}
_LISTED_ROLES = 5
_PLACES = 20


class Effects:
    """Of one plan. What it needs is read when it is first asked for, once."""

    def __init__(self, work: UnitOfWork, before: Package, after: Package, automation_rules: AutomationRules) -> None:
        self._work = work
        self._before = before
        self._after = after
        self._automation_rules = automation_rules

    def notes(self, change: Change) -> tuple[str, ...]:
        kind, name, *_ = change.path.split("/")
        match kind:
            case "objects":
                return (*self._readers(change), *self._dependents(change))
            case "views":
                views = {view.name: view.object for view in (*self._before.views, *self._after.views)}
                return self._seen(views[name], "") if name in views else ()
            case "roles":
                return self._members(change, name)
            case _:
                return ()

    def _members(self, change: Change, role: str) -> tuple[str, ...]:
        had = sum(number for roles, number in self._people.items() if role in self._now.closure(roles))
        has = "1 person has" if had == 1 else f"{had:,} people have"
        if change.kind == "archive":
            return (f"{has} this role and {'loses' if had == 1 else 'lose'} what it grants.",)
        return (f"{has} this role.",) if had else ()

    def _readers(self, change: Change) -> tuple[str, ...]:
        """By the roles as they will be, for what is new, else as they are."""
        if change.kind in ("add", "restore"):
            _, owner, *rest = change.path.split("/")
            return self._seen(owner, rest[1] if rest else "", self._then)
        return self._seen(*called_before(self._before, self._after, change.path))

    def _seen(self, name: str, field: str, policy: Policy | None = None) -> tuple[str, ...]:
        policy = policy or self._now

        def sees(roles: Iterable[str]) -> bool:
            access = policy.of(tuple(sorted(roles)), name)
            return access.allows("read") and field not in access.hidden

        people = sum(number for roles, number in self._people.items() if sees(roles))
        labels = [label for role, label in self._roles.items() if sees((role,))]
        more = f" and {len(labels) - _LISTED_ROLES} more" if len(labels) > _LISTED_ROLES else ""
        by = f": {', '.join(labels[:_LISTED_ROLES])}{more}" if labels else ""
        noun, ways = "person" if people == 1 else "people", "1 role" if len(labels) == 1 else f"{len(labels)} roles"
        return (f"Seen by {people:,} {noun} in {ways}{by}.",)

    def _dependents(self, change: Change) -> tuple[str, ...]:
        """Of the definitions that stay, what depends on it as things are."""
        if change.kind == "add":
            return ()
        uses = self._impact.of(called_before(self._before, self._after, change.path))
        uses = [use for use in uses if "/".join(use.path.split("/")[:2]) in self._kept]
        if not uses:
            return ()
        if change.is_destructive:
            more = f"; and {len(uses) - _PLACES} more" if len(uses) > _PLACES else ""
            places = "; ".join(f"{use.label} ({use.path})" for use in uses[:_PLACES])
            named: tuple[str, ...] = (f"Named by {places}{more}.",)
        else:
            named = ()
        counts = Counter(kind for kind, _ in {_definition(use.path) for use in uses})
        parts = [f"{counts[kind]:,} {nouns[counts[kind] != 1]}" for kind, nouns in _NOUNS.items() if counts[kind]]
        return (*((f"Touches {_listed(parts)}.",) if parts else ()), *named)

    @cached_property
    def _impact(self) -> Impact:
        is_live = self._before is self._work.schema.stored
        return Impact(self._before, self._automation_rules, self._work.schema.rules if is_live else None)

    @cached_property
    def _kept(self) -> set[str]:
        """What stays, by what it was called."""
        moved = {each.stored for each in self._after.live.objects}
        objects = {f"objects/{each.name}" for each in self._before.objects if each.stored in moved}
        return objects | {f"{kind}/{definition.name}" for kind, definition in self._after.live.definitions()}

    @cached_property
    def _people(self) -> Mapping[tuple[str, ...], int]:
        return role_sets(self._work.connection)

    @cached_property
    def _roles(self) -> Mapping[str, str]:
        labels = {role.name: role.label for package in (self._before, self._after) for role in package.live.roles}
        return {ADMIN: "Administrator", **labels}

    @cached_property
    def _now(self) -> Policy:
        return compiled(stored_lines(self._work.connection))

    @cached_property
    def _then(self) -> Policy:
        return compiled(lines_with(self._work.connection, self._after))


def _definition(path: str) -> tuple[str, str]:
    """The view, layout, field … in which a place is, with its kind."""
    match path.split("/"):
        case ["objects", owner, kind, name, *_]:
            return kind, f"{owner}/{name}"
        case [kind, name, *_]:
            return kind, name
        case _:
            return "", path


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
