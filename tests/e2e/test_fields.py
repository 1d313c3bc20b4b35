"""The inputs of field types that are more than a line of text, in a browser."""

from playwright.sync_api import Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.builders import field, object_body
from tests.e2e.desk import Desk

VISIT = object_body(
    "visit",
    field("number", "auto_number", config={"prefix": "VIS-"}),
    field("starts", "time"),
    field("lasts", "duration"),
    field("stars", "rating"),
    field("paint", "color"),
    field("place", "address"),
    field("spot", "location"),
    field("extra", "json"),
    field("notes", "long_text", config={"format": "rich"}),
    list_fields=["name", "number", "starts", "stars", "paint"],
)


def visit(desk: Desk, **values: object) -> str:
    """The address of a visit, of which the object is published by whoever comes first."""
    with desk.workspace.work(SystemActor("test")) as work:
        publish(work, load_package({"objects": {"objects/visit.json": VISIT}}))
    return desk.create("visit", **values)


def test_special_inputs_save_what_was_put_into_them(window: Page, desk: Desk) -> None:
    address = visit(desk, name="Harbour tour", place={"street": "Speicherstr. 5\nHof 2", "city": "Hamburg"})
    window.goto(f"{address}/edit")
    window.get_by_label("Starts").fill("09:30")
    window.get_by_label("Lasts").fill("1.5 hours")
    window.get_by_label("Stars").select_option("4")
    window.get_by_label("Paint", exact=True).fill("#ABC")
    window.get_by_label("Postal code").fill("20457")
    window.get_by_label("Latitude").fill("53.5436")
    window.get_by_label("Longitude").fill("9.9888")
    window.get_by_label("Extra").fill('{"gate": "B"}')
    window.get_by_role("button", name="Save").click()
    details = window.locator(".record-main")
    for shown in ("VIS-0", "09:30", "1 h 30 min", "#aabbcc", "Speicherstr. 5, Hof 2", "20457", "53.5436, 9.9888"):
        expect(details).to_contain_text(shown)
    expect(details.get_by_role("img", name="4 of 5")).to_have_text("★★★★☆")
    expect(details).to_contain_text('{"gate":"B"}')


def test_a_bad_part_is_marked_and_the_rest_stays(window: Page, desk: Desk) -> None:
    window.goto(f"{visit(desk, name='Bad part')}/edit")
    window.get_by_label("Latitude").fill("91")
    window.get_by_label("Longitude").fill("0")
    window.get_by_role("button", name="Save").click()
    expect(window.locator("[data-field=spot] .field-error")).to_have_text("Latitude is between -90 and 90 degrees.")
    expect(window.get_by_label("Latitude")).to_have_value("91")


def test_rich_text_is_written_with_the_keyboard_and_shown_without_its_harm(window: Page, desk: Desk) -> None:
    address = visit(desk, name="Rich", notes="<p>Meet <b>Ann</b><img src=x onerror='window.harm = 1'></p>")
    window.goto(f"{address}/edit")
    box = window.get_by_role("textbox", name="Notes")
    expect(box).to_have_text("Meet Ann")
    box.click()
    window.keyboard.press("Control+End")
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Bulleted list").click()
    window.keyboard.type("badge")
    window.get_by_role("button", name="Save").click()
    shown = window.locator(".record-main .rich-text")
    expect(shown.locator("b").first).to_have_text("Ann")
    expect(shown.locator("li")).to_have_text("badge")
    assert window.evaluate("window.harm") is None
