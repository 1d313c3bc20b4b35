"""With whom a record is shared, for the dialog that changes it."""

from datetime import datetime, timedelta
from typing import TypedDict, cast

from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import on_clock, with_zone
from crm_app.services.share_grantees import grantees
from crm_app.services.shares import GranteeKind, SharedWith, share_record, shares_of, unshare_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.record_data import NO_RECORD
from crm_app.ui.records.suggestions import Suggestion

_MAX_TEXT = 100
_LIMIT = 8
_KINDS = {"user": "Person", "team": "Team", "role": "Role"}
_LEVELS = {"read": "may read it", "edit": "may read and edit it"}


class ShareLine(TypedDict):
    id: str
    name: str
    kind: str
    what: str


def share_lines(work: UnitOfWork, ref: RecordRef) -> list[ShareLine]:
    return [_line(work, each) for each in shares_of(work, ref)]


def _line(work: UnitOfWork, shared: SharedWith) -> ShareLine:
    last = on_clock(shared.until - timedelta(microseconds=1), work.who.time_zone) if shared.until else None
    until = f" until the end of {last:%Y-%m-%d}" if last else ""
    what = f"{_LEVELS[shared.level]}{until}{f', says {shared.by}' if shared.by else ''}"
    return ShareLine(id=str(shared.id), name=shared.name, kind=_KINDS[shared.kind], what=what)


def grantee_names(work: UnitOfWork, ref: RecordRef, words: str) -> list[Suggestion]:
    found = grantees(work, ref, words[:_MAX_TEXT], _LIMIT)
    return [Suggestion(value=f"{each.kind}:{each.id}", label=each.name, kind=_KINDS[each.kind]) for each in found]


def shared(work: UnitOfWork, ref: RecordRef, grantee: str, level: str, until: str) -> str:
    """Says what was done. The last day counts as a whole, where the actor is."""
    kind, _, identifier = grantee.partition(":")
    end = _end(work, until)
    made = share_record(work, ref, cast("GranteeKind", kind), identifier, "edit" if level == "edit" else "read", end)
    return f"Shared with {made.name}."


def taken_back(work: UnitOfWork, ref: RecordRef, share: str) -> None:
    identifier = parse_id(share)
    if identifier is None:
        raise NotFound(NO_RECORD)
    unshare_record(work, ref, identifier)


def _end(work: UnitOfWork, text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return datetime.fromisoformat(with_zone(text.strip(), work.who.time_zone)) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise Invalid("The record was not shared.", [Problem("until", "Write the last day as 2026-12-31.")]) from error
