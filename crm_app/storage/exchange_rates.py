"""What currencies are worth in the workspace's own, each from a day on."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, Date, Numeric, Row, Text, column, delete, select, table
from sqlalchemy.dialects.postgresql import insert

from crm_app.storage.rate_tables import ExchangeRateRow
from crm_app.storage.rule_sql_values import Element
from crm_app.storage.system_tables import SYSTEM_SCHEMA, WorkspaceRow, table_of

# The rates, and the workspace's own currency as one that is always worth 1.
WORTH = table(
    "currency_worth",
    column("currency", Text()),
    column("valid_from", Date()),
    column("worth", Numeric()),
    schema=SYSTEM_SCHEMA,
)
_RATES, _WORKSPACE = table_of(ExchangeRateRow), table_of(WorkspaceRow)


def worth(currency: Element | str, day: Element | date) -> Element:
    """Of one unit on that day; null where no rate is known by then."""
    known = WORTH.alias()
    found = select(known.c.worth).where(known.c.currency == currency, known.c.valid_from <= day)
    return found.order_by(known.c.valid_from.desc()).limit(1).correlate_except(known).scalar_subquery()


def worth_on(connection: Connection, currency: str, day: date) -> Decimal | None:
    return connection.execute(select(worth(currency, day))).scalar_one()


def own_currency(connection: Connection) -> str:
    return connection.execute(select(_WORKSPACE.c.currency)).scalar_one()


def read_rates(connection: Connection, limit: int) -> Sequence[Row[str, date, Decimal]]:
    """The latest first, currency by currency."""
    columns = (_RATES.c.currency, _RATES.c.valid_from, _RATES.c.worth)
    query = select(*columns).order_by(_RATES.c.currency, _RATES.c.valid_from.desc()).limit(limit)
    return connection.execute(query).all()


def save_rate(connection: Connection, currency: str, valid_from: date, value: Decimal) -> None:
    """Replaces that of the same day."""
    row = insert(_RATES).values(currency=currency, valid_from=valid_from, worth=value)
    connection.execute(row.on_conflict_do_update(index_elements=["currency", "valid_from"], set_={"worth": value}))


def drop_rate(connection: Connection, currency: str, valid_from: date) -> bool:
    """Whether there was one."""
    found = delete(_RATES).where(_RATES.c.currency == currency, _RATES.c.valid_from == valid_from)
    return connection.execute(found).rowcount > 0
