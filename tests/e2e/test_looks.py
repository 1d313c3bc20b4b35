import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import RunningTrellis
from tests.e2e.people import admin_of, log_in

PAGES = ("/", "/o/deal", "/o/deal/board", "/o/deal/new", "/o/company", "/o/task")


def test_dark_is_kept(page: Page, site: RunningTrellis) -> None:
    log_in(page, admin_of(site))
    page.locator(".sidebar summary").click()
    page.locator(".sidebar").get_by_role("button", name="Dark").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert sum(int(part) for part in dark.removeprefix("rgb(").removesuffix(")").split(",")) < 120


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_never_scrolls_sideways(browser: Browser, site: RunningTrellis, path: str) -> None:
    context = browser.new_context(base_url=site.url, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    phone = context.new_page()
    phone.goto(path)
    log_in(phone, admin_of(site))
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    context.close()


def test_a_phone_has_its_navigation_in_a_drawer(browser: Browser, site: RunningTrellis) -> None:
    context = browser.new_context(base_url=site.url, viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    phone = context.new_page()
    log_in(phone, admin_of(site))
    phone.locator(".small-bar summary").first.click()
    phone.locator(".drawer").get_by_role("link", name="Companies").click()
    expect(phone.get_by_role("heading", level=1, name="Companies")).to_be_visible()
    expect(phone.locator(".drawer")).not_to_be_visible()
    context.close()
