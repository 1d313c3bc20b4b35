from playwright.sync_api import Browser, Page, expect

from tests.conftest import RunningTrellis
from tests.e2e.desk import Desk
from tests.e2e.people import Session
from tests.e2e.windows import opened


def test_a_record_is_created_after_its_mistakes_are_corrected(window: Page) -> None:
    window.goto("/o/deal/new")
    window.get_by_label("Amount", exact=True).fill("plenty")
    window.get_by_role("button", name="Create deal").click()
    expect(window.locator("[data-field=name] .field-error")).to_have_text("Name is required.")
    expect(window.locator("[data-field=amount] .field-error")).to_contain_text("plenty")
    expect(window.get_by_label("Name")).to_be_focused()
    expect(window.get_by_label("Amount", exact=True)).to_have_value("plenty")
    window.get_by_label("Name").fill("Corrected deal")
    window.get_by_label("Amount", exact=True).fill("1,234.50")
    window.get_by_label("Company", exact=True).click()
    expect(window.locator(".choice").first).to_be_visible()
    company = window.locator(".choice").first.inner_text()
    window.keyboard.press("Enter")
    expect(window.get_by_label("Company", exact=True)).to_have_value(company)
    window.get_by_role("button", name="Create deal").click()
    expect(window.get_by_role("heading", level=1, name="Corrected deal")).to_be_visible()
    expect(window.locator(".highlights")).to_contain_text("1,234.50 USD")
    expect(window.locator(".highlights").get_by_role("link", name=company)).to_be_visible()
    expect(window).to_have_title("Corrected deal · Trellis")


def test_a_change_shows_on_the_timeline(window: Page, desk: Desk) -> None:
    window.goto(desk.create("deal", name="Changed deal", amount="10"))
    window.get_by_role("link", name="Edit").click()
    window.get_by_label("Amount", exact=True).fill("20")
    window.get_by_role("button", name="Save").click()
    entry = window.locator(".entry", has_text="Deal updated").first
    expect(entry).to_contain_text("10 USD")
    expect(entry).to_contain_text("20 USD")


def test_a_click_on_the_path_moves_the_record(window: Page, desk: Desk) -> None:
    window.goto(desk.create("deal", name="Path deal"))
    window.get_by_role("navigation", name="Stage").get_by_role("button", name="Lost").click()
    asked = window.get_by_role("dialog", name="Move Path deal to Lost")
    expect(asked.get_by_label("Reason for the loss")).to_be_focused()
    asked.get_by_role("button", name="Move to Lost").click()
    expect(asked.locator(".field-error")).to_contain_text("is needed to enter Lost")
    asked.get_by_label("Reason for the loss").select_option(label="No budget")
    asked.get_by_role("button", name="Move to Lost").click()
    expect(window.locator(".stage[data-state=current]")).to_have_text("Lost")


def test_the_reason_for_a_loss_shows_only_where_there_is_a_loss(window: Page, desk: Desk) -> None:
    address = desk.create("deal", name="Not lost yet")
    reason = window.get_by_text("Reason for the loss", exact=True)
    window.goto(address)
    expect(window.locator(".record-main")).to_contain_text("Close date")
    expect(reason).to_have_count(0)
    window.goto(f"{address}/edit")
    expect(reason).to_be_hidden()
    window.get_by_label("Stage").select_option(label="Lost")
    expect(reason).to_be_visible()


def test_what_two_people_changed_at_once_is_asked_about(window: Page, desk: Desk) -> None:
    address = desk.create("deal", name="Contested deal", amount="100")
    window.goto(f"{address}/edit")
    expect(window.get_by_label("Amount", exact=True)).to_have_value("100")
    other = window.context.new_page()
    other.goto(f"{address}/edit")
    other.get_by_label("Amount", exact=True).fill("777")
    other.get_by_label("Notes").fill("From the other window")
    other.get_by_role("button", name="Save").click()
    expect(other.locator(".highlights")).to_contain_text("777 USD")
    window.get_by_label("Amount", exact=True).fill("888")
    window.get_by_role("button", name="Save").click()
    conflict = window.get_by_role("alertdialog")
    expect(conflict).to_contain_text("888 USD")
    expect(conflict).to_contain_text("777 USD")
    conflict.get_by_text("Yours").click()
    conflict.get_by_role("button", name="Save with these").click()
    expect(window.locator(".highlights")).to_contain_text("888 USD")
    expect(window.locator(".record-main")).to_contain_text("From the other window")


def test_a_new_related_record_is_filled_beforehand(window: Page) -> None:
    window.goto("/o/company")
    company = window.locator("tbody .line-link").first.inner_text()
    window.locator("tbody .line-link").first.click()
    window.get_by_role("link", name="New deal").click()
    expect(window.get_by_label("Company", exact=True)).to_have_value(company)


def test_a_record_is_deleted_after_a_question(window: Page, desk: Desk) -> None:
    address = desk.create("deal", name="Doomed deal")
    window.goto(address)
    window.get_by_role("button", name="Delete").click()
    window.get_by_role("dialog").get_by_role("button", name="Delete").click()
    window.wait_for_url("**/o/deal")
    window.goto(address)
    expect(window.get_by_role("heading", name="This page doesn't exist")).to_be_visible()


def test_a_rep_cannot_open_a_record_of_another_team(
    site: RunningTrellis, browser: Browser, rep_session: Session, desk: Desk
) -> None:
    address = desk.create("deal", name="Foreign deal")
    with opened(browser, site.url, rep_session) as rep:
        rep.goto(address)
        expect(rep.get_by_role("heading", name="This page doesn't exist")).to_be_visible()
        expect(rep.get_by_text("Foreign deal")).to_have_count(0)
        rep.goto("/o/deal?q=Foreign+deal")
        expect(rep.get_by_role("heading", name="No deals match")).to_be_visible()


def test_typed_text_survives_a_lost_connection(window: Page) -> None:
    window.goto("/o/deal/new")
    window.get_by_label("Name").fill("Half typed")
    with window.expect_websocket():
        window.evaluate("window.dispatchEvent(new Event('pagehide'))")
        window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    window.wait_for_timeout(500)
    expect(window.get_by_label("Name")).to_have_value("Half typed")
