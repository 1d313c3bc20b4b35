"""Policy lines → what a set of roles may do with one object. Casbin holds the lines and their vocabulary; `enforce`
scans all of them at every question, so the answer is compiled once for each set of roles.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from casbin import Enforcer
from casbin.model import Model

from crm_app.definitions.role import ACTIONS as ACTIONS
from crm_app.definitions.role import Action as Action

ANY = "*"


@dataclass(frozen=True)
class ObjectAccess:
    """`scopes` has an entry for each action that is granted at all; `hidden`, `masked` and `read_only` are fields."""

    scopes: dict[str, frozenset[str]]
    hidden: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()

    def allows(self, action: str) -> bool:
        return action in self.scopes


class Policy:
    """All lines of one access version."""

    def __init__(self, model_text: str, lines: Iterable[tuple[str, ...]]) -> None:
        model = Model()
        model.load_model_from_text(model_text)  # pyright: ignore[reportUnknownMemberType] - untyped library
        self.enforcer: Any = Enforcer(model)
        self._lines: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._parents: dict[str, list[str]] = defaultdict(list)
        for kind, *values in lines:
            if kind == "g":
                self._parents[values[0]].append(values[1])
                self.enforcer.add_grouping_policy(*values)
            else:
                self._lines[values[0]].append(tuple(values))
                self.enforcer.add_policy(*values)
        self.of = cache(self._compile)

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
        """Union of allows; any matching deny wins. A deny of one field lowers that field."""
        allowed: dict[str, set[str]] = defaultdict(set)
        denied: set[str] = set()
        lowered: dict[str, set[str]] = defaultdict(set)
        for role in self.closure(roles):
            for _role, target, field, action, scope, effect in self._lines.get(role, ()):
                if target not in (ANY, name):
                    continue
                actions = ACTIONS if action == ANY else (action,)
                if field != ANY:
                    lowered[action].add(field)
                elif effect == "deny":
                    denied.update(actions)
                else:
                    for each in actions:
                        allowed[each].add(scope)
        scopes = {action: frozenset(found) for action, found in allowed.items() if action not in denied}
        hidden = frozenset(lowered["none"])
        masked = frozenset(lowered["mask"]) - hidden
        return ObjectAccess(scopes, hidden, masked, frozenset(lowered["read"]) | masked | hidden)
