"""`python -m tests.workflows.record`: runs the workflow on a server of its own, with answers made up, and keeps the
histories that `test_replay` plays back. Record a new one for every new kind of block; never replace an old one, for it
stands for runs that are still alive somewhere.
"""

import asyncio
import gzip
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.messages import (
    Block,
    Done,
    Output,
    RunHead,
    RunInput,
    RunOutcome,
    SoFar,
    StepFailure,
    StepInput,
    StepResult,
    StepsInput,
    StepsResult,
)
from crm_app.automation.step_type import StepType
from crm_app.runtime import process, temporal
from workflows.converter import MESSAGES
from workflows.interpreter import CONTROLS
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems
from workflows.walking import BYTES_OF_A_HISTORY, NOT_DONE

HISTORIES = Path(__file__).parent / "histories"
STACK_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')
QUEUE = "recording"
LONG = 100_000
WAITS = frozenset({"wait", "wait_until", "wait_for", "approval", "form", "call"})
WAKES_AFTER_SECONDS = 0.5
HEAD = RunHead(
    id="0190a5c0-0000-7000-8000-000000000001",
    automation="won",
    automation_hash="0" * 64,
    object="deal",
    record="0190a5c0-0000-7000-8000-000000000002",
    runner="0190a5c0-0000-7000-8000-000000000003",
    depth=0,
)
CREATE = Block("make", "create", {"object": "task", "values": {"name": "name"}})
UPDATE = Block("change", "update", {"values": {"note": "'x'"}})


@dataclass(frozen=True)
class Recording:
    """One history: what the run is started with, and what its steps answer, by path. `refusals` and `passing` are
    types; at `called_off` the run learns that it is. What waits without end is woken; a run in parts has a history for
    each. Of one that goes on in another the first is kept, or the last.
    """

    name: str
    message: RunInput
    refusals: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()
    answers: Mapping[str, Output] = field(default_factory=dict[str, Output])
    part: str = ""
    is_last: bool = False
    called_off: str = ""


def made(key: str, *undo: Block) -> Block:
    return replace(CREATE, id=key, slots={"compensate": list(undo)} if undo else {})


def told(name: str, *blocks: Block, **answers: Output) -> Recording:
    """`answers` by path, with two underscores for its slashes."""
    known = {path.replace("__", "/"): answer for path, answer in answers.items()}
    return Recording(name, RunInput(HEAD, list(blocks)), frozenset({"fail"}), answers=known)


def control(key: str, type_name: str, config: Mapping[str, Any] | None = None, **slots: list[Block]) -> Block:
    """`slots` by place, with two underscores for its slashes."""
    return Block(
        key, type_name, config or {}, slots={place.replace("__", "/"): found for place, found in slots.items()}
    )


NO = Block("no", "fail", {"message": "'No'"})
ITEMS = {"items": [str(number) for number in range(3)]}
MANY = {"items": [str(number) for number in range(51)]}
LATE: Output = {"timed_out": True, "approved": None, "record": None, "comment": None, "by": None}
SAID: Output = {"timed_out": False, "approved": True, "record": None, "comment": "", "by": None}
CASES = {"cases__0__steps": [made("a")], "else": [made("b")]}
ATTEMPT = {"steps": [made("a", made("una")), NO], "catch": [made("c")], "finally": [made("f")]}
LANES = {
    "branches__0__steps": [made("a", made("una"))],
    "branches__1__steps": [control("hold", "wait_for", on_timeout=[])],
}
JOINED = [
    *(replace(made(key), joins=True) for key in ("a", "b")),
    Block("n", "set_variable", {"variable": "n", "value": "1"}),
    replace(made("c", made("unc")), joins=True),
    replace(UPDATE, joins=True),
]
HOLD = control("hold", "wait")
PARTS = control("each", "for_each", {"over": "x"}, steps=[made("a")])
LONG_PARTS = control("each", "for_each", {"over": "x"}, steps=[made("a", made("una")), made("b")])
LONG_ITEMS: dict[str, Output] = {"each": MANY, "each#0__b": {"id": "x" * BYTES_OF_A_HISTORY}}


def _step(step: StepType) -> Block:
    return Block("step", step.name, {}, is_external=step.is_external)


