"""Parts of dates. A point in time is read in the reader's time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from crm_app.fields.rule_type import INT
from crm_app.rules.function import DAYS, Parameter, RuleFunction, gives
from crm_app.rules.inputs import Inputs

_DAY = (Parameter("date", DAYS),)


def _local(inputs: Inputs, moment: date) -> date | None:
    """Null at the edges of the calendar, where the zone's date is beyond the years 1 to 9999."""
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(ZoneInfo(inputs.time_zone))
    except OverflowError:
        return None


def _year(inputs: Inputs, moment: date) -> int | None:
    local = _local(inputs, moment)
    return None if local is None else local.year


def _month(inputs: Inputs, moment: date) -> int | None:
    local = _local(inputs, moment)
    return None if local is None else local.month


def _day(inputs: Inputs, moment: date) -> int | None:
    local = _local(inputs, moment)
    return None if local is None else local.day


FUNCTIONS = (
    RuleFunction(
        name="year",
        parameters=_DAY,
        result=gives(INT),
        python=_year,
        example="year(@2026-01-31) = 2026",
        description="The year of a date or a time.",
        reading="the year of {0}",
    ),
    RuleFunction(
        name="month",
        parameters=_DAY,
        result=gives(INT),
        python=_month,
        example="month(@2026-01-31) = 1",
        description="The month of a date or a time, 1 to 12.",
        reading="the month of {0}",
    ),
    RuleFunction(
        name="day",
        parameters=_DAY,
        result=gives(INT),
        python=_day,
        example="day(@2026-01-31) = 31",
        description="The day of the month of a date or a time, 1 to 31.",
        reading="the day of the month of {0}",
    ),
)
