"""What the inbox shows: what automations ask this person, the oldest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_app.services.inbox import PAGE, Question, my_questions, question_count
from crm_app.services.questions import progress_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path
from crm_app.ui.inbox.question_data import (
    Colleague,
    QuestionLine,
    answer_with,
    hand_on_with,
    people_to_ask,
    question_line,
)

_OPEN_AT_FIRST = 1


@dataclass(frozen=True)
class InboxData:
    lines: list[QuestionLine]
    people: list[Colleague]
    count: int
    summary: str


def inbox_data(work: UnitOfWork) -> InboxData:
    found = my_questions(work)
    seen, progress = _seen(work, found), progress_of(work, {each.key: each.asks for each in found})
    lines = [
        question_line(
            work,
            each,
            progress[each.key],
            record_path(each.ref.object, each.ref.id) if each in seen else "",
            is_open=at < _OPEN_AT_FIRST,
        )
        for at, each in enumerate(found)
    ]
    count = question_count(work)
    oldest = f" These are the {PAGE} oldest." if count > len(lines) else ""
    summary = f"{count} to answer.{oldest}" if lines else ""
    return InboxData(lines, people_to_ask(work) if lines else [], count, summary)


def answered(work: UnitOfWork, form: Mapping[str, Any]) -> InboxData:
    answer_with(work, form)
    return inbox_data(work)


def handed_on(work: UnitOfWork, form: Mapping[str, Any]) -> InboxData:
    hand_on_with(work, form)
    return inbox_data(work)


def _seen(work: UnitOfWork, questions: list[Question]) -> list[Question]:
    """Those about records in this person's reach, asked once for each object."""
    by_object: dict[str, list[Question]] = {}
    for each in questions:
        by_object.setdefault(each.ref.object, []).append(each)
    found: list[Question] = []
    for name, some in by_object.items():
        if name not in work.catalog.by_name or not work.access(name).allows("read"):
            continue
        ids = work.records.existing(name, [each.ref.id for each in some], work.reach("read", name))
        found += [each for each in some if each.ref.id in ids]
    return found
