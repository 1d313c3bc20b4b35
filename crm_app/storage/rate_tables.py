"""The system's table of exchange rates."""

# pyright: reportAssignmentType=false, reportIncompatibleVariableOverride=false

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Numeric
from sqlmodel import Field

from crm_app.storage.system_tables import SystemTable


class ExchangeRateRow(SystemTable, table=True):
    """What one unit of a currency is worth in the workspace's own, from a day on until the next one of it."""

    __tablename__ = "exchange_rate"
    __table_args__ = (CheckConstraint("worth > 0", name="worth_something"),)
    currency: str = Field(primary_key=True)
    valid_from: date = Field(primary_key=True)
    worth: Decimal = Field(sa_type=Numeric)
