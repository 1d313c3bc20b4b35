"""What automations ask people about a record, as everybody reads it who may see that: who is asked, how far it is, and
what was said. What a question shows and says is for those alone who are asked (`services.inbox`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, tuple_

from crm_app.kernel.events import RecordRef
from crm_app.services.automation_waits import WaitKey
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.system_tables import UserRow, table_of
from crm_app.storage.wait_tables import RunAssigneeRow

MOST = 50
_ASKED, _USERS = table_of(RunAssigneeRow), table_of(UserRow)
_OPEN = text("""
    SELECT w.run, w.path, w.asks, w.until, w.created_at FROM crm.run_wait w JOIN crm.run r ON r.id = w.run
    WHERE r.object = :object AND r.record = :record AND r.status IN ('pending', 'started')
    AND w.kind = 'people' AND w.state = 'open' ORDER BY w.created_at LIMIT :most""")
_SAID = text("""
    SELECT a.said, a.comment, a.at, w.asks ->> 'label' AS label, by_whom.name AS by_whom, asked.name AS asked
    FROM crm.run_assignee a JOIN crm.run r ON r.id = a.run JOIN crm.run_wait w ON w.run = a.run AND w.path = a.path
    JOIN crm.app_user asked ON asked.id = a.user LEFT JOIN crm.app_user by_whom ON by_whom.id = a.by
    WHERE r.object = :object AND r.record = :record AND a.said <> '' ORDER BY a.at DESC LIMIT :most""")


@dataclass(frozen=True)
class Progress:
    """How far a question is; what a form `need`s is `first`. `waiting` are those who have not answered, with who stands
    in for them.
    """

    need: str
    percent: int
    approved: int
    rejected: int
    waiting: tuple[str, ...]

    @property
    def asked(self) -> int:
        return self.approved + self.rejected + len(self.waiting)


@dataclass(frozen=True)
class AskedAbout:
    key: WaitKey
    kind: str
    automation: str
    at: datetime
    until: datetime | None
    progress: Progress


@dataclass(frozen=True)
class Said:
    """`instead_of` is whom somebody answered for."""

    at: datetime
    said: str
    comment: str
    automation: str
    by: str
    instead_of: str


def asked_about(work: UnitOfWork, ref: RecordRef) -> list[AskedAbout]:
    """Open questions about a record that this actor may see, the oldest first."""
    get_record(work, ref, names=False)
    rows = work.connection.execute(_OPEN, {"object": ref.object, "record": ref.id, "most": MOST}).all()
    keys = {WaitKey(row.run, row.path): row for row in rows}
    found = progress_of(work, {key: row.asks for key, row in keys.items()})
    return [
        AskedAbout(key, row.asks["kind"], row.asks["label"], row.created_at, row.until, found[key])
        for key, row in keys.items()
    ]


def progress_of(work: UnitOfWork, asks: Mapping[WaitKey, Mapping[str, Any]]) -> dict[WaitKey, Progress]:
    """Of questions that the caller may know of."""
    if not asks:
        return {}
    instead = _USERS.alias()
    query = (
        select(_ASKED.c.run, _ASKED.c.path, _ASKED.c.said, _USERS.c.name, instead.c.name.label("delegate"))
        .join(_USERS, _USERS.c.id == _ASKED.c.user)
        .join(instead, instead.c.id == _ASKED.c.delegate, isouter=True)
        .where(tuple_(_ASKED.c.run, _ASKED.c.path).in_([(key.run, key.path) for key in asks]))
        .order_by(_USERS.c.name)
    )
    rows = work.connection.execute(query).all()
    by_key: dict[WaitKey, list[Any]] = {key: [] for key in asks}
    for row in rows:
        by_key[WaitKey(row.run, row.path)].append(row)
    return {key: _progress(asks[key], found) for key, found in by_key.items()}


def said_about(work: UnitOfWork, ref: RecordRef, limit: int) -> list[Said]:
    """The newest answers; only for a record that the caller has found to be seen."""
    rows = work.connection.execute(_SAID, {"object": ref.object, "record": ref.id, "most": limit})
    return [
        Said(row.at, row.said, row.comment, row.label, row.by_whom or "", "" if row.by_whom == row.asked else row.asked)
        for row in rows
    ]


def _progress(asks: Mapping[str, Any], rows: Sequence[Any]) -> Progress:
    waiting = tuple(f"{row.delegate} for {row.name}" if row.delegate else row.name for row in rows if not row.said)
    yes, no = _count(rows, ("approved", "sent")), _count(rows, ("rejected",))
    need = "first" if asks["kind"] == "form" else str(asks.get("need", "any"))
    return Progress(need, int(asks.get("percent", 100)), yes, no, waiting)


def _count(rows: Iterable[Any], said: tuple[str, ...]) -> int:
    return sum(row.said in said for row in rows)
