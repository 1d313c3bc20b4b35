"""What the page of notifications shows: the person's own, the newest first."""

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.notifications import Notification, mark_read, my_notifications
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path

_PAGE = 50


class NotificationLine(TypedDict):
    """`href` is empty where it is about no record."""

    id: str
    title: str
    body: str
    at: str
    source: str
    href: str
    is_read: bool
    read_label: str


@dataclass(frozen=True)
class NotificationsData:
    lines: list[NotificationLine]
    has_more: bool


def notifications_data(work: UnitOfWork, shown: int = _PAGE) -> NotificationsData:
    found = my_notifications(work, shown + 1)
    return NotificationsData([_line(work, each) for each in found[:shown]], has_more=len(found) > shown)


def marked(work: UnitOfWork, which: str, shown: int) -> NotificationsData:
    """One of them, or all where none is named."""
    if which:
        mark_read(work, [_id(which)])
    else:
        mark_read(work)
    return notifications_data(work, shown)


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise NotFound("There is no such notification.")
    return found


def _line(work: UnitOfWork, each: Notification) -> NotificationLine:
    return NotificationLine(
        id=str(each.id),
        title=each.title,
        body=each.body,
        at=moment_text(each.at, work.who.time_zone),
        source=each.source if each.source != each.title else "",
        href=record_path(each.ref.object, each.ref.id) if each.ref and each.ref.object in work.catalog.by_name else "",
        is_read=each.is_read,
        read_label=f"Mark “{each.title}” as read",
    )
