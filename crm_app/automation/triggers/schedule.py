from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from pydantic import Field, field_validator

from crm_app.automation.trigger_type import BatchConfig, Due, Span, TriggerType
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem

_YEAR = timedelta(days=366)


class ScheduleConfig(BatchConfig):
    """`cron` has five parts: minute, hour, day, month, day of the week. It is read in `time_zone`, or the workspace's.
    It starts a run for each record that `when` finds, of the `view` where one is named; or, `once`, a single run about
    none. Of moments that were missed, only the last one counts.
    """

    cron: str = Field(max_length=100)
    time_zone: str = ""
    view: str = ""
    once: bool = False

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, cron: str) -> str:
        try:
            found = CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(
                f"This is no schedule: {error}. Write one as '0 9 * * 1-5': at 9:00, Monday to Friday."
            ) from None
        if len(cron.split()) != 5:  # noqa: PLR2004 - the five parts of cron
            raise ValueError("A schedule has five parts: minute, hour, day, month, day of the week.")
        if next(found, None) is None:
            raise ValueError("This schedule never comes.")
        return cron

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        if zone and zone not in available_timezones():
            raise ValueError(f"'{zone[:50]}' is no time zone such as Europe/Berlin.")
        return zone


def last_moment(config: ScheduleConfig, span: Span) -> datetime | None:
    """The last moment of the schedule in the span. By the clock on the wall: what lies in the gap of a change to summer
    time comes right after it, and what comes twice in the autumn, once.
    """
    zone = ZoneInfo(config.time_zone or span.time_zone)
    begin = max(span.since, span.until - _YEAR)
    found: datetime | None = None
    backwards = CronSim(config.cron, span.until.astimezone(zone) + timedelta(seconds=1), reverse=True)
    candidate = next(backwards, None)
    if candidate is not None and begin < candidate.astimezone(UTC) <= span.until:
        found = candidate
    forwards = CronSim(config.cron, max(begin, span.until - timedelta(hours=3)).astimezone(zone))
    for moment in forwards:
        if moment.astimezone(UTC) > span.until:
            break
        if moment.astimezone(UTC) > begin:
            found = moment
    return found


def _check(config: ScheduleConfig, definition: ObjectDefinition, catalog: Package) -> Iterator[Problem]:
    views = {view.name for view in catalog.views if view.object == definition.name}
    if config.view and config.view not in views:
        yield Problem("view", f"{definition.plural} have no view '{config.view[:50]}'.")
    if config.once and (config.view or config.batch):
        yield Problem("once", "A run about no record needs neither a view nor a batch.")


def _due(config: ScheduleConfig, _definition: ObjectDefinition, span: Span) -> Iterator[Due]:
    moment = last_moment(config, span)
    if moment is not None:
        key = f"schedule {moment.replace(tzinfo=None).isoformat()}"
        yield Due(key, view=config.view, once=config.once)


TRIGGER_TYPE = TriggerType(
    name="schedule",
    label="Schedule",
    description=(
        "Starts at set times: once for each record of the object or of a view of it for which its condition holds, "
        "or for all of them together, or about no record at all."
    ),
    config=ScheduleConfig,
    check=_check,
    due=_due,
    examples=(
        {"type": "schedule", "object": "deal", "cron": "0 9 * * 1-5", "when": "stage = 'engaging'"},
        {"type": "schedule", "object": "deal", "cron": "0 0 1 * *", "time_zone": "Europe/Berlin"},
        {"type": "schedule", "object": "deal", "cron": "0 7 * * 1", "batch": True, "when": "stage = 'engaging'"},
        {"type": "schedule", "object": "deal", "cron": "0 7 * * *", "once": True},
    ),
)
