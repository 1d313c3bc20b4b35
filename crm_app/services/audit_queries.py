"""What somebody looks for in the audit, read from the parameters of an address."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_app.kernel.errors import Invalid, Problem
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import with_zone
from crm_app.services.audit_log import AuditQuery

PARAMETERS = ("who", "object", "action", "record", "correlation", "since", "until", "q", "after")
_DAY = 10


class BadQuery(Invalid):
    """A part of the search that can't be read."""

    code = "bad_query"


def read_query(parameters: Mapping[str, str], time_zone: str = "UTC") -> AuditQuery:
    """Days are those of the reader's time zone; `until` a day means to its end."""
    problems: list[Problem] = []
    query = AuditQuery(
        who=parameters.get("who", ""),
        object=parameters.get("object", ""),
        name=parameters.get("action", ""),
        record=_id(parameters, "record", problems),
        correlation=_id(parameters, "correlation", problems),
        since=_moment(parameters, "since", time_zone, problems),
        until=_moment(parameters, "until", time_zone, problems),
        text=parameters.get("q", ""),
        after=_id(parameters, "after", problems),
    )
    if problems:
        raise BadQuery("The audit can't be searched so.", problems)
    return query


def _id(parameters: Mapping[str, str], name: str, problems: list[Problem]) -> UUID | None:
    text = parameters.get(name, "")
    found = parse_id(text) if text else None
    if text and found is None:
        problems.append(Problem(name, "Expected an id."))
    return found


def _moment(parameters: Mapping[str, str], name: str, zone: str, problems: list[Problem]) -> datetime | None:
    text = parameters.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(with_zone(text, zone))
        found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
        is_whole_day = name == "until" and len(text) == _DAY
        return (found + timedelta(days=1) if is_whole_day else found).astimezone(UTC)
    except (ValueError, OverflowError):
        problems.append(Problem(name, f"'{text[:30]}' is no day or time, such as 2026-01-31."))
        return None
