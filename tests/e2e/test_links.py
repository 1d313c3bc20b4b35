"""Links in a browser: chips in forms, links on pages, lists that records are put into and taken out of, and the way
back of what was deleted.
"""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.camera import DESK, photograph
from tests.e2e.desk import Desk


def _id(address: str) -> str:
    return address.rpartition("/")[2]


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [each["id"] for each in found if each["impact"] in {"serious", "critical"}]


def test_contacts_are_chips_in_the_form_and_links_on_the_page(window: Page, desk: Desk) -> None:
    names = [f"Involved {number}" for number in range(7)]
    people = [_id(desk.create("contact", name=name)) for name in names]
    window.goto(f"{desk.create('deal', name='Linked deal', involved=people[:6])}/edit")
    box = window.get_by_role("combobox", name="Also involved")
    expect(window.get_by_role("button", name="Remove Involved 0")).to_be_visible()
    box.fill("Involved 6")
    expect(window.locator(".choice", has_text="Involved 6")).to_be_visible()
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Remove Involved 0").click()
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_role("heading", level=1, name="Linked deal")).to_be_visible()
    shown = window.locator(".item", has_text="Also involved")
    expect(shown.get_by_role("link", name="Involved 1")).to_be_visible()
    expect(shown.get_by_role("link", name="Involved 0")).to_have_count(0)
    expect(shown.get_by_role("link", name="Involved 6")).not_to_be_visible()
    shown.get_by_text("1 more").click()
    shown.get_by_role("link", name="Involved 6").click()
    expect(window.get_by_role("heading", level=1, name="Involved 6")).to_be_visible()
    expect(
        window.locator(".panel", has_text="Also involved in").get_by_role("link", name="Linked deal")
    ).to_be_visible()


def test_records_go_into_a_list_and_out_of_it_by_keyboard(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Loose deal for a list")
    window.set_viewport_size(DESK)
    window.goto(desk.create("contact", name="Listed person"))
    panel = window.locator("#related-deal_involved")
    panel.get_by_role("button", name="Add deals that are there already").focus()
    window.keyboard.press("Enter")
    asked = window.get_by_role("dialog", name="Add to Also involved in")
    expect(asked.get_by_label("Deal")).to_be_focused()
    window.keyboard.press("Enter")
    expect(window.locator(".notice")).to_contain_text("choose one of those that come up")
    window.keyboard.type("Loose deal for")
    expect(asked.locator(".choice")).to_have_text("Loose deal for a list")
    photograph(window, "links-add")
    window.keyboard.press("Enter")
    window.keyboard.press("Enter")
    expect(panel.get_by_role("link", name="Loose deal for a list")).to_be_visible()
    expect(panel).to_be_focused()
    assert not _serious(window)
    photograph(window, "links-list")
    panel.get_by_role("button", name="Take Loose deal for a list out of Also involved in").focus()
    window.keyboard.press("Enter")
    expect(panel).to_contain_text("None yet.")
    expect(panel).to_be_focused()


def test_a_deletion_is_explained_and_undone(window: Page, desk: Desk) -> None:
    person = desk.create("contact", name="Goes and comes back")
    deal = desk.create("deal", name="Deal that stays", involved=[_id(person)])
    window.set_viewport_size(DESK)
    window.goto(person)
    window.get_by_role("button", name="Delete").click()
    asked = window.get_by_role("dialog", name="Delete Goes and comes back?")
    expect(asked).to_contain_text("It will be taken out of 1 deal.")
    photograph(window, "links-delete")
    asked.get_by_role("button", name="Delete", exact=True).click()
    expect(window).to_have_url(re.compile("/o/contact$"))
    window.get_by_role("link", name="Recently deleted").click()
    expect(window.get_by_role("heading", level=1, name="Recently deleted")).to_be_visible()
    line = window.locator(".deleted-lines li", has_text="Goes and comes back")
    expect(line).to_contain_text("by Ada Lindqvist")
    assert not _serious(window)
    photograph(window, "links-deleted")
    line.get_by_role("button", name="Restore Goes and comes back").press("Enter")
    expect(line).to_have_count(0)
    window.locator(".deleted-back").get_by_role("link", name="Goes and comes back").click()
    expect(window.get_by_role("heading", level=1, name="Goes and comes back")).to_be_visible()
    window.goto(deal)
    expect(window.locator(".item", has_text="Also involved")).to_contain_text("Goes and comes back")


def test_the_trash_and_the_lists_fit_a_phone(phone: Page, desk: Desk) -> None:
    person = desk.create("contact", name="A person with quite a long name on a small screen")
    desk.create("deal", name="A deal with quite a long name on a small screen", involved=[_id(person)])
    phone.goto(person)
    panel = phone.locator("#related-deal_involved")
    panel.scroll_into_view_if_needed()
    expect(panel.get_by_role("button", name="Add deals")).to_be_visible()
    expect(panel.get_by_role("button", name="Take A deal")).to_be_visible()
    photograph(phone, "links-list-phone")
    phone.get_by_role("button", name="Delete").click()
    asked = phone.get_by_role("dialog", name="Delete A person")
    expect(asked).to_contain_text("1 deal")
    asked.get_by_role("button", name="Delete", exact=True).click()
    phone.get_by_role("link", name="Recently deleted").click()
    line = phone.locator(".deleted-lines li", has_text="A person with quite")
    expect(line.get_by_role("button")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    photograph(phone, "links-deleted-phone")
