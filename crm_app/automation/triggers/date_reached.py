from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator

from crm_app.automation.trigger_type import Due, Span, TriggerConfig, TriggerType
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.kernel.times import time_of_day

_MAX_DAYS = 3_660
_MOST_DAYS_MISSED = 400


class DateConfig(TriggerConfig):
    """`field` holds a date or a moment; `days` and `hours` are how long after it, or before where they are below zero.
    Of a date, the moment is at the time `at` in `time_zone`, or the workspace's.
    """

    field: str
    days: int = Field(default=0, ge=-_MAX_DAYS, le=_MAX_DAYS)
    hours: int = Field(default=0, ge=-24 * 366, le=24 * 366)
    at: str = "09:00"
    time_zone: str = ""

    @field_validator("at")
    @classmethod
    def _is_time(cls, at: str) -> str:
        if time_of_day(at) is None:
            raise ValueError(f"'{at[:20]}' is no time such as 09:00.")
        return at

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise ValueError(f"'{zone[:50]}' is no time zone such as Europe/Berlin.")
        return zone


def _check(config: DateConfig, definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    field = definition.all_fields.get(config.field)
    if field is None or field.rule_type.kind not in ("date", "datetime") or field.field_type.is_computed:
        yield Problem("field", f"'{config.field}' is no stored date of {definition.label}.")
    elif field.rule_type.kind == "date" and config.hours:
        yield Problem("hours", f"{field.label} has no time of day: say `days` and `at`.")


def moment_of(config: DateConfig, day: date, time_zone: str) -> datetime:
    """When a date is reached. A time that a change to summer time leaves out is right after it; one that comes twice,
    the first.
    """
    at = time_of_day(config.at)
    assert at is not None  # noqa: S101 - checked with the config
    wall = datetime.combine(day + timedelta(days=config.days), at, ZoneInfo(config.time_zone or time_zone))
    return wall.astimezone(UTC)


def _due(config: DateConfig, definition: ObjectDefinition, span: Span) -> Iterator[Due]:
    key = f"{config.field} {config.days} {config.hours}"
    if definition.all_fields[config.field].rule_type.kind == "datetime":
        offset = timedelta(days=config.days, hours=config.hours)
        bounds = ((config.field, "gt", span.earliest - offset), (config.field, "le", span.until - offset))
        yield Due(key, bounds, config.field)
        return
    first = span.earliest.date() - timedelta(days=config.days + 2)
    count = min((span.until.date() - span.earliest.date()).days + 5, _MOST_DAYS_MISSED)
    days = [first + timedelta(days=index) for index in range(count)]
    reached = [day for day in days if span.earliest < moment_of(config, day, span.time_zone) <= span.until]
    if reached:
        yield Due(key, ((config.field, "in", reached),), config.field)


TRIGGER_TYPE = TriggerType(
    name="date.reached",
    label="Date reached",
    description=(
        "Starts when the date in a field comes, or so many days before or after; once for each record and date, also "
        "when nothing ran at that moment. A date that is entered after its moment starts nothing."
    ),
    config=DateConfig,
    check=_check,
    due=_due,
    examples=(
        {"type": "date.reached", "object": "deal", "field": "created_at", "hours": 48},
        {"type": "date.reached", "object": "deal", "field": "updated_at", "days": 14, "when": "stage = 'engaging'"},
    ),
)
