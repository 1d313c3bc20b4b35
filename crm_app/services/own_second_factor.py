"""Setting one's own second factor up and taking it away, from a session; and an administrator's way to take it away."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from crm_app.kernel.actor import SessionActor
from crm_app.kernel.errors import Conflict, Forbidden, Problem
from crm_app.services import second_factors
from crm_app.services.account_audit import audit_account
from crm_app.services.second_factors import SetUp, WrongCode
from crm_app.services.sessions import drop_sessions
from crm_app.services.sign_in_settings import roles_with_second_factor
from crm_app.services.throttle import PER_ACCOUNT, begin_attempt, forgive
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import get_user
from crm_app.services.workspace import Workspace


@dataclass(frozen=True)
class Standing:
    is_on: bool
    is_required: bool
    codes_left: int


def standing(work: UnitOfWork) -> Standing:
    user = work.who.user_id
    if user is None:
        return Standing(is_on=False, is_required=False, codes_left=0)
    return Standing(
        second_factors.has_second_factor(work.connection, user),
        bool(work.roles & roles_with_second_factor(work.connection)),
        second_factors.recovery_codes_left(work.connection, user),
    )


def begin(work: UnitOfWork) -> SetUp:
    user, session = _self(work), _session(work)
    return second_factors.begin_set_up(work.connection, work.tools.secrets, user, work.who.email, session)


def confirm(workspace: Workspace, actor: SessionActor, code: str) -> Sequence[str]:
    """The recovery codes, to be shown once. Sessions that never showed a second factor end."""
    with _slowed(workspace, actor) as work:
        user = _self(work)
        second_factors.confirm_set_up(work.connection, work.tools.secrets, user, code, actor.session_hash)
        drop_sessions(work.connection, user, but=actor.session_hash)
        audit_account(work, "second_factor.set_up", user)
        return second_factors.new_recovery_codes(work.connection, user)


def renew_codes(workspace: Workspace, actor: SessionActor, code: str) -> Sequence[str]:
    with _slowed(workspace, actor) as work:
        user = _shown(work, code)
        audit_account(work, "second_factor.recovery_codes_made", user)
        return second_factors.new_recovery_codes(work.connection, user)


def take_away(workspace: Workspace, actor: SessionActor, code: str) -> None:
    with _slowed(workspace, actor) as work:
        if standing(work).is_required:
            raise Conflict("Your role asks for a second factor. If your phone is lost, ask an administrator.")
        user = _shown(work, code)
        second_factors.remove_second_factor(work.connection, user)
        audit_account(work, "second_factor.removed", user)


def reset(work: UnitOfWork, user: UUID) -> None:
    """By an administrator, for somebody who lost phone and codes. Their sessions end."""
    person = get_user(work, user)
    if not second_factors.remove_second_factor(work.connection, user):
        raise Conflict(f"{person.name} has no second factor.")
    drop_sessions(work.connection, user)
    audit_account(work, "second_factor.reset", user)


@contextmanager
def _slowed(workspace: Workspace, actor: SessionActor) -> Generator[UnitOfWork]:
    """A unit of work in which a code is looked at. The attempt is written down before, and stays where it is wrong."""
    with workspace.work(actor) as work:
        subject = f"code:{_self(work)}"
    with workspace.owned() as connection:
        begin_attempt(connection, {subject: PER_ACCOUNT})
    with workspace.work(actor) as work:
        yield work
        forgive(work.connection, [subject])


def _shown(work: UnitOfWork, code: str) -> UUID:
    user = _self(work)
    if not second_factors.accept(work.connection, work.tools.secrets, user, code):
        raise WrongCode("The code is not right.", [Problem("code", "That code is not right, or was used already.")])
    return user


def _session(work: UnitOfWork) -> str:
    return work.actor.session_hash if isinstance(work.actor, SessionActor) else ""


def _self(work: UnitOfWork) -> UUID:
    """A key, or somebody who looks as another, has no second factor of its own."""
    if not isinstance(work.actor, SessionActor) or work.standing.only_looks or work.who.user_id is None:
        raise Forbidden("Only you yourself, logged in, can do that.")
    return work.who.user_id
