"""A run on its canvas: every block has the colour of what became of it, and the one that is chosen tells the rest."""

from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import NewRun, RunKey, StepKey, StepSeen, insert_runs, note_end
from crm_app.services.automation_steps import Kept, finish_step
from crm_app.services.definition_store import content_hash
from crm_app.services.definitions import publish
from crm_app.services.drafts import edit_draft
from crm_app.services.records import create_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.runs.dry_run_state import DryRunPage
from crm_app.ui.runs.run_state import RunPage
from tests.builders import SYSTEM
from tests.unit.ui.conftest import Crm, Send

STOP = {"id": "end", "type": "stop"}
BODY: dict[str, Any] = {
    "name": "ping",
    "label": "Ping",
    "trigger": {"type": "record.created", "object": "task"},
    "steps": [
        {
            "id": "which",
            "type": "branch",
            "cases": [{"when": "notes = 'a'", "steps": [{"id": "note", "type": "update", "values": {"notes": "'b'"}}]}],
            "else": [STOP],
        },
        {"id": "pause", "type": "wait", "duration": "P1D"},
        {"id": "last", "type": "update", "values": {"notes": "'c'"}, "name": "Say goodbye"},
    ],
}


def _run(crm: Crm) -> UUID:
    with crm.workspace.work(SYSTEM) as work:
        publish(work, load_package({"automations": {"automations/ping.json": BODY}}))
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        ref = create_record(work, "task", {"subject": "Call"}).ref
        ping = next(each for each in work.catalog.automations if each.name == "ping")
        run = new_id()
        kept: dict[str, Any] = {"event": "record.created", "at": clock.now().isoformat(), "before": {}}
        insert_runs(work, [NewRun(new_id(), "ping", content_hash(ping), ref, work.who.user_id, 0, kept, id=run)])
    return run


def _done(work: UnitOfWork, run: UUID, path: str, kind: str, **output: Any) -> None:
    ping = next(each for each in work.catalog.automations if each.name == "ping")
    kept = Kept(output, rests=False, ends=False)
    finish_step(work, RunKey(run, content_hash(ping)), StepKey(run, path, 0, kind), StepSeen(clock.now()), kept)


def _states(shown: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}

    def walk(blocks: list[dict[str, Any]]) -> None:
        for block in blocks:
            found[block["id"]] = block["state"]
            for lane in block["lanes"]:
                walk(lane["blocks"])

    walk(shown["tree"]["blocks"])
    return found


async def test_a_run_colours_its_canvas_while_it_goes_on(crm: Crm, send: Send) -> None:
    run = _run(crm)
    path = f"/settings/runs/{run}"
    shown = (await send(RunPage.open, path))["run_page"]["run"]
    assert set(_states(shown).values()) == {"none"}
    with crm.workspace.work(SYSTEM) as work:
        _done(work, run, "which", "branch", case=0)
        _done(work, run, "which/note", "update", id="x")
    shown = (await send(RunPage.tick, path))["run_page"]["run"]
    assert _states(shown) == {"which": "finished", "note": "finished", "end": "none", "pause": "none", "last": "none"}
    assert (shown["chosen"], shown["block"]["times"][0]["outputs"][0]["value"]) == ("note", "x")
    lanes = shown["tree"]["blocks"][0]["lanes"]
    assert [lane["is_taken"] for lane in lanes] == [True, False]
    with crm.workspace.work(SYSTEM) as work:
        _done(work, run, "pause", "wait")
        work.connection.execute(
            text(
                "INSERT INTO crm.run_wait (run, path, kind, key, state, asks, answer, workflow, wants_waking,"
                " created_at, changed_at)"
                " VALUES (:run, 'pause', 'moment', '', 'open', '{}', '{}', 'w', false, now(), now())"
            ),
            {"run": run},
        )
    shown = (await send(RunPage.tick, path))["run_page"]["run"]
    assert (_states(shown)["pause"], shown["chosen"]) == ("waiting", "pause")


