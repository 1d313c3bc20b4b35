"""The audit as a file: CSV for people, or one JSON object in a line for programs; a page in memory at a time."""

import csv
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from io import StringIO
from typing import Any, Literal

import orjson

from crm_app.kernel.actor import Actor
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.audit_log import MAX_PAGE, AuditEntry, AuditQuery, read_audit
from crm_app.services.audit_words import said
from crm_app.services.formula_guard import guarded
from crm_app.services.in_person import require_administrator
from crm_app.services.workspace import Workspace

Shape = Literal["csv", "ndjson"]
_HEADS = ("time", "who", "what", "object", "record", "name", "changes", "reason", "correlation", "id")


def audit_stream(workspace: Workspace, actor: Actor, query: AuditQuery, shape: Shape) -> Generator[bytes]:
    """A refusal comes before the first piece; that somebody took the audit out is in it before they have any."""
    with workspace.work(actor) as work:
        require_administrator(work, "export the audit")
        write_entry(work, Entry("audit.exported", after={k: str(v) for k, v in vars(query).items() if v}))
    line: Callable[[AuditEntry], str] = _csv_line if shape == "csv" else _json_line
    yield (_cells(_HEADS) if shape == "csv" else "").encode()
    query = replace(query, limit=MAX_PAGE)
    while True:
        with workspace.reading(actor) as work:
            page = read_audit(work, query)
        if page.entries:
            yield "".join(map(line, page.entries)).encode()
        if page.next is None:
            return
        query = replace(query, after=page.next)


def entry_json(entry: AuditEntry) -> Mapping[str, Any]:
    """As programs read it. `changes` is null where they are closed to the reader."""
    changes = [{"field": c.label, "before": c.before, "after": c.after} for c in entry.changes]
    return {
        "id": str(entry.id),
        "at": entry.at.isoformat(),
        "name": entry.name,
        "actor": entry.actor,
        "object": entry.object or None,
        "record": str(entry.record) if entry.record else None,
        "record_name": entry.record_name or None,
        "version": entry.version,
        "changes": None if entry.is_closed else changes,
        "correlation": str(entry.correlation) if entry.correlation else None,
        "reason": entry.reason or None,
    }


def _json_line(entry: AuditEntry) -> str:
    return orjson.dumps(entry_json(entry)).decode() + "\n"


def _csv_line(entry: AuditEntry) -> str:
    changes = "; ".join(f"{c.label}: {c.before or 'empty'} → {c.after or 'empty'}" for c in entry.changes)
    return _cells(
        (
            entry.at.isoformat(),
            entry.who,
            said(entry.name),
            entry.label,
            str(entry.record or ""),
            entry.record_name,
            changes,
            entry.reason,
            str(entry.correlation or ""),
            str(entry.id),
        )
    )


def _cells(texts: tuple[str, ...]) -> str:
    output = StringIO(newline="")
    csv.writer(output, lineterminator="\r\n").writerow([guarded(text) for text in texts])
    return output.getvalue()
