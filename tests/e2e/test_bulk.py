"""Many lines of a list at once, by mouse and keyboard."""

from playwright.sync_api import Page, expect

from tests.e2e.desk import Desk


def test_lines_are_picked_by_range_and_keyboard_and_changed_together(window: Page, desk: Desk) -> None:
    for number in range(5):
        desk.create("task", subject=f"Bulkwark {number}")
    window.goto("/o/task?q=Bulkwark&sort=subject")
    boxes, picked = window.locator("tbody .pick"), window.locator("tbody .pick[aria-checked=true]")
    expect(boxes).to_have_count(5)
    boxes.nth(0).click()
    expect(picked).to_have_count(1)
    boxes.nth(2).click(modifiers=["Shift"])
    expect(picked).to_have_count(3)
    window.locator("tbody a.line-link").nth(4).focus()
    window.keyboard.press(" ")
    expect(picked).to_have_count(4)
    window.locator(".bulk-bar").get_by_role("button", name="Change").click()
    window.locator("#bulk-field").select_option("subject")
    window.locator("#field-subject").fill("Bulkwark same")
    window.locator("dialog[open]").get_by_role("button", name="Change").click()
    expect(window.locator("tbody .line-link", has_text="Bulkwark same")).to_have_count(4)
    expect(window.locator(".bulk-bar")).to_have_count(0)


def test_a_phone_shows_boxes_once_one_selects(phone: Page) -> None:
    phone.goto("/o/deal")
    expect(phone.locator("tbody tr").first).to_be_visible()
    expect(phone.locator("tbody .pick").first).to_be_hidden()
    phone.get_by_role("button", name="Select", exact=True).click()
    phone.locator("tbody .pick").first.click()
    expect(phone.locator(".picked")).to_have_text("1 selected")
    phone.get_by_role("button", name="Clear the selection").click()
    expect(phone.locator("tbody .pick").first).to_be_hidden()
