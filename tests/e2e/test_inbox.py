"""People answer what automations ask, in the inbox and on the record; administrators follow and move the runs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect

from crm_app.automation.checks import check
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.services.accounts import find_user
from crm_app.services.definitions import publish
from crm_app.services.records import create_record
from crm_app.ui.address import record_path
from tests.conftest import RunningTrellis
from tests.e2e.camera import photograph
from tests.e2e.desk import workspace_of
from tests.e2e.people import Session, rep_of
from tests.e2e.windows import opened

SOON = 15_000
OK: dict[str, Any] = {
    "id": "ok",
    "type": "approval",
    "name": "Is it ours?",
    "assignees": "owner",
    "title": "Take on {{name}}?",
    "shows": ["name"],
}
DONE: dict[str, Any] = {"id": "done", "type": "notify", "to": "owner", "title": "Done with {{name}}"}
Make = Callable[[str], UUID]


def put(site: RunningTrellis, *steps: dict[str, Any]) -> None:
    trigger = {"type": "record.created", "object": "company", "when": "name starts with 'Askable '"}
    body = {"format_version": 1, "name": "ask_about", "label": "Ask about it", "trigger": trigger, "steps": [*steps]}
    with workspace_of(site) as workspace, workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"automations": {"automations/ask_about.json": body}}), (check,))


@pytest.fixture
def make(site: RunningTrellis) -> Make:
    """A company of the rep's, about which they are then asked."""
    put(site, OK, DONE)

    def create(name: str) -> UUID:
        with workspace_of(site) as workspace:
            with workspace.work(SystemActor("test")) as work:
                rep = find_user(work, rep_of(site).email)
            assert rep
            with workspace.work(UserActor(rep)) as work:
                return create_record(work, "company", {"name": f"Askable {name}"}).ref.id

    return create


def say(window: Page, choice: str, comment: str) -> None:
    form = window.get_by_role("form", name="Take on")
    form.get_by_label(choice).check()
    form.get_by_label("Comment").fill(comment)
    form.get_by_role("button", name="Send").click()


def test_a_question_comes_to_an_open_page_and_is_answered_in_the_inbox(
    browser: Browser, site: RunningTrellis, rep_session: Session, make: Make
) -> None:
    with opened(browser, site.url, rep_session) as window:
        window.goto("/o/product")
        inbox = window.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox")
        expect(inbox).to_be_visible()
        company = make("Amber")
        expect(inbox).to_contain_text("1 to answer", timeout=SOON)
        inbox.click()
        expect(window.get_by_text("Take on Askable Amber?")).to_be_visible()
        photograph(window, "inbox")
        say(window, "Approve", "They are ours")
        expect(window.get_by_text("Nothing to answer")).to_be_visible()
        expect(inbox).not_to_contain_text("to answer")
        window.goto(record_path("company", company))
        timeline = window.get_by_role("region", name="Timeline")
        expect(timeline.get_by_text("Ask about it: “They are ours”")).to_be_visible()
        expect(timeline.get_by_text("Workflow, done")).to_be_visible(timeout=SOON)


def test_a_question_is_answered_on_the_record_that_it_is_about(
    browser: Browser, site: RunningTrellis, rep_session: Session, make: Make
) -> None:
    company = make("Beryl")
    with opened(browser, site.url, rep_session, is_phone=True) as window:
        window.goto(record_path("company", company))
        questions = window.get_by_role("region", name="Open questions")
        expect(questions.get_by_text("Take on Askable Beryl?")).to_be_visible(timeout=SOON)
        say(window, "Reject", "Too small")
        expect(questions).to_be_hidden()
        expect(window.get_by_text("Rejected", exact=True)).to_be_visible()


def test_an_administrator_follows_reassigns_and_cancels_a_run(window: Page, make: Make) -> None:
    company = make("Citrine")
    window.goto(f"/settings/runs?object=company&record={company}")
    window.get_by_role("link", name="Ask about it").click(timeout=SOON)
    facts = window.locator(".run-facts")
    expect(facts).to_contain_text("The live one")
    window.get_by_role("button", name="Reassign").click()
    dialog = window.get_by_role("dialog", name="Reassign this run")
    chosen = dialog.get_by_label("Acts as")
    name = chosen.locator("option").last.inner_text()
    chosen.select_option(label=name)
    dialog.get_by_role("button", name="Reassign").click()
    expect(facts).to_contain_text(name)
    window.get_by_role("button", name="Cancel run").click()
    window.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
    expect(window.locator(".page-title")).to_contain_text("Cancelled")
    expect(window.get_by_role("button", name="Go on")).to_be_visible()


def test_a_run_that_waits_is_moved_to_the_live_version_and_shows_live_how_it_ends(
    browser: Browser, site: RunningTrellis, window: Page, rep_session: Session, make: Make
) -> None:
    company = make("Diamond")
    window.goto(f"/settings/runs?object=company&record={company}")
    run = window.get_by_role("link", name="Ask about it")
    expect(run).to_be_visible(timeout=SOON)
    address = run.get_attribute("href") or ""
    with opened(browser, site.url, rep_session) as other:
        other.goto(record_path("company", company))
        expect(other.get_by_role("region", name="Open questions")).to_be_visible(timeout=SOON)
        put(site, {**DONE, "id": "early"}, OK, DONE)
        window.goto("/settings/runs/move?automation=ask_about")
        row = window.get_by_role("row", name="Askable Diamond")
        expect(row).to_contain_text("“early” stands before “Is it ours?”")
        put(site, OK, DONE, {**DONE, "id": "later"})
        expect(row).to_contain_text("Fits", timeout=SOON)
        row.get_by_role("checkbox").check()
        window.get_by_role("button", name="Move chosen").click()
        expect(row).to_be_hidden()
        window.goto(address)
        expect(window.locator(".run-facts")).to_contain_text("The live one")
        say(other, "Approve", "Go")
    expect(window.locator(".page-title")).to_contain_text("Finished", timeout=SOON)
    expect(window.get_by_text("3 of 3 steps done")).to_be_visible()
