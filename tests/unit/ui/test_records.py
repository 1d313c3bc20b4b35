from typing import Any

from crm_app.kernel.ids import new_id
from crm_app.services.record_query import Record
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.conflict import merged
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.record_state import RecordPage
from tests.unit.ui.conftest import Crm, Send


def _form(**values: str) -> dict[str, Any]:
    return {**{f"has::{name}": "1" for name in values}, **values}


def _path(record: Record, rest: str = "") -> str:
    return f"/o/{record.ref.object}/{record.ref.id}{rest}"


def fields_of(form: dict[str, Any]) -> dict[str, Any]:
    return {f["name"]: f for tab in form["tabs"] for section in tab["sections"] for f in section["fields"]}


async def test_a_form_is_made_from_the_definition(send: Send) -> None:
    found = (await send(RecordForm.open_new, "/o/deal/new"))["record_form"]
    fields = fields_of(found)
    assert (fields["amount"]["widget"], fields["amount"]["unit"]) == ("currency", "USD")
    assert fields["stage"]["value"] == "prospecting"
    assert found["states"]["required"] == ["name", "stage"]
    assert fields["owner"]["value_label"] == "Ada Admin"


async def test_an_address_fills_the_form_beforehand(crm: Crm, send: Send) -> None:
    company = crm.create("company", name="Iron Works")
    found = (await send(RecordForm.open_new, f"/o/deal/new?company={company.ref.id}&nonsense=1"))["record_form"]
    fields = fields_of(found)
    assert fields["company"]["value_label"] == "Iron Works"
    assert "nonsense" not in fields


async def test_every_problem_stands_under_its_field_and_nothing_is_saved(send: Send) -> None:
    await send(RecordForm.open_new, "/o/deal/new")
    found = await send(RecordForm.create, "/o/deal/new", form=_form(name="", amount="plenty"))
    assert set(found["record_form"]["errors"]) == {"name", "amount"}
    assert found["shell"]["focus"]["id"] == "field-name"
    board = (await send(BoardPage.open, "/o/deal/board"))["board_page"]
    assert [column["count"] for column in board["columns"]] == ["0", "0", "0", "0"]


