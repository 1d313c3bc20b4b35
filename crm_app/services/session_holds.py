"""Sessions that stop at a change of what their person may do: more rights are for who shows again who they are, and a
second factor that is asked for from now on is set up before anything else.
"""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select, update

from crm_app.kernel import clock
from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.account_audit import audit_account
from crm_app.services.accounts import require_administrator
from crm_app.services.policies import compiled, stored_lines
from crm_app.services.second_factors import has_second_factor
from crm_app.services.sessions import PENDING, drop_sessions
from crm_app.services.sign_in_settings import SECOND_FACTOR, keep_setting, roles_with_second_factor
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.account_tables import SessionRow
from crm_app.storage.system_tables import UserRoleRow, table_of

ENROL = "enrol"
OTHER_SERVICE_ASKED = "oidc_mfa"  # the method of a session whose second factor another service has seen
_SESSIONS, _ROLES = table_of(SessionRow), table_of(UserRoleRow)


def require_second_factor(work: UnitOfWork, roles: Iterable[str]) -> None:
    """Whoever holds a session without one sets it up at their next click."""
    require_administrator(work)
    wanted = sorted(set(roles))
    unknown = set(wanted) - {"admin", *(role.name for role in work.catalog.roles)}
    if unknown:
        text = f"There is no role '{min(unknown)[:50]}'."
        raise Invalid("The setting was not saved.", [Problem("roles", text)])
    before = sorted(roles_with_second_factor(work.connection))
    keep_setting(work.connection, SECOND_FACTOR, {"roles": wanted})
    audit_account(work, "sign_in.changed", None, {"second_factor": (before, wanted)}, "sign_in")
    hold_without_second_factor(work)


def end_for_more_rights(work: UnitOfWork, user: UUID) -> None:
    """All sessions of somebody who was given a role, but for the one that gave it."""
    own = work.actor.session_hash if isinstance(work.actor, SessionActor) else ""
    count = drop_sessions(work.connection, user, but=own)
    if count:
        audit_account(work, "session.ended", user, {"sessions": (count, 0)})
    hold_without_second_factor(work)


def hold_without_second_factor(work: UnitOfWork) -> None:
    """Sessions of people whose roles ask for a second factor that they don't have open nothing until it is set up."""
    asked = roles_with_second_factor(work.connection)
    if not asked:
        return
    policy = compiled(stored_lines(work.connection))
    whole = (_SESSIONS.c.need == "") & (_SESSIONS.c.method != OTHER_SERVICE_ASKED)
    query = select(_ROLES.c.user, func.array_agg(_ROLES.c.role)).group_by(_ROLES.c.user)
    held = query.where(_ROLES.c.user.in_(select(_SESSIONS.c.user).where(whole)))
    for user, roles in work.connection.execute(held).all():
        if policy.closure(roles) & asked and not has_second_factor(work.connection, user):
            values = {"need": ENROL, "expires_at": func.least(_SESSIONS.c.expires_at, clock.now() + PENDING)}
            work.connection.execute(update(_SESSIONS).where(whole, _SESSIONS.c.user == user).values(values))
            audit_account(work, "session.held", user)
