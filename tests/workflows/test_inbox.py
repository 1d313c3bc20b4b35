"""Whom an automation asks, what they see and say, and what comes of it."""

from typing import Any

import pytest

from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Invalid, NotFound
from crm_app.services.automation_waits import WaitKey
from crm_app.services.inbox import Reply, TooLate, answer, delegate, my_questions, question_count
from tests.workflows.blocks import branch, task, tasks, win
from tests.workflows.conftest import Running
from tests.workflows.engine import Engine, settled

OK: dict[str, Any] = {
    "id": "ok",
    "type": "approval",
    "role": "clerk",
    "title": "OK {{name}}?",
    "shows": ["amount"],
}
TOLD = branch("told", "steps.ok.approved", [task("yes")], [task("no")])
APPROVED, REJECTED = Reply("approved", "Fine."), Reply("rejected")


def people(at: Engine, *names: str) -> list[UserActor]:
    return [at.crm.user(name, role="clerk") for name in names]


def asked(at: Engine, who: UserActor) -> list[WaitKey]:
    with at.crm.work(who) as work:
        return [each.key for each in my_questions(work)]


def says(at: Engine, who: UserActor, key: WaitKey, reply: Reply) -> bool:
    with at.crm.work(who) as work:
        return answer(work, key, reply)


async def test_who_is_asked_sees_what_the_question_shows_and_settles_it(running: Running) -> None:
    async with running(OK, TOLD) as at:
        (cora,) = people(at, "Cora")
        win(at, amount="500 USD")
        handle = await at.begin()
        await at.comes_to("ok")
        with at.crm.work(cora) as work:
            (question,) = my_questions(work)
            assert question_count(work) == 1
        assert question.asks["title"] == "OK Acme?"
        assert question.asks["shows"][0][0] == "Amount"
        assert "500" in question.asks["shows"][0][1]
        assert says(at, cora, question.key, APPROVED)
        await at.wake()
        await settled(handle)
        assert (at.ended(), tasks(at), asked(at, cora)) == ("finished", ["yes"], [])


@pytest.mark.parametrize(
    ("need", "percent", "replies", "outcome"),
    [
        ("any", 50, [REJECTED, APPROVED], ["yes"]),
        ("any", 50, [REJECTED, REJECTED, REJECTED], ["no"]),
        ("all", 50, [APPROVED, APPROVED, APPROVED], ["yes"]),
        ("all", 50, [APPROVED, REJECTED], ["no"]),
        ("percent", 60, [APPROVED, REJECTED, APPROVED], ["yes"]),
        ("percent", 60, [REJECTED, REJECTED], ["no"]),
    ],
    ids=["any", "none", "all", "not-all", "share", "no-share"],
)
async def test_as_many_as_are_needed(
    running: Running, need: str, percent: int, replies: list[Reply], outcome: list[str]
) -> None:
    async with running({**OK, "need": need, "percent": percent}, TOLD) as at:
        three = people(at, "Cora", "Carl", "Cem")
        win(at)
        handle = await at.begin()
        await at.comes_to("ok")
        (key,) = asked(at, three[0])
        results = [says(at, who, key, reply) for who, reply in zip(three, replies, strict=False)]
        assert results == [False] * (len(replies) - 1) + [True]
        if len(replies) < len(three):
            with pytest.raises(TooLate, match="settled meanwhile"):
                says(at, three[-1], key, APPROVED)
        await at.wake()
        await settled(handle)
        assert tasks(at) == outcome


async def test_only_who_is_asked_answers_and_once(running: Running) -> None:
    async with running({**OK, "need": "all"}) as at:
        cora, carl = people(at, "Cora", "Carl")
        win(at)
        handle = await at.begin()
        await at.comes_to("ok")
        (key,) = asked(at, cora)
        with pytest.raises(NotFound):
            says(at, at.crm.rep, key, APPROVED)
        with pytest.raises(Invalid, match="approved, rejected"):
            says(at, cora, key, Reply("sent"))
        assert not says(at, cora, key, APPROVED)
        with pytest.raises(TooLate, match="already"):
            says(at, cora, key, REJECTED)
        assert asked(at, carl) == [key]
        await handle.terminate()


async def test_somebody_may_answer_in_ones_place(running: Running) -> None:
    async with running(OK, TOLD) as at:
        (cora,) = people(at, "Cora")
        win(at)
        handle = await at.begin()
        await at.comes_to("ok")
        (key,) = asked(at, cora)
        with at.crm.work(cora) as work:
            delegate(work, key, at.crm.rep.user_id)
        with at.crm.work(at.crm.rep) as work:
            assert [each.for_name for each in my_questions(work)] == ["Cora"]
        assert says(at, at.crm.rep, key, APPROVED)
        await at.wake()
        await settled(handle)
        assert tasks(at) == ["yes"]


async def test_a_form_gives_typed_values_to_the_steps_after_it(running: Running) -> None:
    fields = [
        {"name": "seats", "label": "Seats", "kind": "number", "required": True},
        {"name": "note", "label": "Note"},
    ]
    form = {"id": "ask", "type": "form", "assignees": "owner", "fields": fields}
    made = task("made", "if steps.ask.seats * 2 = 25 then 'right' else 'wrong'")
    async with running(form, made) as at:
        win(at)
        handle = await at.begin()
        await at.comes_to("ask")
        (key,) = asked(at, at.crm.rep)
        for wrong in ({}, {"seats": "many"}, {"seats": "1", "other": "x"}, {"seats": True}, {"seats": "NaN"}):
            with pytest.raises(Invalid, match="not filled in"):
                says(at, at.crm.rep, key, Reply("sent", values=wrong))
        assert says(at, at.crm.rep, key, Reply("sent", values={"seats": "12.5"}))
        await at.wake()
        await settled(handle)
        assert (at.ended(), tasks(at)) == ("finished", ["right"])


async def test_without_an_answer_in_time_or_anybody_to_ask(running: Running) -> None:
    waits = {**OK, "timeout": "PT0.3S", "on_timeout": [task("late")]}
    async with running(waits, task("after", "if steps.ok.approved is empty then 'nobody' else 'somebody'")) as at:
        win(at)
        assert (await at.run()).startswith("failed nobody_to_ask:")
        (cora,) = people(at, "Cora")
        win(at)
        assert await at.run() == "finished"
        assert (tasks(at), asked(at, cora)) == (["late", "nobody"], [])
