"""People: who there is, and what they start with."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import insert, select

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, Problem
from crm_app.kernel.ids import new_id
from crm_app.services import in_person, passwords
from crm_app.services.account_audit import audit_account
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import TeamMemberRow, TeamRow, UserRoleRow, UserRow, table_of

MAX_NAME, MAX_EMAIL = 100, 254
_USERS = table_of(UserRow)


def add_user(
    work: UnitOfWork,
    name: str,
    email: str,
    *,
    roles: Iterable[str] = (),
    password: str = "",
    manager: UUID | None = None,
    is_demo: bool = False,
) -> UUID:
    """Without a password the person can own records but not log in. Only demo data may bring a short one."""
    require_administrator(work)
    name, address = name.strip(), email.strip().lower()
    _require_usable(work, name, address)
    if password and not is_demo:
        passwords.require_good(password, passwords.ONLY_FACTOR, (name, address))
    user_id = new_id()
    body = {
        "id": user_id,
        "name": name,
        "email": address,
        "password_hash": passwords.hashed(password) if password else "",
        "time_zone": "",
        "manager": manager,
        "is_active": True,
        "created_at": clock.now(),
    }
    work.connection.execute(insert(_USERS), body)
    granted = sorted(set(roles))
    if granted:
        work.connection.execute(insert(table_of(UserRoleRow)), [{"user": user_id, "role": role} for role in granted])
    audit_account(
        work, "user.created", user_id, {"name": (None, name), "email": (None, address), "roles": ([], granted)}
    )
    return user_id


def add_team(work: UnitOfWork, name: str, *, manager: UUID | None = None, parent: UUID | None = None) -> UUID:
    """A manager sees what the members of the team, and of the teams under it, own."""
    require_administrator(work)
    team_id = new_id()
    work.connection.execute(
        insert(table_of(TeamRow)), {"id": team_id, "name": name, "manager": manager, "parent": parent}
    )
    audit_account(work, "team.created", team_id, {"name": (None, name)}, kind="team")
    return team_id


def add_member(work: UnitOfWork, team: UUID, user: UUID) -> None:
    require_administrator(work)
    work.connection.execute(insert(table_of(TeamMemberRow)), {"team": team, "user": user})


def find_user(work: UnitOfWork, email: str) -> UUID | None:
    """The active account with that address."""
    query = select(_USERS.c.id).where(_USERS.c.email == email.strip().lower(), _USERS.c.is_active)
    return work.connection.execute(query).scalar_one_or_none()


def require_administrator(work: UnitOfWork) -> None:
    in_person.require_administrator(work, "change accounts and teams")


def _require_usable(work: UnitOfWork, name: str, address: str) -> None:
    problems: list[Problem] = []
    if not name or len(name) > MAX_NAME or not name.isprintable():
        problems.append(Problem("name", f"A name has 1 to {MAX_NAME} printable characters."))
    local, _, domain = address.rpartition("@")
    if not local or not domain or len(address) > MAX_EMAIL or not address.isprintable() or " " in address:
        problems.append(Problem("email", "That is no email address."))
    elif work.connection.execute(select(_USERS.c.id).where(_USERS.c.email == address)).first():
        problems.append(Problem("email", f"{address} already has an account."))
    if problems:
        raise Invalid("The user was not added.", problems)
