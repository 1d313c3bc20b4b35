"""Decision tables in the settings, without a browser."""

from typing import Any

from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from crm_app.ui.settings.decision_state import DecisionPage
from crm_app.ui.settings.decisions_page import DecisionsPage
from tests.unit.ui.conftest import Crm, Send

ALL = "/settings/decisions"
FEE = f"{ALL}/fee"


async def _made(send: Send) -> dict[str, Any]:
    await send(DecisionsPage.open, ALL)
    await send(DecisionsPage.create, ALL, form={"label": "Fee", "name": "fee", "object": "task"})
    return (await send(DecisionPage.open, FEE))["decision_page"]["sheet"]


def _table(crm: Crm) -> dict[str, Any]:
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        return drafts.body_of(work, drafts.read_draft(work), "decisions/fee")


async def test_a_table_is_made_filled_in_and_published(crm: Crm, send: Send) -> None:
    sheet = await _made(send)
    assert [row["cells"][0]["value"] for row in sheet["rows"]] == ["-"]
    await send(DecisionPage.act, FEE, what="add_row", at=0)
    form = {
        "in-0": "notes",
        "cell-0-0": "is empty",
        "then-0": "5",
        "cell-1-0": "'x', 'y'",
        "then-1": "7",
        "note-1": "Why",
    }
    sheet = (await send(DecisionPage.save, FEE, form=form))["decision_page"]["sheet"]
    assert sheet["problems"] == []
    assert sheet["notes"] == ["No row is for a record with Notes “something else”, and nothing is said for that."]
    assert _table(crm)["rows"] == [
        {"when": ["is empty"], "then": "5"},
        {"when": ["'x', 'y'"], "then": "7", "note": "Why"},
    ]
    with crm.workspace.work(UserActor(crm.people["admin"])) as work:
        drafts.publish_draft(work)
    lines = (await send(DecisionsPage.open, ALL))["decisions_page"]["lines"]
    assert [(line["label"], line["rows"], line["state"]) for line in lines] == [("Fee", "2", "")]


async def test_what_is_wrong_is_told_at_its_cell_and_kept(crm: Crm, send: Send) -> None:
    await _made(send)
    form = {"in-0": "notes", "cell-0-0": "> 5", "then-0": "amont"}
    sheet = (await send(DecisionPage.save, FEE, form=form))["decision_page"]["sheet"]
    assert "is text" in sheet["rows"][0]["cells"][0]["error"]
    assert "no field 'amont'" in sheet["rows"][0]["then"]["error"]
    assert _table(crm)["rows"][0]["when"] == ["> 5"]


async def test_it_is_tried_on_a_record(crm: Crm, send: Send) -> None:
    crm.create("task", subject="Call Anna", notes="x")
    await _made(send)
    await send(DecisionPage.act, FEE, what="add_row", at=0)
    form = {"in-0": "notes", "cell-0-0": "is empty", "then-0": "5", "cell-1-0": "'x'", "then-1": "7"}
    await send(DecisionPage.save, FEE, form=form)
    sheet = (await send(DecisionPage.try_on, FEE, form={"record": "Anna"}))["decision_page"]["sheet"]
    assert (sheet["tried"], sheet["outcome"]) == ("Call Anna", "7")
    assert [row["mark"] for row in sheet["rows"]] == ["false", "true"]
    assert sheet["columns"][0]["tried"] == "“x”"


async def test_rows_and_columns_come_and_go(crm: Crm, send: Send) -> None:
    await _made(send)
    for what in ("add_row", "add_column", "add_row", "remove_column", "remove_row", "row_down"):
        await send(DecisionPage.act, FEE, what=what, at=0)
    assert len(_table(crm)["rows"]) == 2
    for what, at in (("erase", 0), ("add_row", 99), ("remove_row", -1)):
        await send(DecisionPage.act, FEE, what=what, at=at)
    assert len(_table(crm)["rows"]) == 2
    assert len(_table(crm)["inputs"]) == 1


async def test_a_table_that_was_never_published_is_gone_when_it_is_removed(crm: Crm, send: Send) -> None:
    await _made(send)
    assert _table(crm)["label"] == "Fee"
    lines = (await send(DecisionsPage.archive, ALL, name="fee"))["decisions_page"]["lines"]
    assert lines == []


async def test_only_administrators_have_tables_to_look_at(crm: Crm, send: Send) -> None:
    await _made(send)
    shown = (await send(DecisionPage.open, FEE, who="rita"))["decision_page"]
    assert (shown["sheet"]["key"], shown["sheet"]["rows"]) == ("", [])
    await send(DecisionPage.save, FEE, who="rita", form={"then-0": "9"})
    await send(DecisionsPage.create, ALL, who="rita", form={"label": "X", "name": "x", "object": "task"})
    assert _table(crm)["rows"][0]["then"] == "null"
