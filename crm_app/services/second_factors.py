"""Who has shown a second factor, and who must have one."""

from uuid import UUID

from sqlalchemy import Connection, select

from crm_app.storage.account_tables import SecondFactorRow
from crm_app.storage.system_tables import table_of

_FACTORS = table_of(SecondFactorRow)


def has_second_factor(connection: Connection, user: UUID) -> bool:
    query = select(_FACTORS.c.user).where(_FACTORS.c.user == user, _FACTORS.c.confirmed_at.is_not(None))
    return connection.execute(query).first() is not None
