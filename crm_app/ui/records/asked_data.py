"""What automations ask about a record: this person's own questions, and of others only whom they wait for."""

from typing import TypedDict

from crm_app.kernel.events import RecordRef
from crm_app.services.inbox import my_questions
from crm_app.services.questions import asked_about
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.inbox.question_data import (
    Colleague,
    OtherQuestion,
    QuestionLine,
    other_line,
    people_to_ask,
    question_line,
)


class AskedShown(TypedDict):
    mine: list[QuestionLine]
    others: list[OtherQuestion]
    people: list[Colleague]


NOTHING_ASKED = AskedShown(mine=[], others=[], people=[])


def asked_data(work: UnitOfWork, ref: RecordRef) -> AskedShown:
    about = asked_about(work, ref)
    if not about:
        return NOTHING_ASKED
    known = {each.key: each.progress for each in about}
    is_asked = work.who.user_id is not None and not work.standing.only_looks
    mine = [each for each in my_questions(work, ref) if each.key in known] if is_asked else []
    own = {each.key for each in mine}
    return AskedShown(
        mine=[question_line(work, each, known[each.key], "", is_open=at == 0) for at, each in enumerate(mine)],
        others=[other_line(work, each) for each in about if each.key not in own],
        people=people_to_ask(work) if mine else [],
    )
