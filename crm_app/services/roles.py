"""Roles: what there is, an administrator's changes to one, what they would mean, and making them live.

A change is a step of the administrator's draft. One role of it is published by itself, as a version like any other: its
policy, the audit and the version that every process follows are one commit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from crm_app.access.policy import Policy
from crm_app.definitions.check import Check
from crm_app.definitions.diff import Change
from crm_app.definitions.edits import Edit
from crm_app.definitions.package import Package
from crm_app.definitions.role import RoleDefinition
from crm_app.definitions.role_edits import new_role
from crm_app.kernel.errors import Invalid, NotFound
from crm_app.services.definitions import How, publish, require_publishable, wished
from crm_app.services.draft_store import (
    Draft,
    keep,
    locked,
    read_bodies,
    read_draft,
    require_administrator,
    stored_body,
    take_out,
)
from crm_app.services.drafts import add_to_draft, edit_draft
from crm_app.services.live import load_people
from crm_app.services.new_names import require_names
from crm_app.services.policies import compiled, lines_with, stored_lines
from crm_app.services.rebase import SomebodyPublished
from crm_app.services.role_difference import Difference, Side, difference
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import UserRoleRow, UserRow, table_of

_USER_ROLES, _USERS = table_of(UserRoleRow), table_of(UserRow)
KINDS = ("role", "permission_set")


@dataclass(frozen=True)
class Role:
    """As the administrator's draft has it. `was` is what is live; `None` for one that is new."""

    now: RoleDefinition
    was: RoleDefinition | None
    people: int = 0

    @property
    def is_changed(self) -> bool:
        return self.now != self.was


def key_of(name: str) -> str:
    return f"roles/{name}"


def all_roles(work: UnitOfWork) -> list[Role]:
    """Archived ones included, by label."""
    draft = read_draft(work)
    stored = {role.name: role for role in work.schema.stored.roles}
    named = {**stored, **{role.name: role for role in draft.package.roles}}
    counts = people_by_role(work)
    found = [Role(role, stored.get(name), counts.get(name, 0)) for name, role in named.items()]
    return sorted(found, key=lambda role: role.now.label.casefold())


def one_role(work: UnitOfWork, name: str) -> Role:
    found = next((role for role in all_roles(work) if role.now.name == name), None)
    if found is None:
        raise NotFound(f"There is no role '{name[:50]}'.")
    return found


def stored_role(work: UnitOfWork, name: str) -> RoleDefinition:
    """As it is live, or archived."""
    found = next((role for role in work.schema.stored.roles if role.name == name), None)
    if found is None:
        raise NotFound(f"There is no role '{name[:50]}'.")
    return found


def people_by_role(work: UnitOfWork) -> Mapping[str, int]:
    """How many active people were given each role."""
    require_administrator(work)
    query = (
        select(_USER_ROLES.c.role, func.count())
        .join(_USERS, _USERS.c.id == _USER_ROLES.c.user)
        .where(_USERS.c.is_active)
        .group_by(_USER_ROLES.c.role)
    )
    return dict(row for row in work.connection.execute(query))


def draft_role(work: UnitOfWork, name: str, label: str, kind: str, like: str = "") -> Draft:
    """`like` names a role to begin with."""
    require_names({"label": label, "name": name}, "The role was not added.")
    if kind not in KINDS:
        raise Invalid("The role was not added: it is a role or a permission set.")
    body = one_role(work, like).now.canonical() if like else None
    return add_to_draft(work, f"Add role {label}", {key_of(name): new_role(name, label, kind, body)}, {})


def edit_role(work: UnitOfWork, name: str, label: str, edit: Edit) -> Draft:
    """What says the same as what is live, written otherwise, is no change."""

    def edited(body: dict[str, Any]) -> dict[str, Any]:
        made = edit(body)
        live = stored_body(work, key_of(name))
        return live if live is not None and _says_the_same(live, made) else made

    return edit_draft(work, label, {key_of(name): edited})


def archive_role(work: UnitOfWork, name: str) -> Draft:
    """One that was never published leaves the draft. Those who have an archived role keep it, and it grants nothing."""
    user, draft, key = require_administrator(work), locked(work), key_of(name)
    if stored_body(work, key) is not None:
        return edit_draft(work, f"Archive role {name}", {key: lambda body: {**body, "archived": True}})
    if key not in draft.edited:
        raise NotFound(f"There is no role '{name[:50]}'.")
    return keep(work, user, draft, f"Remove role {name}", {key: None})


def restore_role(work: UnitOfWork, name: str) -> Draft:
    return edit_draft(work, f"Restore role {name}", {key_of(name): lambda body: {**body, "archived": False}})


def discard_role(work: UnitOfWork, name: str) -> Draft:
    """As it is live; the rest of the draft stays."""
    user, draft = require_administrator(work), locked(work)
    return take_out(work, user, draft, key_of(name))


def save_role(work: UnitOfWork, name: str, reason: str, more_checks: tuple[Check, ...] = ()) -> list[Change]:
    """Makes the draft's changes of this one role live. Refused when somebody else changed the role meanwhile."""
    user, draft, key = require_administrator(work), locked(work), key_of(name)
    edited = draft.edited.get(key)
    if edited is None:
        raise Invalid("Nothing of this role has been changed, so there is nothing to save.")
    if edited.origin != stored_body(work, key):
        raise SomebodyPublished(
            "Somebody else changed this role since you began. Bring their changes in, look at the difference again, "
            "then save."
        )
    changes = publish(work, read_bodies({key: edited.body}), more_checks, How(note=reason.strip()[:500]))
    take_out(work, user, draft, key)
    return changes


def is_overtaken(work: UnitOfWork, name: str) -> bool:
    """Somebody else published this role since the draft first touched it."""
    edited = read_draft(work).edited.get(key_of(name))
    return edited is not None and edited.origin != stored_body(work, key_of(name))


def require_sound_role(work: UnitOfWork, role: RoleDefinition, more_checks: tuple[Check, ...] = ()) -> None:
    """Raises with every problem that keeps the role from being live with what else is."""
    require_publishable(wished(work, Package(roles=(role,))), more_checks, work.schema.stored)


def role_difference(work: UnitOfWork, role: RoleDefinition) -> Difference:
    """What everybody would gain and lose if the role were live like this."""
    require_administrator(work)
    before = compiled(stored_lines(work.connection))
    after = compiled(lines_with(work.connection, Package(roles=(role,))))
    people = load_people(work.connection, _touched(work.connection, role.name, (before, after)))
    return difference(work, Side(before, people), Side(after, people))


def _touched(connection: Connection, role: str, policies: Iterable[Policy]) -> list[UUID]:
    """Who has the role, or one that inherits it before or after."""
    query = select(_USER_ROLES.c.user, func.array_agg(_USER_ROLES.c.role)).group_by(_USER_ROLES.c.user)
    return [
        user for user, roles in connection.execute(query) if any(role in policy.closure(roles) for policy in policies)
    ]


def _says_the_same(live: dict[str, Any], made: dict[str, Any]) -> bool:
    """Grants are a set of policy lines; everything else must be equal."""
    if {**live, "grants": ()} != {**made, "grants": ()}:
        return False
    (old,), (new,) = (read_bodies({key_of(body["name"]): body}).roles for body in (live, made))
    return set(old.policy_lines()) == set(new.policy_lines())
