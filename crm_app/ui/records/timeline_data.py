"""The timeline as it is painted: one line per fact, newest first."""

from typing import TypedDict

from crm_app.services.timeline import TimelineEntry
from crm_app.ui.address import record_path
from crm_app.ui.records.values import moment_text

_ICONS = {"created": "plus", "updated": "pencil", "deleted": "trash-2", "run": "workflow"}
_EMPTY = "empty"


class Change(TypedDict):
    label: str
    before: str
    after: str


class Entry(TypedDict):
    key: str
    icon: str
    title: str
    href: str
    note: str
    at: str
    status: str
    changes: list[Change]


def entry_of(entry: TimelineEntry, time_zone: str) -> Entry:
    is_open = entry.is_done is False
    mark = ("circle-check" if entry.is_done else "circle-dot" if is_open else "activity") if entry.ref else ""
    at = moment_text(entry.at, time_zone)
    return Entry(
        key=f"{entry.kind}:{entry.ref.id if entry.ref else ''}:{entry.at.isoformat()}:{entry.title}",
        icon=mark or _ICONS.get(entry.kind, "activity"),
        title=entry.title,
        href=record_path(entry.ref.object, entry.ref.id) if entry.ref else "",
        note=" · ".join(part for part in (entry.detail, entry.actor) if part),
        at=at,
        status="done" if entry.is_done else "open" if is_open else "",
        changes=[
            Change(label=change.label, before=change.before or _EMPTY, after=change.after or _EMPTY)
            for change in entry.changes
        ],
    )
