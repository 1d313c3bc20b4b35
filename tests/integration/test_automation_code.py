"""Steps of JavaScript: only where the operator lets them, over what the runner sees, checked on the way out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.automation.dry_run import dry_run
from crm_app.automation.execution import execute_step
from crm_app.automation.json_values import BadJsonValue
from crm_app.automation.messages import RunInput, StepInput
from crm_app.services.code_isolate import CodeFailed, CodeOff
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.runs import won_run

Make = Callable[..., Automated]
SCORE: dict[str, Any] = {
    "id": "score", "type": "code",
    "source": "const n = Number(inputs.amount.amount);\nconst { name, s } = inputs;\n"
              "return { half: n / 2, who: name.toUpperCase(), s };",
    "inputs": {"amount": "amount", "name": "name", "s": "secret"},
    "outputs": {"half": "decimal", "who": "text", "s": "text", "more": "date"},
}  # fmt: skip
NOTE: dict[str, Any] = {"id": "note", "type": "update", "values": {"note": "steps.score.who"}}
MARK: dict[str, Any] = {"id": "mark", "type": "update", "values": {"note": "'x'"}}


class WithCode(Automated):
    def publish(self, package: Any) -> None:
        let(self, runs_code=True)
        super().publish(package)


def let(crm: Automated, *, runs_code: bool) -> None:
    crm.workspace.tools = replace(crm.workspace.tools, runs_code=runs_code)


@pytest.fixture
def make(database_url: str) -> Iterator[Make]:
    made: list[Automated] = []

    def build(*steps: dict[str, Any]) -> Automated:
        made.append(WithCode(database_url, automation("won", WON, *steps)))
        return made[-1]

    yield build
    for crm in made:
        crm.close()


def step_of(run: RunInput) -> StepInput:
    assert run.blocks
    return StepInput(run.run, run.blocks[0], run.blocks[0].id)


def giving(source: str, **outputs: str) -> dict[str, Any]:
    return {"id": "score", "type": "code", "source": source, "outputs": outputs or {"a": "text"}}


def test_code_gives_typed_values_of_what_its_runner_sees_and_is_kept(make: Make) -> None:
    crm = make(SCORE, NOTE)
    run = won_run(crm, amount="1001.00 USD")
    step = step_of(run)
    given = execute_step(crm.workspace, step).output
    assert given == {"half": "500.5", "who": "ACME", "s": None, "more": None}
    let(crm, runs_code=False)
    assert execute_step(crm.workspace, step).output == given


def test_a_worker_without_code_fails_the_step_by_name(make: Make) -> None:
    crm = make(SCORE)
    run = won_run(crm, amount="1 USD")
    let(crm, runs_code=False)
    with pytest.raises(CodeOff, match="TRELLIS_CODE_STEPS=on"):
        execute_step(crm.workspace, step_of(run))
    with crm.work() as work:
        assert str(work.connection.execute(text("SELECT error FROM crm.run_step")).scalar_one()).startswith(
            "code_off: "
        )


def test_code_is_published_only_where_it_is_on(make: Make) -> None:
    crm = make(SCORE)
    let(crm, runs_code=False)
    changed = {**SCORE, "source": "return {};"}
    inside = {"id": "try", "type": "try", "steps": [changed], "catch": [], "finally": []}
    with pytest.raises(CodeOff) as refusal:
        Automated.publish(crm, deals_and_tasks(automation("won", WON, inside)))
    assert [each.path for each in refusal.value.problems] == ["automations/won/steps/0/steps/0/type"]
    Automated.publish(crm, deals_and_tasks(automation("won", WON, SCORE), automation("other", WON, MARK)))
    Automated.publish(crm, deals_and_tasks(automation("won", WON, inside, is_active=False)))


def test_a_dry_run_really_runs_it(make: Make) -> None:
    crm = make(SCORE, NOTE)
    won_run(crm, amount="5 USD")
    with crm.work(crm.user("Ada", "admin")) as work:
        (definition,) = work.catalog.automations
        (tried,) = [each for each in dry_run(work, definition).tried if each.outcome.starts]
    assert [step.output.get("half") for step in tried.outcome.steps] == ["2.5", None]
    assert (tried.outcome.error, tried.outcome.sent) == ("", {})


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (giving("return { b: 1 };"), CodeFailed, "'b', which is none of its outputs"),
        (giving("return { a: 'yes' };", a="int"), BadJsonValue, "`a` is no int"),
        (giving("return { a: '\\ud800' };"), CodeFailed, "half of a character"),
        (giving("return { a: 'x\\0' };"), CodeFailed, "a NUL"),
        (giving("return { a: inputs.b.c };"), CodeFailed, "line 1: TypeError"),
    ],
    ids=["unknown", "type", "surrogate", "nul", "error"],
)
def test_what_it_gives_is_what_it_said(make: Make, step: dict[str, Any], error: type[Exception], said: str) -> None:
    crm = make(step)
    run = won_run(crm)
    with pytest.raises(error, match=said):
        execute_step(crm.workspace, step_of(run))


def test_text_of_any_language_comes_through(make: Make) -> None:
    crm = make(giving("return { a: inputs.name ?? 'Ω😀\u202e\\\\u0000' };"))
    assert execute_step(crm.workspace, step_of(won_run(crm))).output == {"a": "Ω😀\u202e\\u0000"}
