"""What is live is changed in the browser: another type, another name, an object that goes and comes back, and a preview
that follows.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.builders import field, object_body
from tests.e2e.desk import Desk

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 1100, "height": 900}
GADGET = "/settings/objects/gadget"
SERIOUS = ("serious", "critical")


@pytest.fixture
def gadget(window: Page, desk: Desk) -> Page:
    """An object with a text that mostly holds numbers."""
    body = object_body("gadget", field("size"), field("color"), field("tone"), label="Gadget", plural="Gadgets")
    with desk.workspace.work(SystemActor("test")) as work:
        live = work.catalog.by_name.get("gadget")
        if live is None:
            publish(work, load_package({"objects": {"objects/gadget.json": body}}))
    if live is None:
        desk.create("gadget", name="Small", size="12")
        desk.create("gadget", name="Odd", size="rather big")
    window.set_viewport_size(WIDE)  # pyright: ignore[reportArgumentType]
    return window


def test_the_preview_stands_beside_and_follows_every_edit(gadget: Page) -> None:
    gadget.goto(GADGET)
    beside = gadget.locator(".builder-preview")
    expect(beside.get_by_text("Color", exact=True).first).to_be_visible()
    gadget.locator("#thing-color").click()
    gadget.get_by_label("Label", exact=True).fill("Shade")
    gadget.keyboard.press("Tab")
    expect(beside.locator("label", has_text="Shade")).to_be_visible()
    gadget.get_by_role("link", name="Layout", exact=True).click()
    gadget.get_by_role("button", name="Add a section").click()
    gadget.locator("#setting-label").fill("Outside")
    gadget.keyboard.press("Tab")
    gadget.locator('[data-thing="color"] .thing-grip').drag_to(
        gadget.locator(".things-group[aria-label=Outside] .things"), target_position={"x": 120, "y": 4}
    )
    expect(beside.locator("fieldset", has_text="Outside").locator("label", has_text="Shade")).to_be_visible()
    gadget.set_viewport_size(NARROW)  # pyright: ignore[reportArgumentType]
    expect(beside).to_be_hidden()
    gadget.get_by_role("link", name="Preview").click()
    expect(gadget.get_by_role("group", name="Outside").get_by_label("Shade")).to_be_visible()
    _discard(gadget)


def test_a_field_becomes_a_number_and_what_does_not_convert_is_emptied_on_request(gadget: Page) -> None:
    gadget.goto(GADGET)
    gadget.locator("#thing-tone").click()
    gadget.get_by_role("textbox", name="API name").fill("shade")
    gadget.get_by_role("button", name="Rename").click()
    expect(gadget.locator("#thing-shade")).to_be_focused()
    expect(gadget.get_by_label("Another type")).to_be_visible()
    gadget.locator("#thing-size").click()
    expect(gadget.get_by_role("heading", name="Size", exact=True)).to_be_visible()
    gadget.get_by_label("Another type").select_option(label="Number")
    assert _serious(gadget) == []
    gadget.get_by_role("button", name="Change type").click()
    expect(gadget.get_by_role("heading", name="Size becomes: Number")).to_be_visible()
    assert _serious(gadget) == []
    gadget.get_by_role("button", name="Change type").click()
    expect(gadget.locator("#thing-size")).to_contain_text("Number")
    gadget.get_by_role("link", name="Publish").click()
    plan = gadget.locator(".plan").first
    expect(plan).to_contain_text("'Odd' holds 'rather big': 'rather big' is not a number.")
    dialog = _asked(gadget)
    expect(plan).to_contain_text("was objects/gadget/fields/tone")
    expect(dialog).to_contain_text("objects/gadget/fields/size")
    assert _serious(gadget) == []
    dialog.get_by_role("button", name="Publish all the same").click()
    expect(gadget.get_by_text("1 value can't become number").first).to_be_visible()
    dialog = _asked(gadget)
    dialog.get_by_role("checkbox", name=re.compile("can't be converted")).check()
    dialog.get_by_role("button", name="Publish all the same").click()
    expect(gadget.get_by_role("status").filter(has_text="Published")).to_be_visible()
    gadget.goto("/o/gadget")
    expect(gadget.get_by_role("row", name=re.compile("Small"))).to_contain_text("12")
    expect(gadget.get_by_text("rather big")).to_have_count(0)


def test_an_object_goes_and_comes_back(gadget: Page) -> None:
    gadget.goto("/settings/objects")
    gadget.get_by_role("button", name="Archive Gadgets").click()
    archived = gadget.locator("details", has_text="Archived")
    archived.locator("summary").click()
    expect(archived.get_by_text("Gadgets")).to_be_visible()
    assert _serious(gadget) == []
    gadget.get_by_role("link", name="What publishing will do").click()
    dialog = _asked(gadget)
    expect(dialog).to_contain_text("2 records hold something there")
    dialog.get_by_role("button", name="Publish all the same").click()
    expect(gadget.get_by_role("status").filter(has_text="Published")).to_be_visible()
    navigation = gadget.get_by_role("navigation", name="Main")
    expect(navigation.get_by_text("Gadgets")).to_have_count(0)
    gadget.goto("/settings/objects")
    archived.locator("summary").click()
    gadget.get_by_role("button", name="Restore Gadgets").click()
    gadget.get_by_role("link", name="What publishing will do").click()
    gadget.get_by_role("button", name="Publish", exact=True).click()
    expect(navigation.get_by_text("Gadgets")).to_be_visible()


def _asked(page: Page) -> Locator:
    page.get_by_role("button", name="Publish", exact=True).click()
    return page.get_by_role("dialog", name="Hide or convert values?")


def _discard(page: Page) -> None:
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    expect(page.get_by_role("button", name="Discard the draft")).to_have_count(0)


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} at {each['nodes'][0]['html'][:160]}" for each in found if each["impact"] in SERIOUS]
