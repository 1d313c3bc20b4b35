import re

from playwright.sync_api import Page, expect

from tests.e2e.desk import Desk

PAGES = ("/", "/o/deal", "/o/deal/board", "/o/deal/new", "/o/company", "/o/task")
PHONE_WIDTH = 390
DARK = re.compile(r"^rgb\((\d{1,2}, ){2}\d{1,2}\)$")
"""No part of the colour reaches 100 of 255."""


def test_dark_is_kept(window: Page) -> None:
    window.goto("/")
    window.locator(".sidebar summary").click()
    window.locator(".sidebar").get_by_role("button", name="Dark").click()
    body = window.locator("body")
    expect(body).to_have_css("background-color", DARK)
    window.reload()
    expect(window.get_by_role("heading", level=1)).to_be_visible()
    expect(body).to_have_css("background-color", DARK)


def test_a_phone_never_scrolls_sideways(phone: Page, desk: Desk) -> None:
    """Neither the window nor the content; the lines of a list and the columns of a board may, within themselves."""
    deal = desk.create("deal", name="A deal with a name that is too long for a phone", amount="123456789")
    task = desk.create("task", subject="Small task", deal=deal.rpartition("/")[2])
    for path in (*PAGES, deal, task, f"{deal}/edit"):
        phone.goto(path)
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        widths = phone.evaluate("[document.documentElement, document.querySelector('main')].map((e) => e.scrollWidth)")
        assert max(widths) == PHONE_WIDTH, path


def test_a_phone_has_its_navigation_in_a_drawer(phone: Page) -> None:
    phone.goto("/")
    phone.locator(".small-bar summary").first.click()
    phone.locator(".drawer").get_by_role("link", name="Companies").click()
    expect(phone.get_by_role("heading", level=1, name="Companies")).to_be_visible()
    expect(phone.locator(".drawer")).not_to_be_visible()


def test_related_lists_stay_in_their_panels(window: Page, desk: Desk) -> None:
    company = desk.create("company", name="Wide company")
    email = f"{'a-very-long-local-part' * 2}@with-a-long-name.example.com"
    desk.create("contact", name="Wide contact", job_title="Director", email=email, company=company.rpartition("/")[2])
    window.goto(company)
    expect(window.get_by_text("Wide contact")).to_be_visible()
    wide = "[...document.querySelectorAll('.record-main .panel')].filter((e) => e.scrollWidth > e.clientWidth).length"
    assert window.evaluate(wide) == 0
