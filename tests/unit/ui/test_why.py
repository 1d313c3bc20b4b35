"""A refusal on a page leads to why, and to what would help."""

from crm_app.kernel.ids import new_id
from crm_app.ui.address import edit_path, record_path
from crm_app.ui.records.access_state import AccessDialog
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.record_state import RecordPage
from tests.unit.ui.conftest import Crm, Send


async def test_a_refused_deletion_leads_to_who_could_let_one(crm: Crm, send: Send) -> None:
    company = crm.create("company", "ravi", name="Not hers")
    place = record_path("company", company.ref.id)
    await send(RecordPage.open, place, who="rita")
    said = (await send(RecordPage.delete, place, who="rita"))["shell"]["notice"]
    assert said["why"] == f"{place}?why=delete"
    dialog = (await send(AccessDialog.ask, said["why"], who="rita"))["access_dialog"]
    assert dialog["refused"].startswith("You can't delete it. None of your roles lets you delete companies.")
    assert "Ask Ada Admin" in dialog["refused"]
    opened = await send(RecordPage.open, said["why"], who="rita", token="from the notice")
    assert opened["access_dialog"]["is_open"]


async def test_a_page_that_is_refused_leads_to_why(crm: Crm, send: Send) -> None:
    product = crm.create("product", name="Fixed")
    shown = await send(RecordForm.open_edit, edit_path("product", product.ref.id), who="rita")
    assert shown["shell"]["problem"] == "forbidden"
    assert shown["shell"]["problem_why"] == f"{record_path('product', product.ref.id)}?why=edit"


async def test_a_record_out_of_sight_is_explained_as_one_that_is_not_there(crm: Crm, send: Send) -> None:
    hidden, absent = crm.create("deal", "ravi", name="Hidden").ref.id, new_id()
    said = [
        (await send(RecordPage.open, record_path("deal", each), who="rita", token=str(each)))["shell"]["problem_reason"]
        for each in (hidden, absent)
    ]
    assert said[0] == said[1]
    assert "not among those that you may read" in said[0]
