import re

from playwright.sync_api import Page, expect

from tests.conftest import RunningTrellis
from tests.e2e.people import admin_of, log_in

_LOGIN = re.compile(r"/login/?($|\?)")


def test_a_wrong_password_is_refused_with_one_sentence(page: Page, site: RunningTrellis) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(admin_of(site).email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("don't belong together")
    assert not page.context.cookies()


def test_a_link_leads_to_the_login_and_then_where_it_pointed(page: Page, site: RunningTrellis) -> None:
    page.goto("/o/deal?f=stage:eq:won")
    log_in(page, admin_of(site))
    page.wait_for_url("**/o/deal?f=stage:eq:won")
    expect(page.get_by_text("Stage is Won")).to_be_visible()
    cookies = page.context.cookies()
    assert {cookie.get("name") for cookie in cookies} == {"trellis_session", "trellis_device"}
    assert {(cookie.get("httpOnly"), cookie.get("sameSite")) for cookie in cookies} == {(True, "Lax")}


def test_logging_out_ends_it_in_every_tab(page: Page, site: RunningTrellis) -> None:
    log_in(page, admin_of(site))
    page.goto("/o/deal")
    other = page.context.new_page()
    other.goto("/o/deal")
    expect(other.get_by_role("heading", name="Deals")).to_be_visible()
    page.locator(".sidebar summary").click()
    page.locator(".sidebar").get_by_role("button", name="Log out").click()
    page.wait_for_url(_LOGIN)
    other.get_by_role("link", name="Amount").click()
    other.wait_for_url(_LOGIN)