RECORDINGS = (
    Recording("one_step", RunInput(HEAD, [CREATE])),
    Recording("two_steps", RunInput(HEAD, [CREATE, UPDATE])),
    Recording("refused_step", RunInput(HEAD, [CREATE, UPDATE]), refusals=frozenset({"update"})),
    Recording("retried_step", RunInput(HEAD, [UPDATE]), passing=frozenset({"update"})),
    Recording("blocks_by_hash", RunInput(HEAD, None)),
    told("branch", control("way", "branch", **CASES), way={"case": 0}),
    told("switch", control("way", "switch", **CASES), way={"case": -1}),
    told(
        "loop",
        control("again", "loop", {"max": 5}, steps=[made("a")]),
        **{"again#0": {"again": True}, "again#1": {"again": True}, "again#2": {"again": False}},
    ),
    told("set_variable", Block("n", "set_variable", {"variable": "n", "value": "1"}), UPDATE, n={"value": "1"}),
    told("try", control("attempt", "try", **ATTEMPT), UPDATE),
    told("undone", made("a", made("una")), made("b", made("unb")), NO),
    told("compensate", made("a", made("una")), control("back", "compensate"), UPDATE, back={}),
    told("stop", control("end", "stop"), UPDATE, end={}),
    told("parallel", control("both", "parallel", branches__0__steps=[made("a")], branches__1__steps=[made("b")])),
    told("race", control("both", "parallel", {"until": "race"}, **LANES), both={"branch": 0, "failed": False}),
    told("for_each", control("each", "for_each", {"over": "x"}, steps=[made("a")]), each=ITEMS),
    told(
        "for_each_beside", control("each", "for_each", {"over": "x", "concurrency": 3}, steps=[made("a")]), each=ITEMS
    ),
    told("race_recalled", control("both", "parallel", {"until": "race"}, **LANES), both={"branch": 0, "failed": False}),
    told(
        "for_each_recalled",
        control("each", "for_each", {"over": "x", "concurrency": 3}, steps=[made("a", made("una")), NO]),
        each=ITEMS,
    ),
    told("for_each_parts", PARTS, each=MANY),
    replace(told("for_each_part", PARTS, each=MANY), part="/each#0/0"),
    replace(told("part_goes_on_in_another", LONG_PARTS, **LONG_ITEMS), part="/each#0/0"),
    replace(told("part_went_on", LONG_PARTS, **LONG_ITEMS), part="/each#0/0", is_last=True),
    told("wait", HOLD, UPDATE, **{"hold!": {}}),
    told("wait_until", control("hold", "wait_until"), UPDATE, **{"hold!": {}}),
    Recording("wait_goes_on", RunInput(HEAD, [HOLD, UPDATE], so_far=SoFar(9, 0, went_on=True)), answers={"hold!": {}}),
    told("wait_for", control("hold", "wait_for", on_timeout=[made("late")]), UPDATE, **{"hold!": SAID}),
    told("approval", control("hold", "approval", on_timeout=[made("late")]), UPDATE, **{"hold!": SAID}),
    told("approval_late", control("hold", "approval", {"timeout": "x"}, on_timeout=[made("late")]), **{"hold!": LATE}),
    told("form", control("hold", "form", on_timeout=[]), UPDATE, **{"hold!": SAID}),
    told("call", control("hold", "call"), UPDATE, **{"hold!": {"status": "finished", "error": ""}}),
    told("outside", replace(UPDATE, type="http", is_external=True), UPDATE),
    replace(told("called_off", made("a", made("una")), control("hold", "wait"), UPDATE), called_off="hold!"),
    replace(
        told("called_off_beside", made("a", made("una")), control("both", "parallel", **LANES)),
        called_off="both/hold!",
    ),
    Recording("ends_by_step", RunInput(HEAD, [CREATE, UPDATE], ends_by_step=True)),
    Recording("together", RunInput(HEAD, JOINED, ends_by_step=True), answers={"n": {"value": "1"}}),
    Recording("one_by_one", RunInput(HEAD, JOINED), frozenset({"update"}), answers={"n": {"value": "1"}}),
    told("together_inside", control("way", "branch", cases__0__steps=JOINED), way={"case": 0}, way__n={"value": "1"}),
    told("goes_on_in_another", *(made(f"s{number}") for number in range(52)), s0={"id": "x" * BYTES_OF_A_HISTORY}),
    Recording("went_on", RunInput(HEAD, [CREATE, UPDATE], so_far=SoFar(1, 0, {"make": Done({"make": {"id": "1"}})}))),
    *(told(f"step_{each.name}", _step(each), UPDATE) for each in STEP_TYPES if each.name not in CONTROLS),
)


