"""Who can see a record and why, and why oneself can't change it."""

from typing import Any, TypedDict

import reflex as rx

from crm_app.kernel.events import RecordRef
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import who_can, why_not
from crm_app.services.why_answers import Remedy
from crm_app.ui.address import path_parts
from crm_app.ui.records.record_data import require_ref
from crm_app.ui.refusals import attempt

MOST_SHOWN = 100


class PersonLine(TypedDict):
    id: str
    name: str
    why: str


class AccessDialog(rx.State):
    is_open: bool = False
    lines: rx.Field[list[PersonLine]] = rx.field(default_factory=list)
    more: str = ""
    refused: str = ""

    @rx.event
    async def ask(self) -> Any:
        here = require_ref(path_parts(self.router.url.path))
        found, refusal = await attempt(self, lambda work: _answers(work, here))
        if found is not None:
            self.lines, self.more, self.refused = found
            self.is_open = True
        return refusal

    @rx.event
    def close(self) -> None:
        self.is_open = False


def _answers(work: UnitOfWork, here: RecordRef) -> tuple[list[PersonLine], str, str]:
    people = who_can(work, here)
    lines = [PersonLine(id=str(each.id), name=each.name, why=" ".join(each.reasons)) for each in people[:MOST_SHOWN]]
    answer = why_not(work, here, "edit")
    clauses = [clause.message for clause in answer.clauses]
    said = "" if answer.allowed else " ".join(["You can't edit it.", *answer.reasons, *clauses, _said(answer.remedy)])
    return lines, f"And {len(people) - MOST_SHOWN:,} more." if len(people) > MOST_SHOWN else "", said


def _said(remedy: Remedy | None) -> str:
    """What would help, and who to ask."""
    if remedy is None:
        return ""
    more = f" and {remedy.by_count - len(remedy.by)} more" if remedy.by_count > len(remedy.by) else ""
    by = f" Ask {', '.join(remedy.by)}{more}." if remedy.by else ""
    return f"What would help: {remedy.sentence[:1].lower()}{remedy.sentence[1:]}{by}"
