"""What automations ask people: who is asked, what they said, and when that is enough. Only those who are asked see a
question and answer it, each once; what it shows is part of the question, so its record need not be in their reach.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import func, insert, or_, select, text, update

from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.automation_waits import WaitKey, answer_wait
from crm_app.services.form_values import form_values
from crm_app.services.in_person import require_wide
from crm_app.services.notifications import notify, stir_pages
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import RunRow
from crm_app.storage.system_tables import UserRow, table_of
from crm_app.storage.wait_tables import RunAssigneeRow, RunWaitRow

Need = Literal["any", "all", "percent"]
MAX_COMMENT = 4_000
MOST_COUNTED = 100
PAGE = 50

_ASKED, _WAITS, _RUNS = table_of(RunAssigneeRow), table_of(RunWaitRow), table_of(RunRow)
_USERS = table_of(UserRow)
_CONCERNED = text(
    "SELECT unnest(ARRAY[a.user, a.delegate]) FROM crm.run_assignee a WHERE a.run = :run AND a.path = :path"
)
_LOCK = text("SELECT state, asks FROM crm.run_wait WHERE run = :run AND path = :path AND kind = 'people' FOR UPDATE")


class TooLate(Conflict):
    """The question was settled meanwhile, or this person has answered it."""

    code = "too_late"


@dataclass(frozen=True)
class Question:
    """`asks` is what the step made of it (`automation/asking.py`); `for_name` is in whose place it is answered."""

    key: WaitKey
    asks: Mapping[str, Any]
    ref: RecordRef
    automation: str
    at: datetime
    until: datetime | None
    for_name: str


@dataclass(frozen=True)
class Reply:
    """`said` is approved or rejected, or sent for a form, whose `values` it holds."""

    said: str
    comment: str = ""
    values: Mapping[str, Any] | None = None


def ask_people(work: UnitOfWork, key: WaitKey, users: Sequence[UUID]) -> list[UUID]:
    """Those of them that have an active account; their number is what a share is counted of."""
    query = select(_USERS.c.id).where(_USERS.c.id.in_(list(users)), _USERS.c.is_active).order_by(_USERS.c.id)
    found = list(work.connection.execute(query).scalars())
    rows: list[dict[str, Any]] = [
        {
            "run": key.run, "path": key.path, "user": user, "delegate": None, "said": "", "comment": "", "values": {},
            "by": None, "at": None,
        }
        for user in found
    ]  # fmt: skip
    if rows:
        work.connection.execute(insert(_ASKED), rows)
    return found


def my_questions(work: UnitOfWork, about: RecordRef | None = None, limit: int = PAGE) -> list[Question]:
    """The oldest first; those about one record, where it is named."""
    require_wide(work, "questions")
    principal = _USERS.alias()
    query = (
        select(_WAITS, _RUNS.c.object, _RUNS.c.record.label("about"), _RUNS.c.automation, principal.c.name)
        .select_from(_open_ones().join(principal, principal.c.id == _ASKED.c.user))
        .where(_mine(work), *_still_open())
        .order_by(_WAITS.c.created_at)
        .limit(limit)
    )
    if about is not None:
        query = query.where(_RUNS.c.object == about.object, _RUNS.c.record == about.id)
    return [
        Question(
            WaitKey(row.run, row.path), row.asks, RecordRef(row.object, row.about), row.automation, row.created_at,
            row.until, "" if row.name == work.who.name else row.name,
        )
        for row in work.connection.execute(query)
    ]  # fmt: skip


def question_count(work: UnitOfWork) -> int:
    """Counts no further than `MOST_COUNTED`."""
    if work.who.user_id is None or work.standing.only_looks:
        return 0
    some = select(_WAITS.c.run).select_from(_open_ones()).where(_mine(work), *_still_open()).limit(MOST_COUNTED)
    return work.connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()


def question(work: UnitOfWork, key: WaitKey) -> Question:
    """One that this person is asked and has not answered."""
    found = next((each for each in my_questions(work, limit=1_000) if each.key == key), None)
    if found is None:
        raise NotFound("There is no such question for you.")
    return found


def answer(work: UnitOfWork, key: WaitKey, reply: Reply) -> bool:
    """Whether that settles the question. Two people at the same moment answer one after the other."""
    _require_person(work)
    wait = work.connection.execute(_LOCK, _named(key)).one_or_none()
    mine = _my_row(work, key) if wait is not None else None
    if wait is None or mine is None:
        raise NotFound("There is no such question for you.")
    if mine.said:
        raise TooLate("You have answered this already.")
    if wait.state != "open" or not _is_run_open(work, key):
        raise TooLate("This was settled meanwhile, without you.")
    if len(reply.comment) > MAX_COMMENT:
        raise Invalid(f"A comment has at most {MAX_COMMENT} characters.")
    allowed = ("sent",) if wait.asks["kind"] == "form" else ("approved", "rejected")
    if reply.said not in allowed:
        raise Invalid(f"The answer is one of: {', '.join(allowed)}.")
    values = form_values(wait.asks, reply.values or {}) if wait.asks["kind"] == "form" else {}
    said: dict[str, Any] = {
        "said": reply.said, "comment": reply.comment.strip(), "values": values,
        "by": work.who.user_id, "at": clock.now(),
    }  # fmt: skip
    work.connection.execute(update(_ASKED).where(_is(key), _ASKED.c.user == mine.user).values(said))
    _audit(work, key, "question.answered", {"automation": wait.asks["label"], "answer": reply.said})
    return _settle(work, key, wait.asks, said)


def delegate(work: UnitOfWork, key: WaitKey, to: UUID) -> None:
    """Somebody else may answer in this person's place. Whoever stands in for somebody can't hand it on."""
    _require_person(work)
    asked = question(work, key)
    if asked.for_name:
        raise Forbidden("Only who was asked can hand a question on.")
    if to == work.who.user_id or not _is_active(work, to):
        raise Invalid("A question goes to somebody else with an active account.")
    mine = update(_ASKED).where(_is(key), _ASKED.c.user == work.who.user_id, _ASKED.c.said == "")
    work.connection.execute(mine.values(delegate=to))
    name = work.connection.execute(select(_USERS.c.name).where(_USERS.c.id == to)).scalar_one()
    _audit(work, key, "question.delegated", {"automation": asked.asks["label"], "to": name})
    notify(work, [to], str(asked.asks["title"]), f"{work.who.name} asks you to answer in their place.")


def colleagues(work: UnitOfWork) -> list[tuple[UUID, str]]:
    """To whom a question can be handed on."""
    query = select(_USERS.c.id, _USERS.c.name).where(_USERS.c.is_active, _USERS.c.id != work.who.user_id)
    return [(row.id, row.name) for row in work.connection.execute(query.order_by(_USERS.c.name))]


def _settle(work: UnitOfWork, key: WaitKey, asks: Mapping[str, Any], last: Mapping[str, Any]) -> bool:
    said = list(work.connection.execute(select(_ASKED.c.said).where(_is(key))).scalars())
    outcome = "sent" if asks["kind"] == "form" else _outcome(said, asks["need"], int(asks.get("percent", 100)))
    if not outcome:
        return False
    stir_pages(work, [each for each in work.connection.execute(_CONCERNED, _named(key)).scalars() if each])
    body = {"said": outcome, "comment": last["comment"], "values": last["values"], "by": str(last["by"])}
    return answer_wait(work, key, orjson.dumps(body).decode())


def _outcome(said: Sequence[str], need: Need, percent: int) -> str:
    """Approved as soon as enough have approved, rejected as soon as there can't be enough any more."""
    wanted = {"any": 1, "all": len(said), "percent": max(1, math.ceil(len(said) * percent / 100))}[need]
    yes = sum(each == "approved" for each in said)
    if yes >= wanted:
        return "approved"
    return "rejected" if yes + sum(not each for each in said) < wanted else ""


