"""What happened to a record, newest first: its changes, the activities that point at it, its automations."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_app.definitions.field import OWNER, FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Related
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.events import RecordRef
from crm_app.services.audit_words import said
from crm_app.services.automation_runs import runs_of
from crm_app.services.lists import count_records, list_records
from crm_app.services.mails import mails_about
from crm_app.services.questions import said_about
from crm_app.services.record_query import Count, Record, RecordQuery, Sort, pointing_here
from crm_app.services.records import get_record
from crm_app.services.run_lists import automation_label
from crm_app.services.targets import names_of, places
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.history import recent

RELATED_SHOWN = 5
_RUN_WORDS = {
    "pending": "Workflow, about to start",
    "started": "Workflow, running",
    "finished": "Workflow, done",
    "failed": "Workflow, failed",
    "cancelled": "Workflow, cancelled",
}
_MAIL_WORDS = {
    "failed": "could not be sent",
    "queued": "waits to be sent",
    "unknown": "may have been sent",
    "suppressed": "not sent: the address refused mail before",
}
_ANSWERS = {"approved": "Approved", "rejected": "Rejected", "sent": "Form filled in"}
_TOLD_BELOW = ("question.answered",)
Say = Callable[[FieldDefinition, Any], str]
_VERBS = {f"record.{verb}": verb for verb in ("created", "updated", "deleted", "restored")}


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class TimelineEntry:
    """`kind` is `activity`, `created`, `updated`, `deleted`, `run`, `mail`, what somebody answered, or `other`.
    `is_done` is `None` for what can't be done.
    """

    at: datetime
    kind: str
    title: str
    detail: str = ""
    actor: str = ""
    ref: RecordRef | None = None
    changes: tuple[FieldChange, ...] = ()
    is_done: bool | None = None
    run: UUID | None = None


@dataclass(frozen=True)
class RelatedList:
    """The records of another object that point here through one of its relations."""

    object: ObjectDefinition
    field: FieldDefinition
    label: str
    records: tuple[Record, ...]
    count: Count

    @property
    def name(self) -> str:
        """What layouts and rules call it."""
        return Related(self.object, self.field).name


def plain(field: FieldDefinition, value: Any) -> str:
    return field.text(value)


def timeline(work: UnitOfWork, ref: RecordRef, limit: int = 50, say: Say = plain) -> list[TimelineEntry]:
    """Only of a record that the actor may see, and of each entry only what they may see of it. `say` writes values."""
    get_record(work, ref, names=False)
    entries = [*_changes(work, ref, limit, say), *_activities(work, ref, limit)]
    entries += [*_runs(work, ref, limit), *_mails(work, ref, limit), *_answers(work, ref, limit)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def related_records(work: UnitOfWork, ref: RecordRef) -> list[RelatedList]:
    """One list per relation that points at the record's object, for the objects that the actor may read."""
    found: list[RelatedList] = []
    for related in _readable_relations(work, ref.object):
        if related.object.activity:
            continue
        query = RecordQuery(
            related.object.name,
            (pointing_here(related, ref),),
            limit=RELATED_SHOWN,
            fields=_readable(work, related.object.name, dict.fromkeys((*related.object.shown_in_lists, OWNER.name))),
        )
        page = list_records(work, query)
        found.append(
            RelatedList(related.object, related.field, related.label, page.records, count_records(work, query))
        )
    return found


def _readable_relations(work: UnitOfWork, name: str) -> Iterator[Related]:
    for related in work.catalog.related.get(name, ()):
        if related.field.name in (work.fields(related.object.name) or {}):
            yield related


def _readable(work: UnitOfWork, name: str, fields: Iterable[str]) -> tuple[str, ...]:
    hidden = work.access(name).hidden
    return tuple(field for field in fields if field not in hidden)


def _changes(work: UnitOfWork, ref: RecordRef, limit: int, say: Say) -> Iterator[TimelineEntry]:
    definition = work.definition(ref.object)
    readable = set(work.fields(ref.object) or {})
    for _id, at, name, actor, changes in recent(work.connection, definition, ref.id, limit):
        if name in _TOLD_BELOW:
            continue
        kind = _VERBS.get(name, name)
        shown: list[FieldChange] = []
        if kind == "updated":
            shown = [
                FieldChange(f.label, old, new)
                for field_name, (before, after) in changes.items()
                if field_name in readable and (f := definition.all_fields.get(field_name)) is not None
                if (old := value_of(work, f, before, say)) != (new := value_of(work, f, after, say)) or not f.targets
            ]
            if not shown:
                continue
        automation = actor.get("automation")
        by = automation_label(work, automation) if automation else actor.get("name", "")
        if name not in _VERBS:
            yield TimelineEntry(at, "other", f"{definition.label}: {said(name)}", actor=by)
            continue
        yield TimelineEntry(at, kind, f"{definition.label} {kind}", actor=by, changes=tuple(shown))


def value_of(work: UnitOfWork, field: FieldDefinition, dumped: Any, say: Say) -> str:
    """What the audit kept, as a person reads it."""
    if dumped is None:
        return ""
    try:
        value = field.parse(dumped)
    except FieldValueError:
        return str(dumped)
    if not field.targets:
        return say(field, value)
    return ", ".join(names_of(work, places(field, value), with_deleted=True))


def _activities(work: UnitOfWork, ref: RecordRef, limit: int) -> Iterator[TimelineEntry]:
    zone = ZoneInfo(work.who.time_zone)
    for related in _readable_relations(work, ref.object):
        activity = related.object.activity
        if activity is None:
            continue
        query = RecordQuery(
            related.object.name,
            (pointing_here(related, ref),),
            sort=(Sort("created_at", descending=True),),
            limit=limit,
            fields=_readable(work, related.object.name, related.object.all_fields),
        )
        for record in list_records(work, query).records:
            when = record.values.get(activity.when)
            owner = record.references.get("owner")
            done = record.values.get(activity.done) if activity.done else None
            yield TimelineEntry(
                at=_instant(when, zone) or record.values["created_at"],
                kind="activity",
                title=record.name,
                detail=related.object.label,
                actor=owner.name if owner else "",
                ref=record.ref,
                is_done=bool(done) if activity.done else None,
            )


def _runs(work: UnitOfWork, ref: RecordRef, limit: int) -> Iterator[TimelineEntry]:
    for run in runs_of(work, ref, limit):
        yield TimelineEntry(run.at, "run", run.label, detail=_RUN_WORDS.get(run.status, run.status), run=run.id)


def _answers(work: UnitOfWork, ref: RecordRef, limit: int) -> Iterator[TimelineEntry]:
    for each in said_about(work, ref, limit):
        by = f"{each.by} for {each.instead_of}" if each.instead_of else each.by
        detail = f"{each.automation}: “{each.comment}”" if each.comment else each.automation
        yield TimelineEntry(each.at, each.said, _ANSWERS.get(each.said, each.said), detail, by)


def _mails(work: UnitOfWork, ref: RecordRef, limit: int) -> Iterator[TimelineEntry]:
    for mail in mails_about(work, ref, limit):
        to = f" to {', '.join(mail.recipients)}" if mail.recipients else ""
        said = _MAIL_WORDS.get(mail.state, mail.state)
        yield TimelineEntry(mail.at, "mail", mail.subject or "Email", f"Email{to}, {said}", mail.automation)


def _instant(when: object, zone: ZoneInfo) -> datetime | None:
    if isinstance(when, datetime):
        return when
    return datetime.combine(when, time(9), zone) if isinstance(when, date) else None
