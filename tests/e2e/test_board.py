from playwright.sync_api import Locator, Page, expect

from tests.e2e.desk import Desk


def _card(page: Page, stage: str, name: str) -> Locator:
    return page.locator(f"[data-stage={stage}] .card", has_text=name)


def _count(page: Page, stage: str) -> int:
    return int(page.locator(f"[data-stage={stage}] .column-count").inner_text().replace(",", ""))


def test_a_card_is_dragged_to_another_stage_and_stays_there(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Dragged deal", amount="1000")
    window.goto("/o/deal/board?q=Dragged")
    expect(_card(window, "prospecting", "Dragged deal").first).to_be_visible()
    before = _count(window, "engaging")
    _card(window, "prospecting", "Dragged deal").first.drag_to(window.locator("[data-stage=engaging] .cards"))
    expect(_card(window, "engaging", "Dragged deal").first).to_be_visible()
    expect(window.get_by_text("Dragged deal moved to Engaging.")).to_be_attached()
    assert _count(window, "engaging") == before + 1
    window.reload()
    expect(_card(window, "engaging", "Dragged deal").first).to_be_visible()


def test_a_card_is_moved_by_keyboard_alone(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Typed deal")
    window.goto("/o/deal/board?q=Typed")
    window.get_by_role("button", name="Move Typed deal to…").first.focus()
    window.keyboard.press("Enter")
    expect(window.get_by_role("dialog", name="Move Typed deal to")).to_be_visible()
    expect(window.get_by_role("button", name="Engaging")).to_be_focused()
    window.keyboard.press("Enter")
    expect(_card(window, "engaging", "Typed deal").first).to_be_visible()
    expect(window.get_by_role("button", name="Move Typed deal to…").first).to_be_focused()


def test_a_card_dragged_to_lost_is_asked_why_by_keyboard_too(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Lost deal", amount="10")
    window.goto("/o/deal/board?q=Lost")
    _card(window, "prospecting", "Lost deal").first.drag_to(window.locator("[data-stage=lost] .cards"))
    asked = window.get_by_role("dialog", name="Move Lost deal to Lost")
    expect(asked).to_be_visible()
    window.keyboard.press("Escape")
    expect(asked).to_have_count(0)
    expect(_card(window, "prospecting", "Lost deal").first).to_be_visible()
    window.get_by_role("button", name="Move Lost deal to…").first.focus()
    window.keyboard.press("Enter")
    window.get_by_role("button", name="Lost", exact=True).press("Enter")
    asked.get_by_label("Reason for the loss").select_option(label="Bad timing")
    asked.get_by_label("Reason for the loss").press("Tab")
    window.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Move to Lost")).to_be_focused()
    window.keyboard.press("Enter")
    expect(_card(window, "lost", "Lost deal").first).to_be_visible()


def test_a_refused_move_puts_the_card_back_and_says_why(window: Page, desk: Desk) -> None:
    address = desk.create("deal", name="Stale deal")
    window.goto("/o/deal/board?q=Stale")
    expect(_card(window, "prospecting", "Stale deal").first).to_be_visible()
    other = window.context.new_page()
    other.goto(f"{address}/edit")
    other.get_by_label("Amount", exact=True).fill("5")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("heading", name="Stale deal")).to_be_visible()
    _card(window, "prospecting", "Stale deal").first.drag_to(window.locator("[data-stage=won] .cards"))
    expect(window.locator(".notice[data-kind=bad]")).to_contain_text("changed by somebody else")
    expect(_card(window, "prospecting", "Stale deal").first).to_be_visible()
    expect(_card(window, "won", "Stale deal")).to_have_count(0)


def test_a_column_shows_more_cards_on_demand(window: Page) -> None:
    window.goto("/o/deal/board")
    column = window.locator("[data-stage=won]")
    expect(column.locator(".card")).to_have_count(20)
    column.get_by_role("button", name="Show").click()
    expect(column.locator(".card").nth(20)).to_be_attached()


def test_a_board_has_the_filters_of_the_list_and_keeps_them_on_the_way(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Dear deal", amount="987654321")
    window.goto("/o/deal/board")
    total = _count(window, "prospecting")
    window.locator("summary", has_text="Filter").click()
    window.get_by_label("Field", exact=True).select_option(label="Amount")
    window.get_by_label("Comparison", exact=True).select_option(label="is at least")
    window.get_by_label("Value", exact=True).fill("987654321")
    window.get_by_role("button", name="Add filter").click()
    expect(window.locator(".chip")).to_contain_text("Amount is at least")
    expect(_card(window, "prospecting", "Dear deal")).to_be_visible()
    assert _count(window, "prospecting") < total
    window.get_by_role("navigation", name="Shown as").get_by_role("link", name="List").click()
    expect(window.locator("tbody .line-link")).to_have_text(["Dear deal"])
    window.go_back()
    window.get_by_role("link", name="Clear all").click()
    expect(window.locator("[data-stage=prospecting] .column-count")).to_have_text(f"{total:,}")
