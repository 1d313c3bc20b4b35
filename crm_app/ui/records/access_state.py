"""Who can see a record and why, and why oneself can't change it."""

from typing import Any, TypedDict
from urllib.parse import parse_qsl

import reflex as rx

from crm_app.definitions.role import ACTIONS, Action
from crm_app.kernel.events import RecordRef
from crm_app.services.access_words import verb_words
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import MAX_PEOPLE, who_can, why_not
from crm_app.services.why_answers import Remedy, Viewers
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
        action = asked_why(self.router.url.query) or "edit"
        found, refusal = await attempt(self, lambda work: _answers(work, here, action))
        if found is not None:
            self.lines, self.more, self.refused = found
            self.is_open = True
        return refusal

    @rx.event
    def close(self) -> None:
        self.is_open = False


def asked_why(query: str) -> Action | None:
    """What somebody was refused, by the address that the refusal led to."""
    wanted = dict(parse_qsl(query)).get("why", "")
    return next((action for action in ACTIONS if action == wanted), None)


def _answers(work: UnitOfWork, here: RecordRef, action: Action) -> tuple[list[PersonLine], str, str]:
    found = who_can(work, here)
    people = found.people
    lines = [PersonLine(id=str(each.id), name=each.name, why=" ".join(each.reasons)) for each in people[:MOST_SHOWN]]
    answer = why_not(work, here, action)
    clauses = [clause.message for clause in answer.clauses]
    cant = f"You can't {verb_words(action)} it."
    said = "" if answer.allowed else " ".join([cant, *answer.reasons, *clauses, _said(answer.remedy)])
    return lines, _more(found), said


def _more(found: Viewers) -> str:
    more = f"And {len(found.people) - MOST_SHOWN:,} more." if len(found.people) > MOST_SHOWN else ""
    rest = f"Only the first {MAX_PEOPLE:,} accounts were asked about." if found.next else ""
    return " ".join(each for each in (more, rest) if each)


def _said(remedy: Remedy | None) -> str:
    """What would help, and who to ask."""
    if remedy is None:
        return ""
    more = f" and {remedy.by_count - len(remedy.by)} more" if remedy.by_count > len(remedy.by) else ""
    by = f" Ask {', '.join(remedy.by)}{more}." if remedy.by else ""
    return f"What would help: {remedy.sentence[:1].lower()}{remedy.sentence[1:]}{by}"
