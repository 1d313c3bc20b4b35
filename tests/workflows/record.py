"""`python -m tests.workflows.record`: runs the workflow on a server of its own, with answers made up, and keeps the
histories that `test_replay` plays back. Record a new one for every new kind of block; never replace an old one, for it
stands for runs that are still alive somewhere.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from crm_app.automation.messages import Block, RunHead, RunInput, RunOutcome, StepInput, StepResult
from crm_app.runtime import process, temporal
from workflows.run_automation import RunAutomation

HISTORIES = Path(__file__).parent / "histories"
STACK_TRACE = re.compile(r'"stackTrace": "(?:[^"\\]|\\.)*"')
QUEUE = "recording"
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
    """One history: what the run is started with, and what its steps answer, by type."""

    name: str
    message: RunInput
    refusals: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()


RECORDINGS = (
    Recording("one_step", RunInput(HEAD, [CREATE])),
    Recording("two_steps", RunInput(HEAD, [CREATE, UPDATE])),
    Recording("refused_step", RunInput(HEAD, [CREATE, UPDATE]), refusals=frozenset({"update"})),
    Recording("retried_step", RunInput(HEAD, [UPDATE]), passing=frozenset({"update"})),
    Recording("blocks_by_hash", RunInput(HEAD, None)),
)


def answers_of(recording: Recording) -> list[Callable[..., Any]]:
    @activity.defn
    async def execute_step(step: StepInput) -> StepResult:
        if step.block.type in recording.refusals:
            raise ApplicationError("Your role doesn't let you edit deals.", type="forbidden", non_retryable=True)
        if step.block.type in recording.passing and activity.info().attempt == 1:
            raise ApplicationError("The database does not answer.", type="database_down")
        return StepResult({"id": step.run.record})

    @activity.defn
    async def end_run(_outcome: RunOutcome) -> None: ...

    @activity.defn
    async def load_blocks(_content_hash: str) -> list[Block]:
        return [CREATE]

    return [execute_step, end_run, load_blocks]


async def record(client: Client, recording: Recording) -> str:
    activities = answers_of(recording)
    async with Worker(client, task_queue=QUEUE, workflows=[RunAutomation], activities=activities):
        handle = await client.start_workflow("RunAutomation", recording.message, id=recording.name, task_queue=QUEUE)
        try:
            await handle.result()
        except WorkflowFailureError:
            assert recording.refusals
        return STACK_TRACE.sub('"stackTrace": ""', (await handle.fetch_history()).to_json())


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = temporal.dev_server(Path(folder))
        child = process.start(server.program(), Path(folder) / "logs")
        try:
            await temporal.wait_until_ready(server, child)
            client = await Client.connect(server.address, data_converter=pydantic_data_converter, identity="recorder")
            for recording in RECORDINGS:
                file = HISTORIES / f"{recording.name}.json"
                if not file.exists():
                    file.write_text(await record(client, recording) + "\n")
                    sys.stdout.write(f"recorded {file.name}\n")
        finally:
            process.stop(child, timeout_seconds=5)


if __name__ == "__main__":
    asyncio.run(main())
