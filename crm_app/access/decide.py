"""Decide(actor, action, object, record, field). Unknown and absent deny."""

from dataclasses import dataclass, field
from functools import cached_property

from crm_app.access.policy import ACTIONS, Action, ObjectAccess, Policy
from crm_app.access.visible import NOBODY, Visibility, visibility
from crm_app.access.who import Who
from crm_app.fields.own_objects import OWN_OBJECTS

_SYSTEM = ObjectAccess({action: frozenset({"all"}) for action in ACTIONS})
_DENY = ObjectAccess({})
# Whoever works here may know who else does: owners and managers have names. Accounts change people, records never do.
_PEOPLE = ObjectAccess({"read": frozenset({"all"})})


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
    _reach: dict[tuple[str, str], Visibility] = field(default_factory=dict[tuple[str, str], Visibility])

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

    def reach(self, action: Action, name: str) -> Visibility:
        """The records of the object on which the actor may do this."""
        key = (action, name)
        if key not in self._reach:
            scopes = self.on(name).scopes.get(action)
            self._reach[key] = visibility(self.who, scopes) if scopes else NOBODY
        return self._reach[key]
