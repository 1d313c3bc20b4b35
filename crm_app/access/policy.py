"""Policy lines → what a set of roles may do with one object. Casbin holds the lines and their vocabulary; `enforce`
scans all of them at every question, so the answer is compiled once for each set of roles.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from casbin import Enforcer
from casbin.model import Model

from crm_app.definitions.role import ACTIONS as ACTIONS
from crm_app.definitions.role import Action as Action

ANY = "*"
ALLOW, RESTRICT = "allow", "restrict"


@dataclass(frozen=True)
class ObjectAccess:
    """`scopes` has an entry for each action that is granted at all; `hidden`, `masked` and `read_only` are fields.
    `restrictions` are scopes, too: a record has to be in each of an action's.
    """

    scopes: dict[str, frozenset[str]]
    hidden: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    restrictions: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])

    def allows(self, action: str) -> bool:
        return action in self.scopes


class Policy:
    """All lines of one access version."""

    def __init__(self, model_text: str, lines: Iterable[tuple[str, ...]]) -> None:
        self._model_text = model_text
        self._all = list(lines)
        self._lines: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._parents: dict[str, list[str]] = defaultdict(list)
        for kind, *values in self._all:
            if kind == "g":
                self._parents[values[0]].append(values[1])
            else:
                self._lines[values[0]].append(tuple(values))
        self.of = cache(self._compile)

    @cached_property
    def enforcer(self) -> Any:
        """Casbin's own answer, to which the compiled one is held equal. It takes longer to fill than to compile."""
        model = Model()
        model.load_model_from_text(self._model_text)  # pyright: ignore[reportUnknownMemberType] - untyped library
        enforcer: Any = Enforcer(model)
        for kind, *values in self._all:
            add = enforcer.add_grouping_policy if kind == "g" else enforcer.add_policy
            add(*values)
        return enforcer

    def lines_of(self, role: str) -> list[tuple[str, ...]]:
        """The role's own lines, without the leading `p`."""
        return self._lines.get(role, [])

    def parents_of(self, role: str) -> list[str]:
        return self._parents.get(role, [])

    def closure(self, roles: Iterable[str]) -> frozenset[str]:
        """The roles and all that they inherit, at any depth and through cycles. (Casbin stops at ten links.)"""
        found: set[str] = set()
        waiting = list(roles)
        while waiting:
            role = waiting.pop()
            if role not in found:
                found.add(role)
                waiting.extend(self._parents.get(role, ()))
        return frozenset(found)

    def _compile(self, roles: tuple[str, ...], name: str) -> ObjectAccess:
        """Union of allows; any matching deny wins; every restriction holds. A deny of one field lowers that field."""
        allowed: dict[str, set[str]] = defaultdict(set)
        restricted: dict[str, set[str]] = defaultdict(set)
        denied: set[str] = set()
        lowered: dict[str, set[str]] = defaultdict(set)
        for role in self.closure(roles):
            for _role, target, field_name, action, scope, effect in self._lines.get(role, ()):
                if target not in (ANY, name):
                    continue
                actions = ACTIONS if action == ANY else (action,)
                if field_name != ANY:
                    lowered[action].add(field_name)
                elif effect == "deny":
                    denied.update(actions)
                elif effect in (ALLOW, RESTRICT):
                    found = allowed if effect == ALLOW else restricted
                    for each in actions:
                        found[each].add(scope)
        scopes = {action: frozenset(found) for action, found in allowed.items() if action not in denied}
        hidden = frozenset(lowered["none"])
        masked = frozenset(lowered["mask"]) - hidden
        kept = {action: frozenset(found) for action, found in restricted.items()}
        return ObjectAccess(scopes, hidden, masked, frozenset(lowered["read"]) | masked | hidden, kept)
