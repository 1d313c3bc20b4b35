"""Layouts and conditions in the browser, on an object that an administrator publishes while the site runs."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.builders import field, object_body, select_field
from tests.e2e.desk import Desk

NAME = "layout_case"


def case() -> dict[str, Any]:
    first = {
        "label": "Overview",
        "sections": [
            {"label": "Case", "fields": ["name", "kind", "severity"]},
            {"label": "Folded", "collapsed": True, "columns": 1, "fields": ["reference"]},
            {"label": "Escalation", "visible_when": "severity = 'high'", "fields": ["escalated_to"]},
        ],
    }
    tabs = [first, {"label": "Money", "sections": [{"label": "Costs", "fields": ["cost", "*"]}]}]
    return object_body(
        NAME,
        select_field("kind", ("question", "damage")),
        select_field("severity", ("low", "high")),
        field("reference", required_when="severity = 'high'"),
        field("escalated_to"),
        field("cost", "number", visible_when="kind = 'damage'", required_when="kind = 'damage'"),
        field("budget", "number", read_only_when="kind = 'damage'"),
        plural="Layout cases",
        label="Layout case",
        layouts=[{"name": "main", "label": "Main", "tabs": tabs, "timeline": "tab"}],
    )


@pytest.fixture(scope="module", autouse=True)
def published(desk: Desk) -> None:
    with desk.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"objects": {"objects/case.json": case()}}))


def part(page: Page, name: str) -> Any:
    return page.locator(f"[data-field={name}]")


def test_fields_appear_become_required_and_read_only_while_one_types(window: Page, desk: Desk) -> None:
    window.goto(desk.create(NAME, name="Broken door", budget="10") + "/edit")
    expect(part(window, "name")).to_be_visible()
    window.get_by_role("tab", name="Money").click()
    expect(part(window, "cost")).to_be_hidden()
    window.get_by_label("Budget").fill("999")
    window.get_by_role("tab", name="Overview").click()
    window.get_by_label("Name").fill("Typed before")
    window.get_by_label("Kind").select_option("damage")
    window.get_by_role("tab", name="Money").click()
    expect(part(window, "cost")).to_be_visible()
    expect(part(window, "cost").locator(".required")).to_be_visible()
    expect(part(window, "budget").locator(".fixed-value")).to_have_text("10")
    window.get_by_label("Cost").fill("50")
    window.get_by_role("tab", name="Overview").click()
    expect(window.get_by_label("Name")).to_have_value("Typed before")
    window.get_by_label("Kind").select_option("question")
    window.get_by_role("tab", name="Money").click()
    expect(part(window, "cost")).to_be_hidden()
    expect(window.get_by_label("Budget")).to_have_value("999")
    window.get_by_role("tab", name="Overview").click()
    window.get_by_label("Kind").select_option("damage")
    window.get_by_role("tab", name="Money").click()
    expect(window.get_by_label("Cost")).to_have_value("50")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_role("heading", level=1, name="Typed before")).to_be_visible()
    window.get_by_role("tab", name="Money").click()
    expect(window.get_by_role("tabpanel", name="Money")).to_contain_text("50")
    expect(window.get_by_role("tabpanel", name="Money")).to_contain_text("10")
    expect(window.get_by_text("999")).to_have_count(0)


def test_a_section_comes_with_its_condition_and_a_mistake_opens_what_hides_it(window: Page) -> None:
    window.goto(f"/o/{NAME}/new")
    expect(part(window, "escalated_to")).to_be_hidden()
    window.get_by_label("Name").fill("Loud")
    window.get_by_label("Severity").select_option("high")
    expect(part(window, "escalated_to")).to_be_visible()
    window.get_by_role("tab", name="Money").click()
    window.get_by_role("button", name="Create layout case").click()
    expect(window.get_by_label("Reference")).to_be_focused()
    expect(part(window, "reference").locator(".field-error")).to_have_text("Reference is required. Severity is High.")


def test_only_fields_on_which_others_depend_are_told(window: Page) -> None:
    sent: list[str] = []
    window.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    window.goto(f"/o/{NAME}/new")
    expect(part(window, "name")).to_be_visible()
    window.get_by_label("Name").fill("Quiet")
    window.get_by_label("Name").blur()
    window.wait_for_timeout(500)
    assert not [frame for frame in sent if "reconsider" in frame]
    window.get_by_label("Severity").select_option("high")
    expect(part(window, "escalated_to")).to_be_visible()
    window.wait_for_timeout(500)
    assert len([frame for frame in sent if "reconsider" in frame]) == 1


def test_tabs_are_moved_through_by_keyboard(window: Page, desk: Desk) -> None:
    window.goto(desk.create(NAME, name="Keys"))
    overview = window.get_by_role("tab", name="Overview")
    expect(overview).to_have_attribute("aria-selected", "true")
    overview.focus()
    window.keyboard.press("ArrowRight")
    expect(window.get_by_role("tab", name="Money")).to_be_focused()
    expect(window.get_by_role("tabpanel", name="Money")).to_be_visible()
    window.keyboard.press("End")
    expect(window.get_by_role("tabpanel", name="Timeline")).to_contain_text("created")
    window.keyboard.press("ArrowRight")
    expect(window.get_by_role("tabpanel", name="Overview")).to_be_visible()
    window.locator("summary", has_text="Folded").press("Enter")
    expect(window.get_by_text("Reference")).to_be_visible()


def test_a_phone_shows_one_column(phone: Page, desk: Desk) -> None:
    phone.goto(desk.create(NAME, name="Small", kind="damage", cost="3"))
    expect(phone.get_by_role("tab", name="Money")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first, second = (phone.locator(".item").nth(index).bounding_box() for index in (0, 1))
    assert first
    assert second
    assert second["y"] > first["y"]
