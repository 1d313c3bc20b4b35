"""Lines chosen in a list, and what is done with them."""

from typing import Any

import pytest

from crm_app.ui.records import bulk_state
from crm_app.ui.records.bulk_state import Bulk
from crm_app.ui.records.list_state import ListPage
from tests.unit.ui.conftest import Crm, Send

AT = "/o/deal?sort=name"
PLAIN: dict[str, Any] = {"shift_key": False}


async def opened(crm: Crm, send: Send, number: int = 3, who: str = "admin") -> list[str]:
    ids = [str(crm.create("deal", name=f"Deal {index}", owner=who).ref.id) for index in range(number)]
    await send(ListPage.open, AT, who=who)
    return ids


async def test_lines_are_picked_one_by_one_in_a_range_and_all(crm: Crm, send: Send) -> None:
    ids = await opened(crm, send, 4)
    assert (await send(Bulk.pick, AT, record=ids[0], pointer=PLAIN))["bulk"]["selected"] == ids[:1]
    assert (await send(Bulk.pick, AT, record=ids[2], pointer={"shift_key": True}))["bulk"]["selected"] == ids[:3]
    assert (await send(Bulk.pick, AT, record=ids[1], pointer=PLAIN))["bulk"]["selected"] == [ids[0], ids[2]]
    found = (await send(Bulk.pick_page, AT))["bulk"]
    assert found["selected"] == ids
    assert found["export_href"] == f"/exports/deal.csv?sort=name&ids={','.join(ids)}"
    assert (await send(Bulk.pick_page, AT))["bulk"]["selected"] == []


async def test_what_is_no_line_of_the_page_is_not_picked(crm: Crm, send: Send) -> None:
    await opened(crm, send)
    other = str(crm.create("company", name="Acme").ref.id)
    for record in (other, "nonsense", ""):
        assert "selected" not in (await send(Bulk.pick, AT, record=record, pointer=PLAIN)).get("bulk", {})


async def test_one_field_is_changed_for_all_that_is_picked(crm: Crm, send: Send) -> None:
    ids = await opened(crm, send)
    await send(Bulk.pick_page, AT)
    asked = (await send(Bulk.begin, AT, field="name"))["bulk"]
    assert (asked["is_open"], [field["name"] for field in asked["asked"]]) == (True, ["name"])
    found = await send(ListPage.change, AT, form={"has::name": "", "name": "New"})
    assert found["bulk"]["is_open"] is False
    assert found["shell"]["notice"]["text"] == f"{len(ids)} deals changed."
    assert [line["name"] for line in found["list_page"]["lines"]] == ["New"] * 3


async def test_what_somebody_changed_meanwhile_is_reported_with_its_link(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Deal")
    await send(ListPage.open, AT)
    crm.update(deal, name="Theirs")
    await send(Bulk.pick_page, AT)
    await send(Bulk.begin, AT, field="name")
    found = (await send(ListPage.change, AT, form={"has::name": "", "name": "Ours"}))["bulk"]
    assert [(line["name"], line["href"]) for line in found["refused"]] == [("Theirs", f"/o/deal/{deal.ref.id}")]
    assert crm.read(deal).name == "Theirs"


async def test_a_value_that_can_not_be_stands_at_its_field(crm: Crm, send: Send) -> None:
    await opened(crm, send)
    await send(Bulk.pick_page, AT)
    await send(Bulk.begin, AT, field="amount")
    found = await send(ListPage.change, AT, form={"has::amount": "", "amount": "fifty"})
    assert "amount" in found["bulk"].get("errors", found.get("record_form", {}).get("errors", {}))


async def test_deals_that_are_lost_together_are_asked_for_one_reason(crm: Crm, send: Send) -> None:
    deals = [crm.create("deal", name=f"Deal {index}", stage="engaging") for index in range(2)]
    await send(ListPage.open, AT)
    await send(Bulk.pick_page, AT)
    asked = (await send(Bulk.begin, AT, field="stage"))["bulk"]["asked"]
    assert [field["name"] for field in asked] == ["stage", "lost_reason"]
    form = {"has::stage": "", "stage": "lost", "has::lost_reason": "", "lost_reason": ""}
    refused = (await send(ListPage.change, AT, form=form))["bulk"]["refused"]
    assert ["needed" in line["reason"] for line in refused] == [True, True]
    assert {crm.read(deal).values["stage"] for deal in deals} == {"engaging"}
    await send(Bulk.pick_page, AT)
    await send(Bulk.begin, AT, field="stage")
    found = await send(ListPage.change, AT, form={**form, "lost_reason": "price"})
    assert found["shell"]["notice"]["text"] == "2 deals changed."
    now = [crm.read(deal).values for deal in deals]
    assert [(each["stage"], each["lost_reason"]) for each in now] == [("lost", "price")] * 2


async def test_all_that_match_are_deleted_on_every_page(crm: Crm, send: Send) -> None:
    await opened(crm, send, 51)
    await send(Bulk.pick_page, AT)
    assert (await send(Bulk.pick_all, AT))["bulk"]["is_all"] is True
    found = await send(ListPage.delete_chosen, AT)
    assert found["shell"]["notice"]["text"] == "51 deals deleted."
    assert found["list_page"]["lines"] == []


async def test_however_many_match_they_are_changed_part_by_part(
    crm: Crm, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_state, "MAX_BULK", 20)
    await opened(crm, send, 51)
    await send(Bulk.pick_page, AT)
    await send(Bulk.pick_all, AT)
    await send(Bulk.begin, AT, field="name")
    found = await send(ListPage.change, AT, form={"has::name": "", "name": "Same"})
    assert found["shell"]["notice"]["text"] == "51 deals changed."
    assert {line["name"] for line in found["list_page"]["lines"]} == {"Same"}


async def test_a_rep_gets_what_the_role_allows(crm: Crm, send: Send) -> None:
    await opened(crm, send, 1, "rita")
    found = (await send(ListPage.open, AT, who="rita", token="another"))["bulk"]
    assert (found["can_delete"], found["can_transfer"], found["export_href"]) == (True, False, "")
    theirs = crm.create("deal", name="Ravi's", owner="ravi")
    assert (await send(Bulk.pick, AT, who="rita", record=str(theirs.ref.id), pointer=PLAIN)).get("bulk", {}) == {}
