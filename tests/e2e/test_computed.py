"""A rollup is added in the builder, and its list shows it, sorted by it."""

from playwright.sync_api import Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.builders import field, object_body
from tests.e2e.desk import Desk

STUDIO = object_body("studio")
BOOKING = object_body(
    "booking",
    field("studio", "relation", config={"object": "studio"}),
    field("fee", "currency"),
)


def test_a_rollup_is_added_published_and_sorted_by(window: Page, desk: Desk) -> None:
    with desk.workspace.work(SystemActor("test")) as work:
        bodies = {"objects/studio.json": STUDIO, "objects/booking.json": BOOKING}
        publish(work, load_package({"objects": bodies}))
    for name, fees in (("Attic", (10, 20)), ("Barn", (500,)), ("Cellar", ())):
        studio = desk.create("studio", name=name).rpartition("/")[2]
        for fee in fees:
            desk.create("booking", name=f"{name} {fee}", studio=studio, fee=str(fee))
    window.goto("/settings/objects/studio")
    window.get_by_role("button", name="Add a field").click()
    window.locator("#type-rollup").click()
    window.get_by_label("Label", exact=True).fill("Fees")
    window.get_by_label("Related records").select_option(label="Bookings · Studio")
    window.get_by_label("Function").select_option(label="Sum")
    window.get_by_label("Field", exact=True).select_option(label="Fee · Currency")
    expect(window.get_by_label("Required")).to_have_count(0)
    window.get_by_role("button", name="Add field", exact=True).click()
    expect(window.locator("#thing-fees")).to_contain_text("Rollup · Amount in USD")
    window.get_by_role("link", name="Publish").click()
    window.get_by_role("button", name="Publish", exact=True).click()
    expect(window.get_by_role("status").filter(has_text="Published")).to_be_visible()
    window.goto("/o/studio")
    window.get_by_role("link", name="Fees").click()
    expect(window.get_by_role("columnheader", name="Fees")).to_have_attribute("aria-sort", "ascending")
    lines = window.locator("tbody tr")
    expect(lines).to_contain_text(["Attic", "Barn", "Cellar"])
    expect(lines).to_contain_text(["30 USD", "500 USD", ""])
    window.get_by_role("link", name="Fees").click()
    expect(window.get_by_role("columnheader", name="Fees")).to_have_attribute("aria-sort", "descending")
    expect(lines.filter(has_text="USD")).to_contain_text(["500 USD", "30 USD"])
