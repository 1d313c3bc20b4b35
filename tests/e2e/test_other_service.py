"""Logging in with another service, from its settings to the log-out there, over real HTTP between three parties."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import RunningTrellis
from tests.e2e.people import admin_of, log_in
from tests.integration.provider import CLIENT, SECRET, TestProvider, running_provider


@pytest.fixture
def service() -> Iterator[TestProvider]:
    with running_provider() as found:
        found.document = {"end_session_endpoint": f"{found.issuer}/end"}
        found.claims |= {"email": "boss@home.example"}
        yield found


def test_an_administrator_sets_a_service_up_connects_and_comes_and_goes_by_it(
    window: Page, page: Page, site: RunningTrellis, service: TestProvider
) -> None:
    _set_up(window, service)
    try:
        _connect(window, admin_of(site).password)
        page.goto("/o/deal?f=stage:eq:won")
        page.get_by_role("link", name="Log in with Example").click()
        page.wait_for_url("**/o/deal?f=stage:eq:won")
        expect(page.get_by_text("Stage is Won")).to_be_visible()
        page.locator(".sidebar summary").click()
        page.locator(".sidebar").get_by_role("button", name="Log out").click()
        page.wait_for_url(re.compile(r"/login/?($|\?)"))
        assert "/end" in service.asked
        log_in(page, admin_of(site))
        page.goto("/account")
        page.get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("Connect with Example")).to_be_visible()
    finally:
        window.goto("/settings/sign-in")
        window.get_by_text("Change its settings").click()
        window.get_by_role("button", name="Remove").click()
        expect(window.get_by_text("Set one up", exact=True)).to_be_visible()


def _set_up(window: Page, service: TestProvider) -> None:
    window.goto("/settings/sign-in")
    window.get_by_text("Set one up", exact=True).click()
    window.get_by_label("Name on the log-in page").fill("Example")
    window.get_by_label("Issuer").fill(service.issuer)
    window.get_by_label("Client", exact=True).fill(CLIENT)
    window.get_by_label("Client secret").fill(SECRET)
    window.get_by_label("It stands in our own network").check()
    form = window.get_by_role("form", name="Sign-in service")
    form.get_by_role("button", name="Save").click()
    expect(window.get_by_text("Change its settings")).to_be_visible()


def _connect(window: Page, password: str) -> None:
    """What is typed wrongly connects nothing."""
    for typed, said in (("wrong", "That is not your password"), (password, "Your account is connected")):
        window.goto("/account")
        window.get_by_text("Connect with Example").click()
        window.get_by_label("Your password").fill(typed)
        window.get_by_role("button", name="Go to Example").click()
        expect(window.get_by_text(said)).to_be_visible()
    expect(window.get_by_text("as boss@home.example")).to_be_visible()
