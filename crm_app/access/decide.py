"""Decide(actor, action, object, record, field). Unknown and absent deny."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from crm_app.access.policy import ACTIONS, Action, ObjectAccess, Policy
from crm_app.access.scopes import RuleOf, Scopes
from crm_app.access.visible import EVERYONE, NOBODY, Visibility
from crm_app.access.who import Who
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.own_objects import OWN_OBJECTS

_SYSTEM = ObjectAccess({action: frozenset({"all"}) for action in ACTIONS})
_DENY = ObjectAccess({})
# Whoever works here may know who else does: owners and managers have names. Accounts change people, records never do.
_PEOPLE = ObjectAccess({"read": frozenset({"all"})})
# What is created is not there to be read before.
_FREE_OF_READING = ("read", "create")


@dataclass(frozen=True)
class Grant:
    """Proof that `UnitOfWork.require` said yes. Storage takes no write without one, so a forgotten check is a type
    error.
    """

    action: Action
    object: str


@dataclass(frozen=True)
class Verdicts:
    """What one actor may do, per object; computed once per unit of work and object."""

    who: Who
    policy: Policy
    objects: Mapping[str, ObjectDefinition]
    rule_of: RuleOf
    now: datetime
    _reach: dict[tuple[str, str], Visibility] = field(default_factory=dict[tuple[str, str], Visibility])

    def unshared(self) -> "Verdicts":
        """The same without the records that were shared with the actor."""
        return replace(self, who=replace(self.who, shares=()), _reach={})

    @cached_property
    def _roles(self) -> tuple[str, ...]:
        return tuple(sorted(self.who.roles))

    @cached_property
    def roles(self) -> frozenset[str]:
        """The actor's roles and all that they inherit."""
        return self.policy.closure(self._roles)

    def on(self, name: str) -> ObjectAccess:
        if self.who.is_system:
            return _SYSTEM
        if name in OWN_OBJECTS:
            return _PEOPLE
        return self.policy.of(self._roles, name) if self._roles else _DENY

    def scopes(self, name: str) -> Scopes | None:
        """What scopes mean on the records of an object; `None` where there is no such object."""
        definition = self.objects.get(name)
        return Scopes(self.who, name, definition.access, self.roles, self.rule_of, self.now) if definition else None

    def reach(self, action: Action, name: str) -> Visibility:
        """The records of the object on which the actor may do this; what they may not read, they may not change."""
        key = (action, name)
        if key not in self._reach:
            self._reach[key] = self._reached(action, name)
        return self._reach[key]

    def _reached(self, action: Action, name: str) -> Visibility:
        access, scopes = self.on(name), self.scopes(name)
        granted = access.scopes.get(action)
        if not granted or scopes is None:
            return NOBODY
        if self.who.is_system:
            return EVERYONE
        found = scopes.granted(action, sorted(granted))
        for scope in sorted(access.restrictions.get(action, ())):
            found = found.within(scopes.alone(scope))
        return found if action in _FREE_OF_READING else found.within(self.reach("read", name))