async def test_a_field_that_the_form_does_not_carry_is_left_alone(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", amount="100", notes="keep me")
    await send(RecordForm.open_edit, _path(deal, "/edit"))
    await send(RecordForm.save, _path(deal, "/edit"), form=_form(amount="200"))
    after = crm.read(deal)
    assert (after.values["notes"], str(after.values["amount"])) == ("keep me", "200.00 USD")


async def test_a_form_cannot_set_what_is_not_a_field_of_it(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one")
    await send(RecordForm.open_edit, _path(deal, "/edit"))
    await send(RecordForm.save, _path(deal, "/edit"), form=_form(name="Renamed", created_by="x", id="y", version="9"))
    after = crm.read(deal)
    assert (after.name, after.values["created_by"]) == ("Renamed", crm.people["admin"])


async def test_changes_of_different_fields_are_merged(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", amount="100")
    await send(RecordForm.open_edit, _path(deal, "/edit"))
    crm.update(deal, notes="theirs")
    await send(RecordForm.save, _path(deal, "/edit"), form=_form(name="Big one", amount="200", notes=""))
    after = crm.read(deal)
    assert (after.values["notes"], str(after.values["amount"])) == ("theirs", "200.00 USD")


async def test_changes_of_one_field_are_asked_about(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", amount="100")
    await send(RecordForm.open_edit, _path(deal, "/edit"))
    crm.update(deal, amount="777")
    found = await send(RecordForm.save, _path(deal, "/edit"), form=_form(name="Mine", amount="888"))
    (clash,) = found["record_form"]["clashes"]
    assert (clash["yours"], clash["theirs"], clash["original"]) == ("888 USD", "777 USD", "100 USD")
    assert str(crm.read(deal).values["amount"]) == "777.00 USD"
    await send(RecordForm.resolve, _path(deal, "/edit"), keep={"keep::amount": "theirs"})
    after = crm.read(deal)
    assert (after.name, str(after.values["amount"])) == ("Mine", "777.00 USD")


def test_a_merge_keeps_only_what_i_changed() -> None:
    differing = {
        "a": {"yours": 1, "theirs": 2, "original": 1},
        "b": {"yours": 3, "theirs": 2, "original": 1},
        "c": {"yours": 4, "theirs": 5, "original": 6},
    }
    raw = {"a": "1", "b": "3", "c": "4", "d": "7"}
    assert merged(raw, differing, {"keep::c": "theirs"}) == {"b": "3", "d": "7"}


async def test_a_board_adds_up_everything_and_shows_the_first_cards(crm: Crm, send: Send) -> None:
    for number in range(25):
        crm.create("deal", name=f"Deal {number}", amount="10", stage="engaging")
    columns = (await send(BoardPage.open, "/o/deal/board"))["board_page"]["columns"]
    engaging = next(column for column in columns if column["stage"] == "engaging")
    assert (engaging["count"], engaging["sum"], len(engaging["cards"])) == ("25", "250 USD", 20)
    assert engaging["more"] == "Show 5 more"
    more = (await send(BoardPage.show_more, "/o/deal/board", stage="engaging"))["board_page"]["columns"]
    assert len(next(column for column in more if column["stage"] == "engaging")["cards"]) == 25


async def test_a_card_moves_and_the_move_is_said(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging", amount="5")
    await send(BoardPage.open, "/o/deal/board")
    found = await send(BoardPage.move, "/o/deal/board", record=str(deal.ref.id), stage="won", version=deal.version)
    assert found["board_page"]["announcement"] == "Big one moved to Won."
    assert crm.read(deal).values["stage"] == "won"


async def test_a_refused_move_puts_the_card_back_with_the_sentence(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging")
    await send(BoardPage.open, "/o/deal/board")
    for record, stage, version in [
        (str(deal.ref.id), "nonsense", deal.version),
        (str(deal.ref.id), "won", deal.version + 1),
        (str(new_id()), "won", 1),
    ]:
        found = await send(BoardPage.move, "/o/deal/board", record=record, stage=stage, version=version)
        assert found["board_page"]["announcement"].startswith("Not moved: ")
        assert found["shell"]["notice"]["kind"] == "bad"
        assert "columns" in found["board_page"]
    assert crm.read(deal).values["stage"] == "engaging"


async def test_a_record_shows_what_points_at_it_and_what_happened(crm: Crm, send: Send) -> None:
    company = crm.create("company", name="Iron Works")
    crm.create("deal", name="Big one", company=str(company.ref.id))
    crm.create("task", subject="Call them", company=str(company.ref.id), due_date="2030-01-02")
    crm.update(company, city="Oslo")
    found = (await send(RecordPage.open, _path(company)))["record_page"]
    deals = next(related for tab in found["tabs"] for related in tab["related"] if related["lines"])
    assert [line["name"] for line in deals["lines"]] == ["Big one"]
    assert str(company.ref.id) in deals["new_href"]
    assert [entry["title"] for entry in found["entries"]] == ["Call them", "Company updated", "Company created"]
    assert found["entries"][1]["changes"][0]["after"] == "Oslo"


async def test_a_foreign_record_is_as_absent_as_one_that_never_was(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", owner="ravi", name="Southern deal")
    for path in (_path(deal), f"/o/deal/{new_id()}"):
        found = await send(RecordPage.open, path, who="rita", token=path)
        assert found["shell"]["problem"] == "not_found"
        assert "Southern" not in str(found)
    await send(RecordPage.delete, _path(deal), who="rita")
    assert crm.read(deal).name == "Southern deal"


async def test_a_click_on_the_path_moves_the_record(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", name="Big one", stage="engaging", amount="5")
    await send(RecordPage.open, _path(deal))
    found = (await send(RecordPage.move, _path(deal), stage="won"))["record_page"]
    assert [stage["state"] for stage in found["stages"]] == ["past", "past", "current", "ahead"]
