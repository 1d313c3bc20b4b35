from crm_app.ui.address import record_path
from crm_app.ui.records.past_part import FieldPast
from crm_app.ui.records.record_state import RecordPage
from tests.unit.ui.conftest import Crm, Send


async def test_a_field_tells_its_past_in_a_dialog_to_whoever_may_see_it(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="First", owner="rita")
    crm.update(deal, name="Second")
    path = record_path("deal", deal.ref.id)
    await send(RecordPage.open, path, who="rita")
    found = await send(FieldPast.ask, path, who="rita", field="name")
    past = found["field_past"]
    assert (past["is_open"], past["title"]) == (True, "Name")
    assert [(line["before"], line["after"]) for line in past["lines"]] == [("First", "Second"), ("", "First")]
    assert "Ada Admin" in past["lines"][0]["note"]
    await send(RecordPage.open, path, who="ravi")
    refused = await send(FieldPast.ask, path, who="ravi", field="name")
    assert not refused.get("field_past", {}).get("lines")
    assert "Second" not in str(refused)
