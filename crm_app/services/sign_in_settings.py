"""How people sign in, as an administrator sets it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

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
