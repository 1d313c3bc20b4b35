"""The timeline as it is painted: one line per fact, newest first."""

from typing import TypedDict

from crm_app.kernel.events import RecordRef
from crm_app.kernel.times import moment_text
from crm_app.services.in_person import is_administrator
from crm_app.services.timeline import TimelineEntry, timeline
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path, run_path
from crm_app.ui.records.done import done_field, done_state, may_mark
from crm_app.ui.records.values import value_text

_ICONS = {
    "created": "plus", "updated": "pencil", "deleted": "trash-2", "run": "workflow", "mail": "mail",
    "approved": "circle-check", "rejected": "circle-x", "sent": "clipboard-check",
}  # fmt: skip
_EMPTY = "empty"


class Change(TypedDict):
    label: str
    before: str
    after: str


class Entry(TypedDict):
    """`done` is `yes` or `no` for an activity that can be done; `object` and `record` say which activity it is."""

    key: str
    icon: str
    title: str
    href: str
    note: str
    at: str
    object: str
    record: str
    done: str
    done_label: str
    can_mark: bool
    changes: list[Change]


def entries_of(work: UnitOfWork, ref: RecordRef) -> list[Entry]:
    zone = work.who.time_zone
    found = timeline(work, ref, say=lambda field, value: value_text(field, value, zone))
    return [_entry(work, entry) for entry in found]


def _entry(work: UnitOfWork, entry: TimelineEntry) -> Entry:
    ref = entry.ref
    activity = work.definition(ref.object) if ref else None
    done = done_field(work, activity) if activity and entry.is_done is not None else None
    return Entry(
        key=f"{entry.kind}:{ref.id if ref else entry.run or entry.at.isoformat()}",
        icon=_ICONS.get(entry.kind, "activity"),
        title=entry.title,
        href=record_path(ref.object, ref.id) if ref else _run_href(work, entry),
        note=" · ".join(part for part in (entry.detail, entry.actor) if part),
        at=moment_text(entry.at, work.who.time_zone),
        object=ref.object if ref else "",
        record=str(ref.id) if ref else "",
        done=done_state(entry.is_done) if done else "",
        done_label=f"{done.label}: {entry.title}" if done else "",
        can_mark=activity is not None and may_mark(work, activity),
        changes=[
            Change(label=change.label, before=change.before or _EMPTY, after=change.after or _EMPTY)
            for change in entry.changes
        ],
    )


def _run_href(work: UnitOfWork, entry: TimelineEntry) -> str:
    """The run itself is for administrators."""
    return run_path(entry.run) if entry.run is not None and is_administrator(work) else ""
