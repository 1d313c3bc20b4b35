"""A run is watched while it goes: its canvas colours itself."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.e2e.camera import photograph
from tests.e2e.desk import Desk

LABEL = "Watched by a browser"


def _note(key: str) -> dict[str, Any]:
    return {"id": key, "type": "update", "values": {"notes": f"'{key}'"}}


BODY: dict[str, Any] = {
    "name": "watched_by_a_browser",
    "label": LABEL,
    "trigger": {"type": "record.created", "object": "deal", "when": "name = 'Deal to be watched'"},
    "steps": [
        {
            "id": "size",
            "type": "branch",
            "cases": [{"when": "amount >= 90000 USD", "steps": [_note("large")]}],
            "else": [_note("small")],
        },
        {"id": "pause", "type": "wait", "duration": "PT8S"},
        _note("after"),
    ],
}


@pytest.fixture
def watched(desk: Desk) -> None:
    with desk.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"automations": {"automations/watched_by_a_browser.json": BODY}}))
    desk.create("deal", name="Deal to be watched", amount="10")


@pytest.mark.usefixtures("watched")
def test_a_run_colours_its_canvas_while_somebody_watches(window: Page) -> None:
    _open(window)
    expect(window.locator("#block-pause")).to_have_attribute("data-state", "waiting")
    expect(window.locator("#block-small")).to_have_attribute("data-state", "finished")
    expect(window.locator("#block-large")).to_have_attribute("data-state", "none")
    window.locator("#block-size").focus()
    window.keyboard.press("Enter")
    side = window.locator("#run-side")
    expect(side.get_by_role("heading", name="Branch")).to_be_visible()
    expect(side.get_by_role("row", name="Case 1: if")).to_contain_text("false")
    photograph(window, "run")
    assert [each["id"] for each in Axe().run(window).response["violations"]] == []
    expect(window.locator("#block-after")).to_have_attribute("data-state", "finished", timeout=30_000)
    expect(window.locator("#block-large")).to_have_attribute("data-state", "skipped")
    expect(side.get_by_role("heading", name="Branch")).to_be_visible()


def test_a_record_shows_what_a_workflow_made_of_it_as_soon_as_it_has(window: Page, desk: Desk) -> None:
    body = {
        "name": "started_by_a_browser",
        "label": "Started by a browser",
        "trigger": {"type": "manual", "object": "deal"},
        "steps": [{"id": "later", "type": "wait", "duration": "PT2S"}, _note("made_by_a_run")],
    }
    with desk.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"automations": {"automations/started_by_a_browser.json": body}}))
    window.goto(desk.create("deal", name="Deal to be run", amount="10"))
    window.locator("summary", has_text="Run").click()
    window.get_by_role("button", name="Started by a browser").click()
    said = window.locator(".notice", has_text="Started by a browser has started.")
    expect(said).to_be_visible()
    expect(window.get_by_text("made_by_a_run").first).to_be_visible()
    window.reload()
    expect(window.get_by_role("link", name="Started by a browser")).to_be_visible()
    window.wait_for_load_state("networkidle")
    expect(said).to_have_count(0)
    window.get_by_role("link", name="Started by a browser").click()
    expect(window.get_by_text("somebody started it")).to_be_visible()


def _open(page: Page) -> None:
    page.goto("/settings/runs")
    expect(page.get_by_role("row", name=LABEL).first).to_be_visible()
    page.get_by_role("row", name=LABEL).first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1, name=LABEL)).to_be_visible()


@pytest.fixture
def tried(desk: Desk) -> None:
    body = {
        **BODY,
        "name": "tried_by_a_browser",
        "label": "Tried by a browser",
        "trigger": {"type": "manual", "object": "deal"},
    }
    with desk.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"automations": {"automations/tried_by_a_browser.json": body}}))
    desk.create("deal", name="Deal to be tried", amount="10")


@pytest.mark.usefixtures("tried")
def test_a_workflow_is_tried_on_a_record_that_somebody_picks(window: Page) -> None:
    window.goto("/settings/automations/tried_by_a_browser")
    window.get_by_role("link", name="Dry run").click()
    picker = window.get_by_label("Deal", exact=True)
    picker.fill("Deal to be tr")
    window.get_by_role("option", name="Deal to be tried").first.click()
    window.get_by_role("button", name="Try it").click()
    would = window.get_by_role("region", name="What it would do")
    expect(would.get_by_text("Deal “Deal to be tried” changed")).to_have_count(2)
    expect(would.get_by_text("small → after")).to_be_visible()
    expect(window.locator("#block-small")).to_have_attribute("data-state", "finished")
    expect(window.locator("#block-large")).to_have_attribute("data-state", "skipped")
    window.locator("#block-size").focus()
    window.keyboard.press("Enter")
    expect(window.locator("#run-side").get_by_text("false").first).to_be_visible()
    photograph(window, "dry-run")
    assert [each["id"] for each in Axe().run(window).response["violations"]] == []
