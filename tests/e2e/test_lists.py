import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.desk import Desk

MAX_REQUESTS = 25
MAX_BYTES = 1_000_000


@pytest.fixture
def deals(window: Page) -> Page:
    window.goto("/o/deal")
    expect(window.locator("tbody tr").first).to_be_visible()
    return window


def _amounts(page: Page) -> list[float]:
    texts = page.locator("tbody td.number").all_inner_texts()
    return [float(re.sub(r"[^\d.]", "", text)) for text in texts if text]


def test_a_click_on_a_heading_sorts_and_a_second_turns_it_round(deals: Page) -> None:
    deals.get_by_role("link", name="Amount").click()
    expect(deals.locator("th[aria-sort=ascending]")).to_have_text("Amount")
    assert _amounts(deals) == sorted(_amounts(deals))
    deals.get_by_role("link", name="Amount").click()
    expect(deals.locator("th[aria-sort=descending]")).to_have_text("Amount")
    assert _amounts(deals) == sorted(_amounts(deals), reverse=True)


def test_pages_lead_forward_and_back_and_a_reload_keeps_the_place(deals: Page) -> None:
    deals.get_by_role("link", name="Next page").click()
    expect(deals.locator(".range")).to_contain_text("51\N{EN DASH}100 of")
    deals.reload()
    expect(deals.locator(".range")).to_contain_text("51\N{EN DASH}100 of")
    deals.get_by_role("link", name="Previous page").click()
    expect(deals.locator(".range")).to_contain_text("1\N{EN DASH}50 of")


def test_a_filter_narrows_the_list_and_its_chip_takes_it_away(deals: Page) -> None:
    total = deals.locator(".range").inner_text()
    deals.locator("summary", has_text="Filter").click()
    deals.get_by_label("Field").select_option(label="Stage")
    deals.get_by_label("Comparison").select_option(label="is")
    deals.get_by_label("Value").select_option(label="Won")
    deals.get_by_role("button", name="Add filter").click()
    expect(deals.locator(".chip")).to_have_text("Stage is Won")
    badges = deals.locator("tbody .badge")
    expect(badges.filter(has_not_text="Won")).to_have_count(0)
    expect(badges).not_to_have_count(0)
    expect(deals.locator(".range")).not_to_have_text(total)
    deals.get_by_role("link", name="Remove filter: Stage is Won").click()
    expect(deals.locator(".chip")).to_have_count(0)
    expect(deals.locator(".range")).to_have_text(total)


def test_a_rule_filters_the_list_and_its_chip_says_it_in_words(deals: Page) -> None:
    deals.locator("summary", has_text="Filter").click()
    deals.get_by_role("button", name="Filter by a rule").click()
    sheet = deals.get_by_role("dialog", name="Filter by a rule")
    sheet.get_by_label("Filter by a rule: the rule").fill("stage = 'won' and company.sector = 'retail'")
    expect(sheet.get_by_label("Comparison")).to_have_count(2)
    sheet.get_by_role("button", name="Use this rule").click()
    expect(deals.locator(".chip")).to_have_text(re.compile("^Stage is Won and Company's Sector is Retail$"))
    expect(deals).to_have_url(re.compile("where="))
    deals.locator(".chip a").click()
    expect(deals.locator(".chip")).to_have_count(0)


def test_a_relation_is_filtered_by_typing_a_name(deals: Page) -> None:
    company = deals.locator("tbody td:nth-child(5) a").first.inner_text()
    deals.locator("summary", has_text="Filter").click()
    deals.get_by_label("Field").select_option(label="Company")
    deals.locator("#filter-value").fill(company)
    expect(deals.get_by_role("option", name=company).first).to_be_visible()
    deals.keyboard.press("Enter")
    deals.get_by_role("button", name="Add filter").click()
    expect(deals.locator(".chip")).to_have_text(f"Company is {company}")
    companies = deals.locator("tbody td:nth-child(5)")
    expect(companies.filter(has_not_text=company)).to_have_count(0)
    expect(companies).not_to_have_count(0)


def test_typing_into_the_search_finds_by_name_and_empty_says_so(deals: Page) -> None:
    name = deals.locator("tbody .line-link").first.inner_text()
    deals.get_by_label("Search by name").fill(name)
    deals.wait_for_url("**/o/deal?q=*")
    expect(deals.locator("tbody .line-link").first).to_have_text(name)
    deals.get_by_label("Search by name").fill("zzz no such name zzz")
    expect(deals.get_by_role("heading", name="No deals match")).to_be_visible()


def test_the_search_box_says_what_the_address_says(deals: Page) -> None:
    box = deals.get_by_label("Search by name")
    box.press_sequentially("zzz no such name zzz", delay=15)
    expect(deals.get_by_role("heading", name="No deals match")).to_be_visible()
    expect(box).to_have_value("zzz no such name zzz")
    deals.get_by_role("link", name="Clear filters and search").click()
    expect(deals.locator("tbody tr").first).to_be_visible()
    expect(box).to_have_value("")
    deals.go_back()
    expect(box).to_have_value("zzz no such name zzz")
    deals.go_forward()
    expect(box).to_have_value("")


def test_a_view_is_a_tab_with_an_address_of_its_own(deals: Page) -> None:
    total = deals.locator(".range").inner_text()
    deals.get_by_role("navigation", name="Views").get_by_role("link", name="Won").click()
    deals.wait_for_url("**/o/deal?view=*")
    expect(deals.locator(".tab[aria-current=page]")).to_have_text("Won")
    expect(deals.locator(".range")).not_to_have_text(total)


def test_the_search_over_everything_opens_a_record_by_keyboard(deals: Page) -> None:
    name = deals.locator("tbody .line-link").first.inner_text()
    deals.keyboard.press("Control+k")
    deals.keyboard.type(name)
    expect(deals.locator(".palette").get_by_role("option", name=name).first).to_be_visible()
    deals.keyboard.press("Enter")
    expect(deals.get_by_role("heading", level=1, name=name)).to_be_visible()


def test_arrow_keys_walk_through_the_lines(deals: Page) -> None:
    deals.locator("tbody .line-link").first.focus()
    deals.keyboard.press("ArrowDown")
    expect(deals.locator("tbody .line-link").nth(1)).to_be_focused()


def test_a_task_is_ticked_off_in_the_list_and_on_again(window: Page, desk: Desk) -> None:
    desk.create("task", subject="Ticked task")
    window.goto("/o/task?q=Ticked+task")
    check = window.get_by_role("checkbox", name="Done: Ticked task")
    expect(check).not_to_be_checked()
    check.click()
    expect(check).to_be_checked()
    expect(window.get_by_text("Ticked task is marked as done.")).to_be_visible()
    window.get_by_role("link", name="Ticked task").click()
    window.get_by_role("button", name="Mark as not done").click()
    expect(window.get_by_role("button", name="Mark as done")).to_be_visible()


def test_a_list_page_is_light(deals: Page) -> None:
    """Without a cache, icons are asked for once for each place that shows one; with one, a single time."""
    sizes: list[float] = []
    addresses: set[str] = set()
    session = deals.context.new_cdp_session(deals)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.on("Network.responseReceived", lambda event: addresses.add(event["response"]["url"]))
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    deals.reload()
    expect(deals.locator("tbody tr").first).to_be_visible()
    assert sizes
    assert len([address for address in addresses if not address.startswith("data:")]) <= MAX_REQUESTS
    assert sum(sizes) <= MAX_BYTES
