from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict
from urllib.parse import urlencode

from crm_app.kernel.times import moment_text
from crm_app.services.audit_log import AuditEntry, known_actions, read_audit
from crm_app.services.audit_queries import PARAMETERS, read_query
from crm_app.services.audit_words import said
from crm_app.services.objects import visible_objects
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import AUDIT, record_path
from crm_app.ui.inputs import Choice
from crm_app.ui.records.values import value_text

FILTERS = tuple(name for name in PARAMETERS if name != "after")
_MOST_CHANGES = 40


class AuditChange(TypedDict):
    label: str
    before: str
    after: str


class AuditLine(TypedDict):
    """`together_href` leads to all that was part of the same run, import or bulk change."""

    key: str
    at: str
    who: str
    what: str
    about: str
    record_name: str
    record_href: str
    changes: list[AuditChange]
    note: str
    together_href: str


@dataclass(frozen=True)
class AuditData:
    lines: list[AuditLine]
    values: dict[str, str]
    actions: list[Choice]
    objects: list[Choice]
    is_filtered: bool
    next_href: str
    csv_href: str
    lines_href: str
    note: str


def audit_data(work: UnitOfWork, asked: Mapping[str, str]) -> AuditData:
    """`asked` are the parameters of the page's address."""
    values = {name: asked.get(name, "")[:200] for name in PARAMETERS}
    zone = work.who.time_zone
    page = read_audit(work, read_query(values, zone), say=lambda field, value: value_text(field, value, zone))
    filters = {name: values[name] for name in FILTERS}
    live = set(work.catalog.by_name)
    return AuditData(
        lines=[_line(entry, live, zone) for entry in page.entries],
        values=filters,
        actions=[_choice(name, said(name).capitalize(), values["action"]) for name in known_actions(work)],
        objects=[_choice(d.name, d.plural, values["object"]) for d in visible_objects(work)],
        is_filtered=any(filters.values()),
        next_href=audit_path(filters, after=str(page.next)) if page.next else "",
        csv_href=f"/audit/entries.csv{_query(filters)}",
        lines_href=f"/audit/entries.ndjson{_query(filters)}",
        note=_note(page.next is not None, len(page.entries), values["q"]),
    )


def audit_path(filters: Mapping[str, str], **more: str) -> str:
    return f"{AUDIT}{_query({**filters, **more})}"


def _query(values: Mapping[str, str]) -> str:
    pairs = [(name, value) for name, value in values.items() if value]
    return f"?{urlencode(pairs)}" if pairs else ""


def _choice(value: str, label: str, chosen: str) -> Choice:
    return Choice(value=value, label=label, id=f"audit-{value}", is_chosen=value == chosen)


def _note(has_more: bool, count: int, text: str) -> str:
    if not text or not has_more or count:
        return ""
    return "Nothing among the newest 100,000 entries. Look further back, or narrow the search by time."


def _line(entry: AuditEntry, live: set[str], zone: str) -> AuditLine:
    is_open = entry.name.startswith("record.") and entry.record_name and entry.object in live
    shown = entry.changes[:_MOST_CHANGES]
    closed = "What changed is closed to you." if entry.is_closed else ""
    return AuditLine(
        key=str(entry.id),
        at=moment_text(entry.at, zone),
        who=entry.who,
        what=said(entry.name),
        about=entry.label if not entry.record_name else "",
        record_name=entry.record_name,
        record_href=record_path(entry.object, entry.record) if is_open and entry.record else "",
        changes=[AuditChange(label=c.label, before=c.before, after=c.after) for c in shown],
        note=" ".join(part for part in (f"“{entry.reason}”" if entry.reason else "", closed) if part),
        together_href=audit_path({"correlation": str(entry.correlation)}) if entry.correlation else "",
    )