def _answer(recording: Recording, step: StepInput) -> Output:
    if step.path in recording.answers:
        return dict(recording.answers[step.path])
    if step.block.type in WAITS:
        has_time = step.block.type in {"wait", "wait_until"} or "timeout" in step.block.config
        until = datetime.now(UTC) + timedelta(milliseconds=200)
        return {"until": until.isoformat() if has_time else None}
    return {"id": step.run.record}


def _answered_together(recording: Recording, steps: StepsInput) -> StepsResult:
    if any(block.type in recording.refusals for block in steps.blocks):
        return StepsResult([])
    asked = [steps.step(block, {}, {}) for block in steps.blocks]
    return StepsResult([_answer(recording, step) for step in asked], has_ended=asked[-1].is_last)


def _refuse(recording: Recording, step: StepInput) -> None:
    if step.is_recall:
        raise ApplicationError("That was not done.", type=NOT_DONE, non_retryable=True)
    if recording.called_off and step.path == recording.called_off and not step.is_undoing:
        raise ApplicationError("cancelled: Cancelled by Ann.", type="run_ending", non_retryable=True)
    if step.block.type in recording.refusals:
        raise ApplicationError("Your role doesn't let you edit deals.", type="forbidden", non_retryable=True)
    if step.block.type in recording.passing and activity.info().attempt == 1:
        raise ApplicationError("The database does not answer.", type="database_down")


def answers_of(recording: Recording) -> list[Callable[..., Any]]:
    @activity.defn
    async def execute_step(step: StepInput) -> StepResult:
        _refuse(recording, step)
        return StepResult(_answer(recording, step), has_ended=step.is_last)

    @activity.defn
    async def execute_together(steps: StepsInput) -> StepsResult:
        return _answered_together(recording, steps)

    @activity.defn
    async def keep_failure(failure: StepFailure) -> StepResult:
        raise ApplicationError(failure.error, type=failure.error_code, non_retryable=True)

    @activity.defn
    async def end_run(_outcome: RunOutcome) -> None: ...

    @activity.defn
    async def load_blocks(_content_hash: str) -> list[Block]:
        return [CREATE]

    return [execute_step, execute_together, keep_failure, end_run, load_blocks]


async def record(client: Client, recording: Recording) -> str:
    activities = answers_of(recording)
    async with Worker(client, task_queue=QUEUE, workflows=[RunAutomation, RunItems], activities=activities):
        handle = await client.start_workflow("RunAutomation", recording.message, id=recording.name, task_queue=QUEUE)
        await asyncio.sleep(WAKES_AFTER_SECONDS)
        with suppress(RPCError):
            await handle.signal("wake")
        try:
            await handle.result()
        except WorkflowFailureError:
            assert recording.refusals or recording.called_off
        last = await client.get_workflow_handle(f"{recording.name}{recording.part}").fetch_history()
        begun = last.events[0].workflow_execution_started_event_attributes
        first = client.get_workflow_handle(last.workflow_id, run_id=begun.first_execution_run_id)
        kept = last if recording.is_last else await first.fetch_history()
        return STACK_TRACE.sub('"stackTrace": ""', kept.to_json())


def kept() -> dict[str, Path]:
    """By the name of the recording."""
    return {file.name.partition(".")[0]: file for file in sorted(HISTORIES.glob("*.json*"))}


def keep(name: str, history: str) -> None:
    """Long ones are mostly the same over and over."""
    if len(history) < LONG:
        (HISTORIES / f"{name}.json").write_text(history)
    else:
        (HISTORIES / f"{name}.json.gz").write_bytes(gzip.compress(history.encode(), mtime=0))


def read(file: Path) -> str:
    return gzip.decompress(file.read_bytes()).decode() if file.suffix == ".gz" else file.read_text()


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = temporal.dev_server(Path(folder))
        child = process.start(server.program(), Path(folder) / "logs")
        try:
            await temporal.wait_until_ready(server, child)
            client = await Client.connect(server.address, data_converter=MESSAGES, identity="recorder")
            for recording in RECORDINGS:
                if recording.name not in kept():
                    keep(recording.name, await record(client, recording) + "\n")
                    sys.stdout.write(f"recorded {recording.name}\n")
        finally:
            process.stop(child, timeout_seconds=5)


if __name__ == "__main__":
    asyncio.run(main())