def _audit(work: UnitOfWork, key: WaitKey, name: str, said: Mapping[str, Any]) -> None:
    run = work.connection.execute(select(_RUNS.c.object, _RUNS.c.record).where(_RUNS.c.id == key.run)).one()
    write_entry(work, Entry(name, run.object, run.record, after=said))


def _require_person(work: UnitOfWork) -> None:
    if work.who.user_id is None or work.standing.only_looks or work.standing.is_limited:
        raise Forbidden("Only the person who is asked can answer, as themselves.")


def _my_row(work: UnitOfWork, key: WaitKey) -> Any:
    """One that is still to be answered comes first, then one's own."""
    mine = select(_ASKED).where(_is(key), _mine(work)).order_by(_ASKED.c.said != "", _ASKED.c.user != work.who.user_id)
    return work.connection.execute(mine.limit(1)).one_or_none()


def _is_run_open(work: UnitOfWork, key: WaitKey) -> bool:
    found = select(_RUNS.c.status).where(_RUNS.c.id == key.run)
    return work.connection.execute(found).scalar_one() in ("pending", "started")


def _is_active(work: UnitOfWork, user: UUID) -> bool:
    return work.connection.execute(select(_USERS.c.is_active).where(_USERS.c.id == user)).scalar_one_or_none() is True


def _open_ones() -> Any:
    same = (_WAITS.c.run == _ASKED.c.run) & (_WAITS.c.path == _ASKED.c.path)
    return _ASKED.join(_WAITS, same).join(_RUNS, _RUNS.c.id == _WAITS.c.run)


def _still_open() -> tuple[Any, ...]:
    return (_ASKED.c.said == "", _WAITS.c.state == "open", _RUNS.c.status.in_(("pending", "started")))


def _mine(work: UnitOfWork) -> Any:
    return or_(_ASKED.c.user == work.who.user_id, _ASKED.c.delegate == work.who.user_id)


def _named(key: WaitKey) -> dict[str, Any]:
    return {"run": key.run, "path": key.path}


def _is(key: WaitKey) -> Any:
    return (_ASKED.c.run == key.run) & (_ASKED.c.path == key.path)
