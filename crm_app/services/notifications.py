"""What the product tells people inside of it. Everybody reads and marks their own, and nobody else's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, insert, select, text, update

from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.in_person import require_wide
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.notification_table import NotificationRow
from crm_app.storage.system_tables import UserRow, table_of

PEOPLE_CHANNEL = "trellis_people"
MOST_NAMED = 200
MAX_TITLE = 200
MAX_BODY = 2_000
MAX_RECIPIENTS = 500
MOST_COUNTED = 100
PAGE = 50

_SAY = text("SELECT pg_notify(:channel, :said)")
_ROWS, _USERS = table_of(NotificationRow), table_of(UserRow)


@dataclass(frozen=True)
class Notification:
    """`ref` may name a record that its reader can't see, or not any more."""

    id: UUID
    at: datetime
    title: str
    body: str
    ref: RecordRef | None
    source: str
    is_read: bool


def notify(
    work: UnitOfWork,
    users: Sequence[UUID],
    title: str,
    body: str = "",
    about: RecordRef | None = None,
    source: str = "",
) -> list[UUID]:
    """Tells every one of them that has an active account, once; gives whom."""
    wanted = list(dict.fromkeys(users))[:MAX_RECIPIENTS]
    query = select(_USERS.c.id).where(_USERS.c.id.in_(wanted), _USERS.c.is_active)
    active = set(work.connection.execute(query).scalars())
    told = [user for user in wanted if user in active]
    at = clock.now()
    rows = [
        {
            "id": new_id(), "user": user, "at": at, "title": title[:MAX_TITLE], "body": body[:MAX_BODY],
            "object": about.object if about else "", "record": about.id if about else None, "source": source,
        }
        for user in told
    ]  # fmt: skip
    if rows:
        work.connection.execute(insert(_ROWS), rows)
        stir_pages(work, told)
    return told


def stir_pages(work: UnitOfWork, users: Sequence[UUID]) -> None:
    """Pages that these people have open count anew what they are asked and told, once this is committed."""
    said = ",".join(map(str, users)) if len(users) <= MOST_NAMED else ""
    work.connection.execute(_SAY, {"channel": PEOPLE_CHANNEL, "said": said})


def my_notifications(
    work: UnitOfWork, limit: int = PAGE, before: UUID | None = None, *, unread: bool = False
) -> list[Notification]:
    """The newest first; `before` is the last one of the page before."""
    query = select(_ROWS).where(_ROWS.c.user == _me(work)).order_by(_ROWS.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(_ROWS.c.id < before)
    if unread:
        query = query.where(_ROWS.c.read_at.is_(None))
    return [
        Notification(
            row.id,
            row.at,
            row.title,
            row.body,
            RecordRef(row.object, row.record) if row.record else None,
            row.source,
            row.read_at is not None,
        )
        for row in work.connection.execute(query)
    ]


def unread_count(work: UnitOfWork) -> int:
    """Counts no further than `MOST_COUNTED`."""
    if work.who.user_id is None or work.standing.only_looks:
        return 0
    some = select(_ROWS.c.id).where(_ROWS.c.user == work.who.user_id, _ROWS.c.read_at.is_(None)).limit(MOST_COUNTED)
    return work.connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def mark_read(work: UnitOfWork, which: Sequence[UUID] | None = None) -> int:
    """Of the person's own, these or all; how many were unread."""
    mine = update(_ROWS).where(_ROWS.c.user == _me(work), _ROWS.c.read_at.is_(None)).values(read_at=clock.now())
    changed = work.connection.execute(mine if which is None else mine.where(_ROWS.c.id.in_(list(which)))).rowcount
    if changed:
        stir_pages(work, [_me(work)])
    return changed


def _me(work: UnitOfWork) -> UUID:
    if work.who.user_id is None:
        raise Forbidden("Only people have notifications.")
    require_wide(work, "notifications")
    return work.who.user_id
