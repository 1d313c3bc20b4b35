"""An administrator builds an object in the browser and a rep uses it, by mouse and by keyboard; axe looks at it all."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import RunningTrellis
from tests.e2e.desk import Desk
from tests.e2e.people import Session
from tests.e2e.windows import opened

FIELDS = ("number", "currency", "date", "boolean", "select", "relation")
BUILDER = ("", *(f"?tab={tab}" for tab in ("layout", "lists", "pipelines", "general", "preview", "json", "publish")))
SETTINGS = ("/settings/indexes", "/settings/decisions", "/settings/exchange-rates")
SERIOUS = ("serious", "critical")
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
WHERE = """() => {
  const { activeElement: at } = document;
  return [at.id, at.getAttribute("aria-label"), at.name, at.innerText?.trim()].filter(Boolean);
}"""


def test_an_object_is_built_by_mouse_and_a_rep_works_with_it(
    window: Page, site: RunningTrellis, browser: Browser, rep_session: Session
) -> None:
    window.goto("/settings/objects")
    window.get_by_role("button", name="New object").click()
    dialog = window.get_by_role("dialog", name="New object")
    dialog.get_by_label("Label").fill("Machine")
    expect(dialog.get_by_label("Plural")).to_have_value("Machines")
    expect(dialog.get_by_label("API name")).to_have_value("machine")
    dialog.get_by_label("Find an icon").fill("factory")
    dialog.get_by_title("factory").click()
    dialog.get_by_title("teal").click()
    dialog.get_by_text("A stage field with four stages").click()
    dialog.get_by_role("button", name="Add object").click()
    for kind in FIELDS:
        _add_by_mouse(window, kind, f"Its {kind}")
    things = window.locator(".thing-label")
    expect(things).to_have_text(["Name", "Stage", *[f"Its {kind}" for kind in FIELDS]])
    _drag(window, "its_date", "its_number")
    expect(things.nth(2)).to_have_text("Its date")
    _stage_by_mouse(window)
    _section_by_mouse(window)
    window.get_by_role("link", name="Publish").click()
    expect(window.locator(".plan")).to_contain_text("objects/machine")
    window.get_by_role("button", name="Publish").click()
    expect(window.get_by_role("status").filter(has_text="Published")).to_be_visible()
    expect(window.get_by_role("navigation", name="Main").get_by_text("Machines")).to_be_visible()
    with opened(browser, site.url, rep_session) as rep:
        _work_with(rep, "machine", "Press 40")
        rep.goto("/o/machine/board")
        expect(rep.get_by_role("heading", name="Checked")).to_be_visible()


def test_an_object_is_built_by_keyboard_alone(window: Page) -> None:
    window.goto("/settings/objects")
    expect(window.get_by_role("heading", name="Objects", level=1)).to_be_visible()
    _go(window, "New object")
    window.keyboard.press("Enter")
    expect(window.get_by_label("Label")).to_be_focused()
    window.keyboard.type("Robot")
    window.keyboard.press("Enter")
    expect(window.get_by_role("heading", name="Robots")).to_be_visible()
    for kind in FIELDS:
        _add_by_keyboard(window, kind, f"Its {kind}")
    _go(window, "thing-its_relation")
    for _ in range(3):
        window.keyboard.press("Alt+ArrowUp")
        expect(window.locator("#thing-its_relation")).to_be_focused()
    expect(window.locator(".thing-label").nth(3)).to_have_text("Its relation")
    _tab_by_keyboard(window, "Pipelines")
    _go(window, "Pipeline over Its select")
    window.keyboard.press("Enter")
    expect(window.locator(".thing")).to_have_count(2)
    _tab_by_keyboard(window, "Layout")
    _go(window, "Add a section")
    window.keyboard.press("Enter")
    _go(window, "setting-label")
    window.keyboard.press("Control+a")
    window.keyboard.type("Technical")
    window.keyboard.press("Tab")
    expect(window.get_by_role("button", name="Technical", exact=True)).to_be_visible()
    _go(window, "thing-its_date")
    while window.evaluate("() => document.activeElement.closest('[data-group]').dataset.group") != "0.0.1":
        window.keyboard.press("Alt+ArrowUp")
        expect(window.locator("#thing-its_date")).to_be_focused()
    _tab_by_keyboard(window, "Publish")
    expect(window.get_by_role("button", name="Publish")).to_be_enabled()
    _go(window, "Publish")
    window.keyboard.press("Enter")
    expect(window.get_by_role("status").filter(has_text="Published")).to_be_visible()
    _work_with(window, "robot", "Arm 7")


def test_what_is_taken_back_is_gone_and_comes_again(window: Page) -> None:
    window.goto("/settings/objects/product")
    _add_by_mouse(window, "text", "Shelf")
    window.get_by_role("button", name="Undo").click()
    expect(window.locator("#thing-shelf")).to_have_count(0)
    window.get_by_role("button", name="Redo").click()
    expect(window.locator("#thing-shelf")).to_be_visible()
    window.get_by_role("button", name="Discard the draft").click()
    window.get_by_role("button", name="Discard", exact=True).click()
    expect(window.locator("#thing-shelf")).to_have_count(0)


def test_axe_finds_nothing_serious(window: Page, desk: Desk) -> None:
    pages = ["/settings/objects", *(f"/settings/objects/deal{tab}" for tab in BUILDER)]
    found: list[str] = []
    deal = desk.create("deal", name="Looked at by axe", amount="10")
    for path in (*pages, *SETTINGS, "/", "/o/deal", "/o/deal/board", "/o/deal/new", "/o/deal/deleted", "/o/task", deal):
        window.goto(path)
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        found += _violations(window, path)
    window.goto("/settings/objects/deal")
    window.locator("#thing-stage").click()
    expect(window.get_by_label("Label")).to_be_visible()
    found += _violations(window, "a field's panel")
    window.get_by_role("button", name="Add a field").click()
    expect(window.locator("#type-text")).to_be_visible()
    found += _violations(window, "the palette")
    assert found == []


def _violations(page: Page, place: str) -> list[str]:
    """All rules by day; by night the colours, which are all that differs."""
    seen = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    seen += Axe().run(page, options=COLOURS).response["violations"]
    page.emulate_media(color_scheme="light")
    serious = [each for each in seen if each["impact"] in SERIOUS]
    return [f"{place}: {each['id']} at {each['nodes'][0]['html'][:160]}" for each in serious]


def _add_by_mouse(page: Page, kind: str, label: str) -> None:
    page.get_by_role("button", name="Add a field").click()
    page.locator(f"#type-{kind}").click()
    page.get_by_label("Label", exact=True).fill(label)
    if kind == "select":
        page.get_by_label("Option 1", exact=True).fill("First")
        page.get_by_role("button", name="Add an option").click()
        page.get_by_label("Option 2", exact=True).fill("Second")
    if kind == "relation":
        page.locator("#setting-config-object").select_option(label="Company")
    page.get_by_role("button", name="Add field", exact=True).click()
    expect(page.locator(".thing-label", has_text=label)).to_be_visible()


def _add_by_keyboard(page: Page, kind: str, label: str) -> None:
    _go(page, "add-field")
    page.keyboard.press("Enter")
    expect(page.locator(".type-choice").first).to_be_focused()
    _go(page, f"type-{kind}")
    page.keyboard.press("Enter")
    expect(page.locator("#new-field-label")).to_be_focused()
    page.keyboard.type(label)
    if kind == "select":
        _go(page, "Option 1")
        page.keyboard.type("First")
        page.keyboard.press("Enter")
        page.keyboard.type("Second")
    if kind == "relation":
        _go(page, "setting-config-object")
        page.keyboard.type("Comp")
    _go(page, "Add field")
    page.keyboard.press("Enter")
    expect(page.locator(f"#thing-its_{kind}")).to_be_focused()


def _stage_by_mouse(page: Page) -> None:
    page.get_by_role("link", name="Pipelines").click()
    page.get_by_role("button", name="Add a stage").click()
    page.get_by_label("Label", exact=True).fill("Checked")
    page.get_by_role("button", name="Add stage", exact=True).click()
    expect(page.locator(".thing-label")).to_have_text(["New", "In progress", "Checked", "Won", "Lost"])


def _section_by_mouse(page: Page) -> None:
    page.get_by_role("link", name="Layout", exact=True).click()
    page.get_by_role("button", name="Add a section").click()
    expect(page.get_by_label("Label", exact=False).first).to_have_value("New section")
    page.locator("#setting-label").fill("Technical")
    page.keyboard.press("Tab")
    section = page.get_by_role("region", name="Technical")
    expect(section).to_be_visible()
    _drag(page, "its_number", "", section=".things-group[aria-label=Technical] .things")
    expect(section.locator(".thing-label")).to_have_text(["Its number"])


def _drag(page: Page, name: str, before: str, section: str = "") -> None:
    target = page.locator(section or f'[data-thing="{before}"]')
    page.locator(f'[data-thing="{name}"] .thing-grip').drag_to(target, target_position={"x": 120, "y": 4})


def _tab_by_keyboard(page: Page, label: str) -> None:
    page.locator("main#content").focus()
    _go(page, label, is_start=True)
    page.keyboard.press("Enter")
    expect(page.locator(".tab[aria-current=page]", has_text=label)).to_be_visible()


def _go(page: Page, where: str, *, is_start: bool = False) -> None:
    """By the tab key to the control of that id, name or text; never further than somebody has the patience for."""
    for _ in range(200):
        said = page.evaluate(WHERE)
        if where in said or (is_start and any(each.startswith(where) for each in said[-1:]) and len(said) == 1):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"'{where}' can't be reached.")


def _work_with(page: Page, name: str, title: str) -> None:
    """A record of the new object, by whoever the window is."""
    page.goto(f"/o/{name}/new")
    page.locator("#field-name").fill(title)
    page.locator("#field-its_number").fill("12")
    page.locator("#field-its_currency").fill("99.50")
    page.locator("#field-its_date").fill("2026-11-22")
    page.locator("#field-its_boolean").check()
    page.locator("#field-its_select").select_option(label="Second")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(page.locator("main#content")).to_contain_text("99.50 USD")
    page.goto(f"/o/{name}")
    expect(page.get_by_role("link", name=title)).to_be_visible()
