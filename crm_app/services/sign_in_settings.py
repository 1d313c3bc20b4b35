"""How people sign in, as an administrator sets it."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.account_audit import audit_account
from crm_app.services.accounts import require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.account_tables import SignInRow
from crm_app.storage.system_tables import table_of

SECOND_FACTOR = "second_factor"
_SIGN_IN = table_of(SignInRow)


def setting(connection: Connection, name: str) -> Mapping[str, Any]:
    """Nothing where it was never set."""
    body: Mapping[str, Any] | None = connection.execute(
        select(_SIGN_IN.c.body).where(_SIGN_IN.c.name == name)
    ).scalar_one_or_none()
    return body or {}


def keep_setting(connection: Connection, name: str, body: Mapping[str, Any]) -> None:
    row = insert(_SIGN_IN).values(name=name, body=dict(body))
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"body": dict(body)}))


def drop_setting(connection: Connection, name: str) -> None:
    connection.execute(delete(_SIGN_IN).where(_SIGN_IN.c.name == name))


def roles_with_second_factor(connection: Connection) -> frozenset[str]:
    """Whoever has one of them, given or inherited, sets a second factor up at the next log-in."""
    return frozenset(setting(connection, SECOND_FACTOR).get("roles", ()))


def require_second_factor(work: UnitOfWork, roles: Iterable[str]) -> None:
    require_administrator(work)
    wanted = sorted(set(roles))
    unknown = set(wanted) - {"admin", *(role.name for role in work.catalog.roles)}
    if unknown:
        text = f"There is no role '{min(unknown)[:50]}'."
        raise Invalid("The setting was not saved.", [Problem("roles", text)])
    before = sorted(roles_with_second_factor(work.connection))
    keep_setting(work.connection, SECOND_FACTOR, {"roles": wanted})
    audit_account(work, "sign_in.changed", None, {"second_factor": (before, wanted)}, "sign_in")
