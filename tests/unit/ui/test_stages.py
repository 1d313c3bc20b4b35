"""Moving records on screens: what a stage asks for, what it refuses, and which pipeline a board shows."""

from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from crm_app.services.record_query import Record
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.move_state import MoveDialog
from crm_app.ui.records.record_state import RecordPage
from tests.unit.ui.conftest import Crm, Delta, Send

BOARD = "/o/deal/board"


def path_of(record: Record) -> str:
    return f"/o/deal/{record.ref.id}"


def change_pipeline(crm: Crm, more: dict[str, Any], *others: dict[str, Any]) -> None:
    with crm.workspace.work(SystemActor("test")) as work:
        body = work.definition("deal").canonical()
        body["pipelines"] = [{**body["pipelines"][0], **more}, *others]
        publish(work, load_package({"objects": {"objects/deal.json": body}}))


async def move(send: Send, deal: Record, stage: str, **who: str) -> Delta:
    await send(BoardPage.open, BOARD, **who)
    return await send(BoardPage.move, BOARD, record=str(deal.ref.id), stage=stage, version=deal.version, **who)


async def test_a_lost_deal_is_asked_why_and_then_moves(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging")
    asked = await move(send, deal, "lost")
    dialog = asked["move_dialog"]
    assert (dialog["is_open"], dialog["title"]) == (True, "Move Big one to Lost")
    assert [(field["name"], field["widget"]) for field in dialog["asked"]] == [("lost_reason", "select")]
    assert crm.read(deal).values["stage"] == "engaging"
    form = {"has::lost_reason": "", "lost_reason": ""}
    again = await send(BoardPage.finish, BOARD, form=form)
    assert again["record_form"]["errors"] == {"lost_reason": "Reason for the loss is needed to enter Lost."}
    done = await send(BoardPage.finish, BOARD, form={**form, "lost_reason": "price", "has::notes": "", "notes": "x"})
    assert done["move_dialog"]["is_open"] is False
    assert done["board_page"]["announcement"] == "Big one moved to Lost."
    values = crm.read(deal).values
    assert (values["stage"], values["lost_reason"]) == ("lost", "price")


async def test_the_record_page_asks_the_same(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging")
    shown = (await send(RecordPage.open, path_of(deal)))["record_page"]["stages"]
    assert [(stage["state"], stage["is_barred"]) for stage in shown] == [
        ("past", False),
        ("current", False),
        ("ahead", False),
        ("ahead", False),
    ]
    asked = await send(RecordPage.move, path_of(deal), stage="won")
    assert [field["name"] for field in asked["move_dialog"]["asked"]] == ["amount"]
    await send(MoveDialog.cancel, path_of(deal))
    assert crm.read(deal).values["stage"] == "engaging"
    await send(RecordPage.move, path_of(deal), stage="won")
    form = {"has::amount": "", "amount": "5"}
    done = await send(RecordPage.finish, path_of(deal), form=form)
    assert [stage["state"] for stage in done["record_page"]["stages"]] == ["past", "past", "current", "ahead"]


async def test_a_dialog_finishes_only_the_move_that_it_was_opened_for(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging")
    await send(BoardPage.open, BOARD)
    await send(BoardPage.finish, BOARD, form={"has::lost_reason": "", "lost_reason": "price"})
    assert crm.read(deal).values == deal.values
    southern = crm.create("deal", "ravi", name="Southern deal", stage="engaging")
    await move(send, southern, "lost", who="rita")
    assert crm.read(southern).values["stage"] == "engaging"


async def test_a_closed_gate_says_why_and_asks_for_what_would_open_it(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging", amount="0")
    dialog = (await move(send, deal, "won"))["move_dialog"]
    assert dialog["is_open"]
    assert "brings in something" in dialog["said"]
    assert [(field["name"], field["value"]) for field in dialog["asked"]] == [("amount", "0")]
    again = (await send(BoardPage.finish, BOARD, form={"has::amount": "", "amount": "-1"}))["move_dialog"]
    assert again.get("is_open", True)
    assert crm.read(deal).values["stage"] == "engaging"
    done = await send(BoardPage.finish, BOARD, form={"has::amount": "", "amount": "5"})
    assert done["move_dialog"]["is_open"] is False
    assert (str(crm.read(deal).values["amount"]), crm.read(deal).values["stage"]) == ("5.00 USD", "won")


async def test_a_timeline_writes_days_as_the_page_does(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", close_date="2026-03-04")
    crm.update(deal, close_date="2026-11-22")
    entries = (await send(RecordPage.open, path_of(deal)))["record_page"]["entries"]
    changes = [change for entry in entries for change in entry["changes"]]
    assert ("4 Mar 2026", "22 Nov 2026") in {(change["before"], change["after"]) for change in changes}


async def test_a_board_says_which_moves_are_barred_and_what_waits_too_long(crm: Crm, send: Send) -> None:
    change_pipeline(crm, {"back": False, "roles": ["sales_manager"]})
    deal = crm.create("deal", name="Big one", stage="engaging", amount="1000")
    with crm.workspace.work(SystemActor("test")) as work:
        work.connection.exec_driver_sql("UPDATE data.deal SET stage__since = now() - interval '100 days'")
    page = (await send(BoardPage.open, BOARD))["board_page"]
    columns = {column["stage"]: column for column in page["columns"]}
    assert columns["prospecting"]["barred"]["engaging"] == "A record can't go back from Engaging to Prospecting."
    assert columns["won"]["barred"] == {"lost": "What is lost stays so."}
    (card,) = columns["engaging"]["cards"]
    assert (card["age"], card["is_late"]) == ("100 d", True)
    assert columns["engaging"]["weighted"] == "50 %: 500 USD"
    assert page["total"] == "Open 1,000 USD, weighted 500 USD"
    mine = crm.create("deal", "rita", name="Hers", stage="prospecting")
    barred = (await send(BoardPage.open, BOARD, who="rita"))["board_page"]["columns"][1]["barred"]
    assert barred["prospecting"] == "Your role doesn't let you move records in Sales."
    refused = await move(send, mine, "engaging", who="rita")
    assert "Your role" in refused["board_page"]["announcement"]
    stages = (await send(RecordPage.open, path_of(deal)))["record_page"]["stages"]
    assert (stages[1]["spent"], stages[1]["is_late"], stages[0]["is_barred"]) == ("100 d", True, True)


@pytest.mark.parametrize("chosen", ["sales", "small"])
async def test_a_board_shows_the_pipeline_that_is_chosen(crm: Crm, send: Send, chosen: str) -> None:
    small = {"name": "small", "label": "Small", "field": "stage", "stages": [{"name": "engaging"}]}
    change_pipeline(crm, {"when": "amount > 500 USD"}, small)
    crm.create("deal", name="Big one", stage="engaging", amount="1000")
    crm.create("deal", name="Small one", stage="engaging", amount="10")
    page = (await send(BoardPage.open, f"{BOARD}?pipeline={chosen}"))["board_page"]
    assert [(tab["label"], tab["is_current"]) for tab in page["pipelines"]] == [
        ("Sales", chosen == "sales"),
        ("Small", chosen == "small"),
    ]
    cards = [card["title"] for column in page["columns"] for card in column["cards"]]
    assert cards == ["Big one" if chosen == "sales" else "Small one"]
