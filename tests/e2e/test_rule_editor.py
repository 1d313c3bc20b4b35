"""A rule is written in the builder by keyboard alone: completed, mended, built from rows, tried on a record."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.desk import Desk


def test_a_rule_is_written_by_keyboard_alone(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Ruled deal", amount="70000")
    window.goto("/settings/objects/deal")
    window.locator("#thing-notes").focus()
    window.keyboard.press("Enter")
    rule = window.locator("#setting-required_when")
    rule.focus()
    _type(window, "am")
    offered = window.locator(".rule-choices").get_by_role("option")
    expect(offered.first).to_contain_text("Amount")
    window.keyboard.press("Enter")
    expect(rule).to_have_value("amount")
    _type(window, " > 50000")
    fix = window.get_by_role("button", name="Write 50000 USD")
    expect(fix).to_be_visible()
    expect(window.locator(".rule-wrong")).to_have_text("50000")
    _tab_to(window, "Write 50000 USD")
    window.keyboard.press("Enter")
    expect(rule).to_be_focused()
    window.keyboard.press("End")
    _type(window, " and stage = ")
    expect(offered.filter(has_text="Won")).to_be_visible()
    _type(window, "wo")
    expect(offered).to_have_count(1)
    assert _violations(window) == []
    window.keyboard.press("Tab")
    expect(rule).to_have_value("amount > 50000 USD and stage = 'won'")
    said = "Amount is more than 50,000 USD and Stage is Won"
    expect(window.locator(".rule-reading", has_text=said)).to_be_visible()
    window.keyboard.press("Escape")
    _tab_to(window, "Build and try Required when")
    window.keyboard.press("Enter")
    _in_full(window)
    expect(rule).to_have_value("amount > 50000 USD or stage = 'won'")
    expect(rule).to_be_focused()
    window.keyboard.press("Tab")
    expect(window.get_by_text("Changed", exact=True).first).to_be_visible()
    window.get_by_role("button", name="Discard the draft").click()
    window.get_by_role("button", name="Discard", exact=True).click()
    expect(rule).to_have_value("")


def _in_full(page: Page) -> None:
    """All of these becomes any of these; the text follows, and a record tells what it makes of it."""
    sheet = page.get_by_role("dialog", name="Required when")
    text = sheet.get_by_label("Required when: the rule")
    expect(text).to_be_focused()
    expect(sheet.get_by_label("Comparison")).to_have_count(2)
    _tab_to(page, "How they are joined")
    page.keyboard.press("ArrowDown")
    expect(text).to_have_value("amount > 50000 USD or stage = 'won'")
    _tab_to(page, "On the record")
    _type(page, "Ruled")
    expect(sheet.locator("[role=option]", has_text="Ruled deal").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(sheet.locator(".rule-outcome")).to_have_text("For Ruled deal it is ✓ true")
    coloured = sheet.locator(".rule-coloured [data-truth]")
    expect(coloured).to_have_text(["amount > 50000 USD", "stage = 'won'"])
    expect(coloured.first).to_have_attribute("data-truth", "true")
    expect(coloured.last).to_have_attribute("data-truth", "false")
    assert _violations(page) == []
    _tab_to(page, "Use this rule")
    page.keyboard.press("Enter")


def _type(page: Page, words: str) -> None:
    page.keyboard.type(words, delay=5)


def _tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        said = "() => [document.activeElement.getAttribute('aria-label'), document.activeElement.textContent?.trim()]"
        if name in page.evaluate(said):
            return
    raise AssertionError(f"'{name}' can't be reached.")


def _violations(page: Page) -> list[str]:
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in Axe().run(page).response["violations"]]
