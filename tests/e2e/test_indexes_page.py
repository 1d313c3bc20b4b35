"""Administrators see why each index is there; others are told that they can't."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.conftest import RunningTrellis
from tests.e2e.people import Session
from tests.e2e.windows import opened


def test_an_administrator_sees_each_index_with_its_reason(window: Page) -> None:
    window.goto("/settings/objects")
    settings = window.get_by_role("navigation", name="Settings")
    expect(settings.get_by_role("link", name="Objects")).to_have_attribute("aria-current", "page")
    settings.get_by_role("link", name="Operate").click()
    settings.get_by_role("link", name="Indexes").click()
    expect(window.get_by_role("heading", name="Slow lists")).to_be_visible()
    deals = window.get_by_role("region", name="Deals")
    expect(deals.get_by_text(re.compile("^Board of pipeline"))).to_be_visible()
    expect(deals.get_by_text("Ready").first).to_be_visible()
    expect(settings.get_by_role("link", name="Indexes")).to_have_attribute("aria-current", "page")
    settings.get_by_role("link", name="Build").click()
    expect(window.get_by_role("heading", level=1, name="Objects")).to_be_visible()


def test_a_rep_is_told_that_only_administrators_see_indexes(
    browser: Browser, site: RunningTrellis, rep_session: Session
) -> None:
    with opened(browser, site.url, rep_session) as window:
        window.goto("/settings/indexes")
        expect(window.get_by_text("Only an administrator can see the indexes.").first).to_be_visible()
