"""Without a mouse, and without seeing the page."""

from playwright.sync_api import Page, expect

from tests.e2e.desk import Desk

PAGES = ("/", "/o/deal", "/o/deal/board", "/o/task", "/o/deal/new", "/o/company?q=zzz")
NAMELESS = """() => [...document.querySelectorAll(
    "a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex='0'], [role=checkbox]")]
  .filter((each) => !each.closest("dialog:not([open])") && each.checkVisibility())
  .filter((each) => !(each.getAttribute("aria-label") || each.innerText?.trim() || each.labels?.length || each.title))
  .map((each) => each.outerHTML.slice(0, 120))"""
WITHOUT_RING = """() => {
  const { outlineStyle, outlineWidth, backgroundColor } = getComputedStyle(document.activeElement);
  const holder = document.activeElement.closest(".search-input, .palette");
  const isMarked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  const isFilled = document.activeElement.matches(".stage, main, body") && backgroundColor;
  return isMarked || holder || isFilled ? "" : document.activeElement.outerHTML.slice(0, 120);
}"""


def test_every_control_has_a_name(window: Page, desk: Desk) -> None:
    company = desk.create("company", name="Named Works")
    desk.create("task", subject="Named task", company=company.rpartition("/")[2])
    for path in (*PAGES, company, f"{company}/edit"):
        window.goto(path)
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        assert window.evaluate(NAMELESS) == [], path
    window.goto("/o/deal")
    window.locator("summary", has_text="Filter").click()
    for field in ("Stage", "Company", "Amount"):
        window.get_by_label("Field", exact=True).select_option(label=field)
        expect(window.get_by_label("Value", exact=True)).to_be_visible()
        assert window.evaluate(NAMELESS) == [], field


def test_the_keyboard_is_always_somewhere_to_be_seen(window: Page, desk: Desk) -> None:
    for path in ("/o/task", desk.create("deal", name="Seen deal")):
        window.goto(path)
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        for _ in range(24):
            window.keyboard.press("Tab")
            assert window.evaluate(WITHOUT_RING) == ""


def test_from_the_list_to_a_saved_change_by_keyboard_alone(window: Page, desk: Desk) -> None:
    desk.create("deal", name="Keyboard deal", amount="10")
    window.goto("/o/deal?q=Keyboard+deal")
    line = window.get_by_role("link", name="Keyboard deal").first
    expect(line).to_be_visible()
    _tab_to(window, ".skip")
    window.keyboard.press("Enter")
    _tab_to(window, "tbody .line-link")
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", level=1, name="Keyboard deal")).to_be_visible()
    expect(line).not_to_be_visible()
    expect(window.locator("main#content")).to_be_focused()
    _tab_to(window, ".record-title a.button")
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", level=1, name="Edit Keyboard deal")).to_be_visible()
    _tab_to(window, "#field-amount")
    window.keyboard.press("Control+a")
    window.keyboard.type("4321")
    window.keyboard.press("Enter")
    expect(window.locator(".highlights")).to_contain_text("4,321 USD")


def _tab_to(page: Page, selector: str) -> None:
    """At most as far as somebody has the patience for."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} can't be reached.")
