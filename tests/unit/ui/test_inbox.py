"""The inbox: what one is asked oneself, and how it is answered."""

from typing import Any

from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.inbox import question_count
from crm_app.services.notifications import notify
from crm_app.ui.address import record_path
from crm_app.ui.home.home_page import HomePage
from crm_app.ui.inbox.inbox_page import InboxPage
from crm_app.ui.published import Told
from crm_app.ui.records.record_state import RecordPage
from tests.questions import ask
from tests.unit.ui.conftest import Crm, Send

FIELDS: list[dict[str, Any]] = [{"name": "seats", "label": "Seats", "kind": "number", "required": True, "options": []}]
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


async def test_who_is_asked_about_a_record_answers_on_its_page_and_others_see_whom_it_waits_for(
    crm: Crm, send: Send
) -> None:
    deal = crm.create("deal", "rita", name="Acme")
    with crm.workspace.work(SystemActor("test")) as work:
        asked = [crm.people["rita"], crm.people["admin"]]
        key = ask(work, asked, deal.ref, "Give 40 %?", need="all", shows=SHOWS)
    path = record_path("deal", deal.ref.id)
    mine = (await send(RecordPage.open, path, who="rita"))["record_page"]["asked"]
    (line,) = mine["mine"]
    assert (line["title"], line["is_open"], line["progress"]) == (
        "Give 40 %?", True, "0 of 2 approved, all must · waits for Ada Admin, Rita Rep",
    )  # fmt: skip
    form = {"run": str(key.run), "path": key.path, "answer": "approved", "comment": "Once"}
    refused = await send(RecordPage.answer, path, who="ravi", form=form)
    assert "There is no such question" in str(refused)
    delta = await send(RecordPage.answer, path, who="rita", form=form)
    page = delta["record_page"]
    (other,) = page["asked"]["others"]
    assert (other["title"], other["progress"]) == (
        "An approval of Renewals", "1 of 2 approved, all must · waits for Ada Admin",
    )  # fmt: skip
    assert "Give 40 %?" not in str(page["asked"])
    told = next(entry for entry in page["entries"] if entry["title"] == "Approved")
    assert told["note"] == "Renewals: “Once” · Rita Rep"
    with crm.workspace.work(SystemActor("test")) as work:
        found = work.connection.exec_driver_sql("SELECT name FROM crm.audit WHERE starts_with(name, 'question.')")
        assert list(found.scalars()) == ["question.answered"]


async def test_on_a_record_a_question_is_handed_on_and_that_is_told(crm: Crm, send: Send) -> None:
    deal = crm.create("deal", "rita", name="Acme")
    with crm.workspace.work(SystemActor("test")) as work:
        key = ask(work, [crm.people["rita"]], deal.ref, "Fine?")
    form = {"run": str(key.run), "path": key.path, "to": str(crm.people["admin"])}
    path = record_path("deal", deal.ref.id)
    page = (await send(RecordPage.hand_on, path, who="rita", form=form))["record_page"]
    assert page["asked"]["mine"][0]["note"].startswith("Renewals")
    assert next(entry["title"] for entry in page["entries"]) == "Deal: handed a question on"
    assert (await send(RecordPage.open, path, who="admin"))["record_page"]["asked"]["mine"][0]["can_delegate"] is False


async def test_forty_questions_are_counted_and_one_is_open(crm: Crm, send: Send) -> None:
    with crm.workspace.work(SystemActor("test")) as work:
        for number in range(60):
            ask(work, [crm.people["rita"]], RecordRef("deal", new_id()), f"Approve {number}?")
    delta = await send(InboxPage.open, "/inbox", who="rita")
    page = delta["inbox_page"]
    assert (len(page["lines"]), delta["shell"]["asked"]) == (50, 60)
    assert page["summary"] == "60 to answer. These are the 50 oldest."
    assert [line["is_open"] for line in page["lines"]].count(True) == 1


async def test_what_is_new_is_counted_where_a_page_is_open(crm: Crm, send: Send) -> None:
    await send(HomePage.open, who="rita")
    with crm.workspace.work(SystemActor("test")) as work:
        ask(work, [crm.people["rita"]], RecordRef("deal", new_id()), "Approve?")
        notify(work, [crm.people["rita"]], "Something")
    delta = await send(Told.look, "/", who="rita")
    assert (delta["shell"]["asked"], delta["shell"]["unread"]) == (1, 1)
