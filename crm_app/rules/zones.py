"""Points in time and clocks on the wall. Null beyond the years 1 to 9999."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from crm_app.rules.inputs import Inputs


def local(inputs: Inputs, moment: date) -> date | None:
    """What the reader's calendar and clock show; a date is what it is."""
    if not isinstance(moment, datetime):
        return moment
    try:
        return moment.astimezone(ZoneInfo(inputs.time_zone)).replace(tzinfo=None)
    except OverflowError:
        return None


def local_day(inputs: Inputs, moment: date) -> date | None:
    found = local(inputs, moment)
    return found.date() if isinstance(found, datetime) else found


def instant(inputs: Inputs, shown: datetime) -> datetime | None:
    """When the reader's clock shows it, as PostgreSQL decides: of an hour that comes twice the second, and one that
    clocks skip counted on from before they did. Both have the smaller offset.
    """
    placed = shown.replace(tzinfo=ZoneInfo(inputs.time_zone))
    offsets = (placed.replace(fold=fold).utcoffset() for fold in (0, 1))
    try:
        return (shown - min(offset for offset in offsets if offset is not None)).replace(tzinfo=UTC)
    except OverflowError:
        return None
