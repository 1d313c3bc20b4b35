"""The pages of runs: who sees them, what is clicked on them, and runs that are moved to the live version."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.automation.checks import check
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import NewRun, insert_runs
from crm_app.services.definition_store import content_hash
from crm_app.services.definitions import publish
from crm_app.ui.runs.dry_run_state import DryRunPage
from crm_app.ui.runs.health_page import HealthPage
from crm_app.ui.runs.moves_page import MovesPage
from crm_app.ui.runs.run_state import RunPage
from crm_app.ui.runs.runs_state import RunsPage
from tests.unit.ui.conftest import Crm, Send

SYSTEM = SystemActor("test")
TELL: dict[str, Any] = {"id": "tell", "type": "notify", "to": "owner", "title": "Hello"}
MOVES = "/settings/runs/move?automation=hello"


def put(crm: Crm, *steps: dict[str, Any]) -> str:
    """The content hash of the version that is live now."""
    trigger = {"type": "record.created", "object": "deal"}
    body = {"format_version": 1, "name": "hello", "label": "Say hello", "trigger": trigger, "steps": [*steps]}
    with crm.workspace.work(SYSTEM) as work:
        publish(work, load_package({"automations": {"automations/hello.json": body}}), (check,))
    with crm.workspace.work(SYSTEM) as work:
        return next(content_hash(each) for each in work.catalog.automations if each.name == "hello")


def run_of(crm: Crm, version: str, name: str = "Acme") -> UUID:
    deal, event = crm.create("deal", "rita", name=name), new_id()
    with crm.workspace.work(SYSTEM) as work:
        run = NewRun(
            event, "hello", version, deal.ref, crm.people["rita"], 0, {"event": "record.created", "before": {}}
        )
        insert_runs(work, [run])
        found = text("SELECT id FROM crm.run WHERE event = :event")
        return work.connection.execute(found, {"event": event}).scalar_one()


async def test_runs_are_for_administrators(crm: Crm, send: Send) -> None:
    run = run_of(crm, put(crm, TELL))
    pages = (
        (RunsPage.open, "/settings/runs"),
        (RunPage.open, f"/settings/runs/{run}"),
        (MovesPage.open, MOVES),
        (DryRunPage.open, "/settings/runs/dry-run"),
        (HealthPage.open, "/settings/health"),
    )
    for handler, path in pages:
        delta = await send(handler, path, who="rita")
        assert delta["shell"]["problem"] == "forbidden", path
    for handler in (RunPage.cancel, RunPage.retry, RunPage.run_again):
        await send(handler, f"/settings/runs/{run}", who="rita")
    await send(MovesPage.move_all, MOVES, who="rita")
    with crm.workspace.work(SYSTEM) as work:
        assert work.connection.execute(text("SELECT status FROM crm.run")).scalar_one() == "pending"


async def test_the_list_is_filtered_and_one_automation_paused(crm: Crm, send: Send) -> None:
    version = put(crm, TELL)
    run_of(crm, version, "First")
    run_of(crm, version, "Second")
    page = (await send(RunsPage.open, "/settings/runs"))["runs_page"]
    assert [line["record"] for line in page["lines"]] == ["Second", "First"]
    filtered = (await send(RunsPage.open, "/settings/runs?status=failed"))["runs_page"]
    assert filtered["lines"] == []
    path = "/settings/runs?automation=hello"
    paused = (await send(RunsPage.pause_it, path, form={"events": "keep"}))["runs_page"]
    assert (paused["pause"]["is_paused"], paused["pause"]["waiting"]) == (True, 2)
    assert {line["state"] for line in paused["lines"]} == {"Held"}
    resumed = (await send(RunsPage.resume_it, path, form={"waiting": "drop"}))["runs_page"]
    assert not resumed["pause"]["is_paused"]
    assert {line["state"] for line in resumed["lines"]} == {"Cancelled"}


async def test_a_run_is_given_to_somebody_else_called_off_and_let_on(crm: Crm, send: Send) -> None:
    run = run_of(crm, put(crm, TELL))
    path = f"/settings/runs/{run}"
    shown = (await send(RunPage.open, path))["run_page"]["run"]
    assert (shown["title"], shown["can_cancel"], shown["can_retry"]) == ("Say hello", True, False)
    assert "Choose somebody" in str(await send(RunPage.reassign, path, form={"runner": "nobody"}))
    shown = (await send(RunPage.reassign, path, form={"runner": str(crm.people["ravi"])}))["run_page"]["run"]
    assert "Ravi Rep" in [fact["value"] for fact in shown["facts"] if fact["label"] == "Acts as"]
    shown = (await send(RunPage.cancel, path))["run_page"]["run"]
    assert (shown["state"], shown["can_retry"]) == ("Cancelled", True)
    assert (await send(RunPage.retry, path))["run_page"]["run"]["state"] == "Waiting"


async def test_runs_of_an_earlier_version_are_told_of_and_moved(crm: Crm, send: Send) -> None:
    old = put(crm, TELL)
    first, second = run_of(crm, old, "First"), run_of(crm, old, "Second")
    with crm.workspace.work(SYSTEM) as work:
        done = text("INSERT INTO crm.effect VALUES (:run, 'tell', 0, '{\"count\": 1}', now())")
        work.connection.execute(done, {"run": second})
    new = put(crm, {**TELL, "id": "other"})
    older = (await send(RunsPage.open, "/settings/runs"))["runs_page"]["older"]
    assert [each["label"] for each in older] == ["Say hello (2)"]
    found = (await send(MovesPage.open, MOVES))["moves_page"]["found"]
    by_record = {line["record"]: line for line in found["lines"]}
    assert by_record["First"]["reasons"] == []
    assert (by_record["Second"]["name"], found["fitting"]) == ("", 1)
    assert "Choose the runs" in str(await send(MovesPage.move_chosen, MOVES, form={}))
    both = {f"run-{first}": True, f"run-{second}": True}
    delta = await send(MovesPage.move_chosen, MOVES, form=both)
    assert "1 run moved." in str(delta["shell"])
    assert [line["record"] for line in delta["moves_page"]["found"]["lines"]] == ["Second"]
    assert "0 runs moved" in str((await send(MovesPage.move_all, MOVES))["shell"])
    with crm.workspace.work(SYSTEM) as work:
        versions = text("SELECT id, automation_hash FROM crm.run")
        assert {row.id: row.automation_hash for row in work.connection.execute(versions)} == {first: new, second: old}