async def test_what_failed_is_chosen_and_what_was_never_reached_is_faint(crm: Crm, send: Send) -> None:
    run = _run(crm)
    path = f"/settings/runs/{run}"
    with crm.workspace.work(SYSTEM) as work:
        _done(work, run, "which", "branch", case=-1)
        note_end(work, StepKey(run, "last", 0, "update"), "forbidden: Not you.")
        work.connection.execute(text("UPDATE crm.run SET status = 'failed', finished_at = now()"))
    shown = (await send(RunPage.open, path))["run_page"]["run"]
    assert _states(shown) == {
        "which": "finished",
        "note": "skipped",
        "end": "skipped",
        "pause": "skipped",
        "last": "failed",
    }
    last = shown["tree"]["blocks"][2]
    assert (last["label"], last["problem"], last["said"]) == ("Say goodbye", "Not you.", "Failed")
    assert (shown["block"]["label"], shown["block"]["times"][0]["error"]) == ("Say goodbye", "Not you.")
    shown = (await send(RunPage.choose, path, key="which"))["run_page"]["run"]
    assert shown["block"]["kind"] == "Branch"
    shown = (await send(RunPage.choose, path, key="@"))["run_page"]["run"]
    assert (shown["chosen"], shown["block"]["key"]) == ("@", "")


async def test_a_dry_run_colours_the_same_canvas(crm: Crm, send: Send) -> None:
    _run(crm)
    path = "/settings/runs/dry-run?automation=ping"
    await send(DryRunPage.open, path)
    tried = (await send(DryRunPage.try_out, path, form={"automation": "ping", "events": "20"}))["dry_run_page"]
    key = tried["lines"][0]["key"]
    shown = (await send(DryRunPage.show, path, key=key))["dry_run_page"]
    assert shown["shown"]["key"] == key
    states = {"which": "finished", "note": "skipped", "end": "finished", "pause": "skipped", "last": "skipped"}
    assert _states(shown["canvas"]) == states
    assert "dry_run_page" not in await send(DryRunPage.show, path, key="nothing")


async def test_a_dry_run_on_one_record_is_told_in_words_beside_the_live_version(crm: Crm, send: Send) -> None:
    _run(crm)
    task = crm.create("task", subject="Call Ann", notes="a")
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        louder = {**BODY["steps"][2], "values": {"notes": "'C'"}}
        edit_draft(work, "Louder", {"automations/ping": lambda body: {**body, "steps": [*BODY["steps"][:2], louder]}})
    path = "/settings/runs/dry-run?automation=ping"
    assert (await send(DryRunPage.open, path))["dry_run_page"]["about"] == "Task"
    found = (await send(DryRunPage.suggest, path, text="Call A"))["dry_run_page"]["suggestions"]
    assert [each["value"] for each in found] == [str(task.ref.id)]
    form = {"automation": "ping", "events": "record", "record": found[0]["value"]}
    shown = (await send(DryRunPage.try_out, path, form=form))["dry_run_page"]
    assert shown["summary"] == "Your draft and the live version would not do the same."
    lines = [
        [(line["text"], line["details"][0]["text"], line["is_only"]) for line in w["effects"]] for w in shown["ways"]
    ]
    told = "Task “Call Ann” changed"
    assert lines == [
        [(told, "a → b", False), (told, "b → C", True)],
        [(told, "a → b", False), (told, "b → c", True)],
    ]
    live = (await send(DryRunPage.look, path, way="live"))["dry_run_page"]
    assert (live["way"], _states(live["canvas"])["note"]) == ("live", "finished")
    block = (await send(DryRunPage.choose, path, key="which"))["dry_run_page"]["canvas"]["block"]
    (part,) = [each for each in block["times"][0]["parts"] if each["text"] == "notes = 'a'"]
    assert (block["label"], part["truth"]) == ("Branch", "true")
    assert crm.read(task).values["notes"] == "a"


async def test_a_dry_run_on_one_record_asks_for_one_that_the_workflow_is_about(crm: Crm, send: Send) -> None:
    _run(crm)
    deal = crm.create("deal", name="No task")
    path = "/settings/runs/dry-run?automation=ping"
    await send(DryRunPage.open, path)
    for record, said in (
        ("", "choose one of those"),
        ("nonsense", "choose one of those"),
        (deal.ref.id, "no such record"),
    ):
        form = {"automation": "ping", "events": "record", "record": str(record)}
        assert said in str(await send(DryRunPage.try_out, path, form=form))
