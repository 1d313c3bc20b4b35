"""Random trees of blocks, with crashes at random moments, do what a plain reading of the tree says: every effect once,
in an order that it allows, and undone once and in reverse.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from crm_app.automation.compiled import compile_automation
from crm_app.automation.messages import RunHead, RunInput, StepInput, StepResult, StepsInput, StepsResult
from crm_app.automation.scope import DefinedFields
from crm_app.automation.starting import Versions
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import NewRun, insert_runs
from crm_app.services.automation_starts import expire_runs
from crm_app.services.run_actions import WrongMoment, cancel_run
from tests.workflows.builders import WON, Automated, automation
from tests.workflows.losing import LosingRunner
from tests.workflows.reference import Reference, Seen, disorder, paths_of
from workflows.activities import Activities
from workflows.converter import MESSAGES
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems

EXAMPLES = int(os.environ.get("TRELLIS_TREES", "8"))
PHASES = tuple(Phase) if EXAMPLES >= 50 else (Phase.explicit, Phase.generate)
ITEMS = 2
ID_LENGTH = 36
Tree = list[dict[str, Any]]


@dataclass
class Crashes:
    """By the number of the step. `after`: its answer is lost after the commit. `lost`: Temporal forgets the run.
    `gone`: so is the worker, with all that its run did since it last reported. `off`: the run is called off, by a
    person or because its time is over; 0 is never.
    """

    after: frozenset[int]
    lost: frozenset[int]
    gone: frozenset[int]
    off: int = 0
    is_late: bool = False
    count: int = 0
    forgets: asyncio.Event = field(default_factory=asyncio.Event)
    is_gone: bool = False


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    made = st.just({"type": "create", "object": "task", "values": {"name": "'x'"}})
    no, stop = st.just({"type": "fail", "message": "'No'"}), st.just({"type": "stop"})
    undone = st.tuples(made, st.lists(st.one_of(made, made, no, stop), min_size=1, max_size=2)).map(
        lambda pair: {**pair[0], "compensate": pair[1]}
    )
    return st.one_of(made, made, undone, undone, undone, no, stop, st.just({"type": "compensate"}))


def blocks(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    steps = st.lists(inner, min_size=1, max_size=3)
    maybe = st.lists(inner, max_size=2)
    case = st.fixed_dictionaries({"when": st.sampled_from(["true", "false", "note = 'x'"]), "steps": steps})
    lanes = st.lists(st.fixed_dictionaries({"steps": steps}), min_size=2, max_size=3)
    fixed = st.fixed_dictionaries
    return st.one_of(
        fixed({"type": st.just("branch"), "cases": st.lists(case, min_size=1, max_size=2), "else": maybe}),
        fixed({"type": st.just("try"), "steps": steps, "catch": maybe, "finally": maybe}),
        fixed({"type": st.just("parallel"), "until": st.sampled_from(["all", "any", "race"]), "branches": lanes}),
        fixed(
            {
                "type": st.just("loop"),
                "while": st.just("true"),
                "max": st.integers(1, 2),
                "then": st.just("continue"),
                "steps": steps,
            }
        ),
        fixed(
            {
                "type": st.just("for_each"),
                "over": st.just("task_deal"),
                "on_error": st.sampled_from(["stop", "continue"]),
                "steps": steps,
            }
        ),
    )


TREES = st.lists(st.recursive(leaves(), blocks, max_leaves=8), min_size=1, max_size=4)
OFF = st.one_of(st.just(0), st.integers(1, 12), st.integers(1, 12))
NUMBERS = st.frozensets(st.integers(1, 25), max_size=3)


NONE = frozenset[int]()
MADE: dict[str, Any] = {"type": "create", "object": "task", "values": {"name": "'x'"}}
# Whose `finally` says stop while it's called off, and whose undoing does.
STOPS: Tree = [
    {**MADE, "compensate": [MADE]},
    {**MADE, "compensate": [{"type": "stop"}, MADE]},
    {"type": "try", "steps": [MADE, MADE], "catch": [], "finally": [{"type": "stop"}]},
    MADE,
]
# Called off, and what comes finally fails.
OFF_AND_FAILED: Tree = [
    {
        "type": "try",
        "steps": [MADE],
        "catch": [],
        "finally": [MADE, {"type": "fail", "message": "'No'"}],
    },
    MADE,
]
UNDONE = {**MADE, "compensate": [MADE]}
# One branch is far ahead of the other, whose first answer is lost: what it did is undone even where Temporal forgets.
AHEAD: Tree = [
    {"type": "parallel", "until": "all", "branches": [{"steps": [UNDONE] * 2}, {"steps": [UNDONE] * 10}]},
]
# The branch that is behind is ahead when the worker is lost after the other has won.
RACED: Tree = [
    {"type": "parallel", "until": "race", "branches": [{"steps": [UNDONE] * 4}, {"steps": [UNDONE]}]},
    MADE,
    MADE,
]
# The branch that is ahead, with items that are done, is behind when the worker is lost.
ITEMS_RACED: Tree = [
    {
        "type": "parallel",
        "until": "race",
        "branches": [
            {
                "steps": [
                    {"type": "for_each", "over": "task_deal", "on_error": "stop", "steps": [UNDONE] * 2},
                    *[UNDONE] * 4,
                ]
            },
            {"steps": [UNDONE]},
        ],
    },
    MADE,
]


def numbered(tree: Tree) -> Tree:
    """With ids, in the order of reading."""
    number = iter(range(10_000))

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, dict):
            own = {"id": f"b{next(number)}"} if "type" in value else {}
            return {**own, **{key: named(item) for key, item in value.items()}}  # pyright: ignore[reportUnknownVariableType]
        return value

    return named(tree)


@dataclass
class Bench:
    """One worker for all trees, in a thread of its own: each tree by itself would start and stop one, most of the time
    that it takes, and a worker that stops in the middle of what it does has been seen to end its whole process.
    """

    crm: Automated
    deal: RecordRef
    loop: asyncio.AbstractEventLoop
    client: Client
    crashes: dict[str, Crashes] = field(default_factory=dict[str, Crashes])

    def run(self, tree: Tree, crashes: Crashes) -> tuple[str, bool, Seen]:
        return asyncio.run_coroutine_threadsafe(self._run(tree, crashes), self.loop).result()

    async def _run(self, tree: Tree, crashes: Crashes) -> tuple[str, bool, Seen]:
        message = await asyncio.to_thread(self._message, tree)
        self.crashes[message.run.id] = crashes
        await _to_the_end(self.client, str(self.deal.id), message, crashes)
        return await asyncio.to_thread(self._seen, UUID(message.run.id))

    def _message(self, tree: Tree) -> RunInput:
        event, deal = new_id(), self.deal
        with self.crm.work() as work:
            row = NewRun(event, "won", "0" * 64, deal, self.crm.rep.user_id, 0, {"event": "", "before": {}})
            insert_runs(work, [row])
            started = text("UPDATE crm.run SET status = 'started' WHERE event = :e RETURNING id")
            run: UUID = work.connection.execute(started, {"e": event}).scalar_one()
            definition = AutomationDefinition.model_validate(automation("won", WON, *tree))
            compiled = compile_automation(definition, work.catalog, DefinedFields(work.schema))
        head = RunHead(str(run), "won", self.crm.vouch("0" * 64), "deal", str(deal.id), str(self.crm.rep.user_id), 0)
        return RunInput(head, compiled.blocks, ends_by_step=True)

    def _seen(self, run: UUID) -> tuple[str, bool, Seen]:
        """How the run ended, whether it was called off, and what the ledger holds of it. One that was called off has
        failed where what comes `finally` fails.
        """
        with self.crm.work() as work:
            rows = work.connection.execute(
                text("SELECT path, output FROM crm.effect WHERE run = :r ORDER BY at, path"), {"r": run}
            ).all()
            ended = text(
                "SELECT status, status <> 'finished' AND input ? 'ending' AS is_off FROM crm.run WHERE id = :r"
            )
            status, is_off = work.connection.execute(ended, {"r": run}).one()
        done = [row for row in rows if "!" not in row.output]
        at = {row.path: index for index, row in enumerate(done)}
        decided = {row.path: row.output for row in done if "branch" in row.output}
        return status, is_off, Seen(at, decided, frozenset(row.path for row in rows) - set(at))

    def activities(self) -> Sequence[Callable[..., Any]]:
        real = Activities(self.crm.workspace, Versions(self.crm.workspace))

        @activity.defn(name="execute_step", no_thread_cancel_exception=True)
        def execute_step(step: StepInput) -> StepResult:
            with self._crashing(step.run.id):
                return real.execute_step(step)

        @activity.defn(name="execute_together", no_thread_cancel_exception=True)
        def execute_together(steps: StepsInput) -> StepsResult:
            with self._crashing(steps.run.id):
                return real.execute_together(steps)

        return [execute_step, execute_together, real.keep_failure, real.end_run, real.load_blocks]

    @contextmanager
    def _crashing(self, run: str) -> Generator[None]:
        crashes = self.crashes[run]
        crashes.count += 1
        mine = crashes.count
        if mine in crashes.lost:
            crashes.lost -= {mine}
            self.loop.call_soon_threadsafe(crashes.forgets.set)
        if mine == crashes.off:
            self._call_off(UUID(run), is_late=crashes.is_late)
        yield
        if mine in crashes.gone:
            crashes.is_gone = True
        if mine in crashes.after:
            raise ApplicationError("The worker is gone.", type="database_down")

    def is_lost(self, workflow: str) -> bool:
        crashes = self.crashes[workflow[:ID_LENGTH]]
        was, crashes.is_gone = crashes.is_gone, False
        return was

    def _call_off(self, run: UUID, *, is_late: bool) -> None:
        with suppress(WrongMoment), self.crm.work() as work:
            if is_late:
                passed = text("UPDATE crm.run SET deadline = now() - interval '1 second' WHERE id = :r")
                work.connection.execute(passed, {"r": run})
                expire_runs(work)
            else:
                cancel_run(work, run, undo=True)


@contextmanager
def opened(crm: Automated, deal: RecordRef, address: str) -> Generator[Bench]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    connecting = Client.connect(address, data_converter=MESSAGES)
    bench = Bench(crm, deal, loop, asyncio.run_coroutine_threadsafe(connecting, loop).result())
    with ThreadPoolExecutor(8) as executor:

        async def working() -> Worker:
            given = {"workflows": [RunAutomation, RunItems], "activities": bench.activities()}
            runner = LosingRunner(SandboxedWorkflowRunner(), bench.is_lost)
            return await Worker(
                bench.client, task_queue=str(deal.id), activity_executor=executor, workflow_runner=runner, **given
            ).__aenter__()

        worker = asyncio.run_coroutine_threadsafe(working(), loop).result()
        try:
            yield bench
        finally:
            asyncio.run_coroutine_threadsafe(worker.shutdown(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _to_the_end(client: Client, queue: str, message: RunInput, crashes: Crashes) -> None:
    """Started anew, under another id, as often as Temporal forgets the run."""
    for restarts in range(10):
        crashes.forgets.clear()
        head = replace(message.run, restarts=restarts)
        handle = await client.start_workflow(
            "RunAutomation", replace(message, run=head), id=f"{head.id}-{restarts}", task_queue=queue
        )
        ended = asyncio.create_task(_ended(handle))
        forgotten = asyncio.create_task(crashes.forgets.wait())
        async with asyncio.timeout(60):
            await asyncio.wait({ended, forgotten}, return_when=asyncio.FIRST_COMPLETED)
        forgotten.cancel()
        if ended.done():
            return
        with suppress(RPCError):  # It may have ended meanwhile.
            await handle.terminate()
        await ended


async def _ended(handle: Any) -> None:
    with suppress(WorkflowFailureError):
        await handle.result()


# A step that ends while its workflow is taken away: the client library says so, and as an error it ends the worker.
@pytest.mark.filterwarnings("ignore:Cannot find activity to cancel")
def test_any_tree_with_any_crashes_does_what_it_says(database_url: str, temporal_address: str) -> None:
    crm = Automated(database_url)
    deal = crm.create("deal", crm.rep, name="Acme", stage="engaging")
    for _ in range(ITEMS):
        crm.create("task", crm.rep, name="item", deal=deal.ref.id)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=EXAMPLES < 50,
        phases=PHASES,
    )
    @given(tree=TREES, after=NUMBERS, lost=NUMBERS, gone=NUMBERS, off=OFF, late=st.booleans())
    @example(tree=STOPS, after=NONE, lost=NONE, gone=NONE, off=2, late=False)
    @example(tree=STOPS, after=NONE, lost=frozenset({2}), gone=NONE, off=5, late=True)
    @example(tree=OFF_AND_FAILED, after=NONE, lost=NONE, gone=NONE, off=1, late=True)
    @example(tree=RACED, after=frozenset({1}), lost=NONE, gone=frozenset({5}), off=0, late=False)
    @example(tree=ITEMS_RACED, after=frozenset({2}), lost=NONE, gone=frozenset({6}), off=0, late=False)
    @example(tree=AHEAD, after=frozenset({1}), lost=frozenset({9}), gone=NONE, off=10, late=False)
    def check(
        tree: Tree, after: frozenset[int], lost: frozenset[int], gone: frozenset[int], off: int, late: bool
    ) -> None:
        named = numbered(tree)
        status, is_off, seen = bench.run(named, Crashes(after, lost, gone, off, late))
        outcome, expected = Reference(seen, ITEMS, called_off=is_off).run(named)
        assert status == outcome
        assert sorted(paths_of(expected)) == sorted(seen.at)
        assert not disorder(expected, seen.at)

    try:
        with opened(crm, deal.ref, temporal_address) as bench:
            check()
    finally:
        crm.close()
