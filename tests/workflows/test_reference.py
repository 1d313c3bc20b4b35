"""Random trees of blocks, with crashes at random moments, do what a plain reading of the tree says: every effect once,
in an order that it allows, and undone once and in reverse.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from crm_app.automation.compiled import compile_automation
from crm_app.automation.messages import RunHead, RunInput, StepInput, StepResult
from crm_app.automation.scope import DefinedFields
from crm_app.automation.starting import Versions
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import NewRun, insert_runs
from tests.workflows.builders import WON, Automated, automation
from tests.workflows.reference import Reference, Seen, disorder, paths_of
from workflows.activities import Activities
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems

EXAMPLES = int(os.environ.get("TRELLIS_TREES", "5"))
PHASES = tuple(Phase) if EXAMPLES >= 50 else (Phase.explicit, Phase.generate)
ITEMS = 2
Tree = list[dict[str, Any]]


@dataclass
class Crashes:
    """By the number of the step. `after`: its answer is lost after the commit. `lost`: Temporal forgets the run."""

    after: frozenset[int]
    lost: frozenset[int]
    count: int = 0
    forgets: asyncio.Event = field(default_factory=asyncio.Event)


def leaves() -> st.SearchStrategy[dict[str, Any]]:
    made = st.just({"type": "create", "object": "task", "values": {"name": "'x'"}})
    no = st.just({"type": "fail", "message": "'No'"})
    undone = st.tuples(made, st.lists(st.one_of(made, made, no), min_size=1, max_size=2)).map(
        lambda pair: {**pair[0], "compensate": pair[1]}
    )
    plain = st.sampled_from([{"type": "stop"}, {"type": "compensate"}])
    return st.one_of(made, made, undone, undone, undone, no, plain)


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
NUMBERS = st.frozensets(st.integers(1, 25), max_size=3)


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


def crashing(activities: Activities, crashes: Crashes) -> Sequence[Callable[..., Any]]:
    @activity.defn(name="execute_step", no_thread_cancel_exception=True)
    def execute_step(step: StepInput) -> StepResult:
        crashes.count += 1
        mine = crashes.count
        if mine in crashes.lost:
            crashes.lost -= {mine}
            crashes.forgets.set()
        result = activities.execute_step(step)
        if mine in crashes.after:
            raise ApplicationError("The worker is gone.", type="database_down")
        return result

    return [execute_step, activities.keep_failure, activities.end_run, activities.load_blocks]


async def run_of(crm: Automated, deal: RecordRef, address: str, tree: Tree, crashes: Crashes) -> tuple[str, Seen]:
    """How the run ended, and what the ledger holds of it."""
    event = new_id()
    with crm.work() as work:
        insert_runs(work, [NewRun(event, "won", "0" * 64, deal, crm.rep.user_id, 0, {"event": "", "before": {}})])
        run: UUID = work.connection.execute(text("SELECT id FROM crm.run WHERE event = :e"), {"e": event}).scalar_one()
        work.connection.execute(text("UPDATE crm.run SET status = 'started' WHERE id = :r"), {"r": run})
        definition = AutomationDefinition.model_validate(automation("won", WON, *tree))
        compiled = compile_automation(definition, work.catalog, DefinedFields(work.schema))
    head = RunHead(str(run), "won", "0" * 64, "deal", str(deal.id), str(crm.rep.user_id), 0)
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    activities = crashing(Activities(crm.workspace, Versions(crm.workspace)), crashes)
    with ThreadPoolExecutor(8) as executor:
        async with Worker(
            client,
            task_queue=str(run),
            workflows=[RunAutomation, RunItems],
            activities=activities,
            activity_executor=executor,
        ):
            await _to_the_end(client, RunInput(head, compiled.blocks), crashes)
    with crm.work() as work:
        rows = work.connection.execute(
            text("SELECT path, output FROM crm.effect WHERE run = :r ORDER BY at, path"), {"r": run}
        ).all()
        status = work.connection.execute(text("SELECT status FROM crm.run WHERE id = :r"), {"r": run}).scalar_one()
    done = [row for row in rows if "!" not in row.output]
    at = {row.path: index for index, row in enumerate(done)}
    decided = {row.path: row.output for row in done if "branch" in row.output}
    return status, Seen(at, decided, frozenset(row.path for row in rows) - set(at))


async def _to_the_end(client: Client, message: RunInput, crashes: Crashes) -> None:
    """Started anew, under another id, as often as Temporal forgets the run."""
    for restarts in range(10):
        crashes.forgets.clear()
        head = replace(message.run, restarts=restarts)
        handle = await client.start_workflow(
            "RunAutomation", replace(message, run=head), id=f"{head.id}-{restarts}", task_queue=head.id
        )
        ended = asyncio.create_task(_ended(handle))
        forgotten = asyncio.create_task(crashes.forgets.wait())
        async with asyncio.timeout(60):
            await asyncio.wait({ended, forgotten}, return_when=asyncio.FIRST_COMPLETED)
        forgotten.cancel()
        if ended.done():
            return
        await handle.terminate()
        await ended


async def _ended(handle: Any) -> None:
    with suppress(WorkflowFailureError):
        await handle.result()


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
    @given(TREES, NUMBERS, NUMBERS)
    def check(tree: Tree, after: frozenset[int], lost: frozenset[int]) -> None:
        named = numbered(tree)
        status, seen = asyncio.run(run_of(crm, deal.ref, temporal_address, named, Crashes(after, lost)))
        outcome, expected = Reference(seen, ITEMS).run(named)
        assert status == outcome
        assert sorted(paths_of(expected)) == sorted(seen.at)
        assert not disorder(expected, seen.at)

    try:
        check()
    finally:
        crm.close()
