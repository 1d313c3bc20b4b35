"""Workflows are drawn by mouse and by keyboard alone, published, set off, and their effects are seen."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.camera import photograph
from tests.e2e.desk import Desk

ALL = "/settings/automations"


def test_a_workflow_with_a_branch_is_drawn_by_mouse(window: Page, desk: Desk) -> None:
    _new(window, "Drawn by mouse")
    _add(window, ":steps:0", "branch")
    _settle(window, "#setting-cases-0-when", "amount >= 90000 USD")
    expect(window.locator('[id="block-branch:cases/0/steps"]')).to_contain_text("Amount")
    _add(window, "branch:else:0", "update")
    dragged = window.locator("#block-update")
    _drag(window, "update", "branch:cases/0/steps:0")
    expect(window.locator('[data-spot="branch:cases/0/steps:1"]')).to_have_count(1)
    dragged.click()
    _set_value(window, "notes", "'Call the board'")
    expect(window.get_by_text("problem", exact=False)).to_have_count(0)
    assert _violations(window) == []
    photograph(window, "designer")
    window.get_by_role("link", name="Publish").click()
    expect(window.get_by_role("button", name="Publish", exact=True)).to_be_enabled()
    photograph(window, "publish-report")
    _publish(window)
    small = desk.create("deal", name="Small drawn deal", amount="10")
    large = desk.create("deal", name="Large drawn deal", amount="95000")
    _shows(window, large, "Call the board")
    window.goto(small)
    expect(window.get_by_text("Call the board")).to_have_count(0)


def test_a_workflow_is_drawn_by_keyboard_alone(window: Page, desk: Desk) -> None:
    _new(window, "Drawn by keys")
    window.get_by_role("button", name="Outline").focus()
    window.keyboard.press("Enter")
    tree = window.get_by_role("tree", name="Steps")
    tree.get_by_role("treeitem").first.focus()
    _insert(window, "branch")
    window.keyboard.press("ArrowDown")
    _insert(window, "update")
    expect(window.locator("#block-update")).to_be_focused()
    for key, parent in (("Alt+ArrowDown", "else"), ("Alt+ArrowUp", "cases/0/steps")):
        window.keyboard.press(key)
        inside = window.locator(f'[id="block-branch:{parent}"] #block-update')
        expect(inside).to_be_focused()
    window.keyboard.press("Control+c")
    window.keyboard.press("Control+v")
    expect(window.locator("#block-update_2")).to_be_focused()
    window.keyboard.press("Control+z")
    expect(window.locator("#block-update_2")).to_have_count(0)
    assert _violations(window) == []
    window.locator("#block-branch").focus()
    window.keyboard.press("Enter")
    expect(window.locator("#setting-name")).to_be_focused()
    _settle(window, "#setting-cases-0-when", "amount < 5 USD")
    window.locator("#block-update").focus()
    window.keyboard.press("Enter")
    expect(window.locator("#setting-name")).to_be_focused()
    _set_value(window, "notes", "'Too small'")
    _publish(window)
    _shows(window, desk.create("deal", name="Tiny drawn deal", amount="1"), "Too small")


def test_what_a_webhook_takes_is_written_in_rows(window: Page) -> None:
    _new(window, "Rows by a browser")
    window.locator("#setting-type").select_option("webhook")
    body = window.get_by_role("group", name="Body")
    body.get_by_role("button", name="Add").click()
    expect(body.get_by_label("Name")).to_be_focused()
    window.keyboard.type("number")
    body.get_by_label("Path in the JSON").fill("order.id")
    body.get_by_label("Required").check()
    match = window.get_by_role("group", name="Finds the record by")
    match.get_by_role("button", name="Add").click()
    match.get_by_label("Field").select_option("external_id")
    match.get_by_label("Variable").select_option("number")
    expect(window.locator("#block-\\@")).to_contain_text("Number")
    window.reload()
    expect(body.get_by_label("Path in the JSON")).to_have_value("order.id")
    expect(body.get_by_label("Required")).to_be_checked()
    assert _violations(window) == []
    window.get_by_role("button", name="Discard the draft").click()
    window.get_by_role("button", name="Discard", exact=True).click()
    expect(window.get_by_role("heading", level=1, name="Workflows")).to_be_visible()


def test_what_is_typed_is_kept_before_what_is_pressed_next(window: Page) -> None:
    """Also where the browser is too busy for anything between the two."""
    _new(window, "Typed in a hurry")
    _add(window, ":steps:0", "update")
    expect(window.locator("#setting-values-add")).to_be_visible()
    window.evaluate(
        """() => {
          const name = document.querySelector("#setting-name");
          name.value = "Said in a hurry";
          name.dispatchEvent(new Event("change", { bubbles: true }));
          document.querySelector('[id="block-@"]').click();
        }"""
    )
    expect(window.locator("#block-update")).to_contain_text("Said in a hurry")
    expect(window.locator("#setting-type")).to_be_visible()
    window.get_by_role("button", name="Discard the draft").click()
    window.get_by_role("button", name="Discard", exact=True).click()
    expect(window.get_by_role("heading", level=1, name="Workflows")).to_be_visible()


def test_a_phone_has_the_outline(phone: Page) -> None:
    phone.goto(f"{ALL}/won_follow_up")
    expect(phone.get_by_role("tree", name="Steps").get_by_role("treeitem")).to_have_count(2)
    widths = phone.evaluate("[document.documentElement, document.querySelector('main')].map((e) => e.scrollWidth)")
    assert max(widths) == 390
    photograph(phone, "phone-designer")
    assert _violations(phone) == []


def _new(page: Page, label: str) -> None:
    page.goto(ALL)
    page.get_by_role("button", name="New workflow").click()
    page.locator("#new-workflow-label").fill(label)
    page.locator("#new-workflow-object").select_option("deal")
    page.locator("#new-workflow-trigger").select_option("record.created")
    page.get_by_role("button", name="Add workflow").click()
    expect(page.get_by_role("heading", level=1, name=label)).to_be_visible()


def _add(page: Page, spot: str, type_name: str) -> None:
    page.locator(f'[data-spot="{spot}"]').click()
    page.locator(f'[data-choice="{type_name}"]').click()
    expect(page.locator(f"#block-{type_name}")).to_be_visible()


def _insert(page: Page, type_name: str) -> None:
    page.keyboard.press("Insert")
    expect(page.get_by_label("Which step?")).to_be_focused()
    page.keyboard.type(type_name, delay=5)
    page.keyboard.press("Enter")
    expect(page.locator(f"#block-{type_name}")).to_be_focused()


def _drag(page: Page, block: str, spot: str) -> None:
    start = page.locator(f"#block-{block}").bounding_box()
    end = page.locator(f'[data-spot="{spot}"]').bounding_box()
    assert start, block
    assert end, spot
    middle = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 10, middle[1] + 10, steps=3)
    page.mouse.move(end["x"] + 12, end["y"] + 12, steps=8)
    page.mouse.up()


def _settle(page: Page, selector: str, text: str) -> None:
    """Writes a rule and leaves its input, which keeps it."""
    page.locator(selector).fill(text)
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator(selector)).to_have_value(text)


def _set_value(page: Page, field: str, text: str) -> None:
    page.locator("#setting-values-add").select_option(field)
    _settle(page, f"#setting-values-{field}", text)


def _publish(page: Page) -> None:
    page.get_by_role("link", name="Publish").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published: ")).to_be_visible()


def _shows(page: Page, record: str, text: str) -> None:
    """What a run does appears within moments."""
    for _ in range(60):
        page.goto(record)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        if page.get_by_text(text).count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"'{text}' never came.")


def _violations(page: Page) -> list[str]:
    return [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in Axe().run(page).response["violations"]]
