"""The inbox: what one is asked oneself, and how it is answered."""

from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.inbox import question_count
from crm_app.ui.home.home_page import HomePage
from crm_app.ui.inbox.inbox_page import InboxPage
from tests.questions import ask
from tests.unit.ui.conftest import Crm, Send

FIELDS = [{"name": "seats", "label": "Seats", "kind": "number", "required": True, "options": []}]
SHOWS = [["Amount", "500 USD"]]


async def test_a_question_is_counted_shown_and_answered(crm: Crm, send: Send) -> None:
    """Its record is out of reach, so of it only what the question shows is seen."""
    with crm.workspace.work(SystemActor("test")) as work:
        key = ask(work, [crm.people["rita"]], RecordRef("deal", new_id()), "Approve Acme?", shows=SHOWS)
        ask(work, [crm.people["ravi"]], RecordRef("deal", new_id()), "Secret of Ravi")
    assert (await send(HomePage.open, who="rita"))["shell"]["asked"] == 1
    (line,) = (await send(InboxPage.open, "/inbox", who="rita"))["inbox_page"]["lines"]
    assert (line["title"], line["href"], line["shows"]) == (
        "Approve Acme?",
        "",
        [{"label": "Amount", "text": "500 USD"}],
    )
    form = {"run": str(key.run), "path": key.path, "answer": "approved", "comment": "Fine"}
    assert "There is no such question" in str(await send(InboxPage.answer, "/inbox", who="ravi", form=form))
    refused = await send(InboxPage.answer, "/inbox", who="rita", form={**form, "answer": "perhaps"})
    assert "approved, rejected" in str(refused)
    delta = await send(InboxPage.answer, "/inbox", who="rita", form=form)
    assert (delta["inbox_page"]["lines"], delta["shell"]["asked"]) == ([], 0)


async def test_a_form_says_what_does_not_fit_and_can_be_handed_on(crm: Crm, send: Send) -> None:
    with crm.workspace.work(SystemActor("test")) as work:
        key = ask(work, [crm.people["rita"]], RecordRef("deal", new_id()), "How many?", kind="form", fields=FIELDS)
    form = {"run": str(key.run), "path": key.path, "comment": ""}
    assert "Seats is missing" in str(await send(InboxPage.answer, "/inbox", who="rita", form=form))
    handed = {**form, "to": str(crm.people["ravi"])}
    delta = await send(InboxPage.hand_on, "/inbox", who="rita", form=handed)
    assert [line["key"] for line in delta["inbox_page"]["lines"]] == [f"{key.run}/ok"]
    (line,) = (await send(InboxPage.open, "/inbox", who="ravi"))["inbox_page"]["lines"]
    assert "in the place of" in line["note"]
    assert not line["can_delegate"]
    await send(InboxPage.answer, "/inbox", who="ravi", form={**form, "value-seats": "12"})
    with crm.workspace.work(UserActor(crm.people["rita"])) as work:
        assert question_count(work) == 0
