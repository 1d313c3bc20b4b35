"""The five-minute tour of the README, on imported data, from login to logout; and that list, board and REST show the
numbers of the files.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from crm_app.kernel import clock
from crm_app.kernel.times import day_text
from tests.conftest import RunningTrellis, TrellisRunner
from tests.e2e.camera import DESK, photograph
from tests.e2e.imported import BOOKS, import_books, run
from tests.e2e.people import Person, log_in, make_first, session_of
from tests.e2e.windows import opened

MIXED = "?sort=external_id"  # an order in which neighbours differ
AUTOMATION_SECONDS = 30
ADMIN = Person("Ada North", "ada@example.com", "a quiet green teapot")
WON_SUM = f"{BOOKS.won_sum:,} USD"


@pytest.fixture(scope="module")
def office(server_dir: Path, run_trellis: TrellisRunner, browser: Browser) -> Iterator[RunningTrellis]:
    """An empty Trellis, its first account, and then the import."""
    with run_trellis(server_dir / "office", "--no-demo") as running:
        running.wait_for("Trellis is ready")
        with opened(browser, running.url) as page:
            make_first(page, running, ADMIN)
        import_books(running)
        yield running


def _total(page: Page) -> Locator:
    return page.locator(".range")


def _number_of(page: Page) -> int:
    return int(_total(page).inner_text().rpartition(" of ")[2].replace(",", ""))


def _column(page: Page, stage: str) -> Locator:
    return page.locator(f"[data-stage={stage}]")


def _counts(page: Page) -> dict[str, int]:
    expect(page.locator(".column-count").first).to_be_visible()
    return {
        stage: int(_column(page, stage).locator(".column-count").inner_text().replace(",", ""))
        for stage in BOOKS.stages
    }


def _amounts(page: Page) -> list[float]:
    texts = page.locator("tbody td.number").all_inner_texts()
    return [float(re.sub(r"[^\d.]", "", text)) for text in texts if text]


def _rest(office: RunningTrellis, person: Person) -> httpx.Client:
    key = run(office, "key", "--user", person.email).split()[-1]
    address = f"{office.url}/api/v1/objects/deal/records"
    return httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"})


def test_the_tour(office: RunningTrellis, browser: Browser) -> None:
    with opened(browser, office.url, size=DESK) as page:
        page.goto("/o/deal")
        photograph(page, "login")
        log_in(page, ADMIN)
        _find_every_deal(page)
        _ask_over_rest(office, ADMIN)
        _sort_filter_and_search(page)
        name = _win_on_the_board(page)
        _see_what_followed(page, name)
        _be_told_what_is_wrong(page)
        _log_out(page)
        _see_less_as_a_rep(page, office)
    with opened(browser, office.url, session_of(browser, office, ADMIN), is_phone=True) as phone:
        _on_a_phone(phone)


def _find_every_deal(page: Page) -> None:
    """As many as the files hold, and in each stage."""
    expect(_total(page)).to_contain_text(f" of {BOOKS.total:,}")
    for stage, number in BOOKS.stages.items():
        page.goto(f"/o/deal?f=stage:eq:{stage}")
        expect(_total(page)).to_contain_text(f" of {number:,}")
    page.get_by_role("link", name="Clear all").click()


def _ask_over_rest(office: RunningTrellis, admin: Person) -> None:
    with _rest(office, admin) as rest:
        assert rest.get("/count").json() == {"value": BOOKS.total, "capped": False}
        groups = rest.get("/aggregate", params={"group_by": "stage", "sum": "amount"}).json()["groups"]
    assert {group["key"]: group["count"] for group in groups} == BOOKS.stages
    (won,) = next(group["sums"]["amount"] for group in groups if group["key"] == "won")
    assert (float(won["amount"]), won["currency"]) == (BOOKS.won_sum, "USD")


def _sort_filter_and_search(page: Page) -> None:
    """The address keeps all three: whoever opens it sees the same list."""
    expect(_total(page)).to_contain_text(f" of {BOOKS.total:,}")
    page.locator("summary", has_text="Filter").click()
    page.get_by_label("Field").select_option(label="Stage")
    page.get_by_label("Value").select_option(label="Won")
    page.get_by_role("button", name="Add filter").click()
    expect(_total(page)).to_contain_text(f" of {BOOKS.stages['won']:,}")
    for direction in ("ascending", "descending"):
        page.get_by_role("link", name="Close date", exact=True).click()
        expect(page.locator(f"th[aria-sort={direction}]")).to_have_text("Close date")
    photograph(page, "list")
    page.get_by_role("link", name="Amount", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Amount")
    assert _amounts(page) == sorted(_amounts(page))
    page.get_by_label("Search by name").fill(BOOKS.words)
    page.wait_for_url("**/o/deal?*q=*")
    names = page.locator("tbody .line-link")
    expect(names.filter(has_not_text=BOOKS.words)).to_have_count(0)
    shown = names.all_inner_texts()
    assert shown
    page.reload()
    expect(page.get_by_label("Search by name")).to_have_value(BOOKS.words)
    expect(page.locator(".chip")).to_have_text("Stage is Won")
    expect(names).to_have_text(shown)


def _win_on_the_board(page: Page) -> str:
    """Drags a card of Engaging to Won, says what it brings in, and returns the deal's name."""
    page.goto("/o/deal/board" + MIXED)
    assert _counts(page) == BOOKS.stages
    expect(_column(page, "won").locator(".column-sum")).to_have_text(WON_SUM)
    photograph(page, "board")
    cards = _column(page, "engaging").locator(".card")
    telling = cards.filter(has=page.locator(".card-line:not(.card-age)"))
    card = telling.first if telling.count() else cards.first
    identity, name = card.get_attribute("data-card"), card.locator(".card-title").inner_text()
    card.drag_to(_column(page, "won").locator(".cards"))
    asked = page.get_by_role("dialog", name=f"Move {name} to Won")
    asked.get_by_label("Amount").fill("700")
    asked.get_by_role("button", name="Move to Won").click()
    expect(page.get_by_text(f"{name} moved to Won.")).to_be_attached()
    moved = {"engaging": BOOKS.stages["engaging"] - 1, "won": BOOKS.stages["won"] + 1}
    assert _counts(page) == {**BOOKS.stages, **moved}
    page.goto(f"/o/deal/{identity}")
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    return name


def _see_what_followed(page: Page, name: str) -> None:
    """Who won it, and the task that the automation made: a week out, and done with one click."""
    won = page.locator(".entry", has_text="Deal updated").first
    expect(won).to_contain_text("Engaging")
    expect(won).to_contain_text("Won")
    expect(won).to_contain_text(ADMIN.label)
    task = page.locator(".entry", has_text=f"Follow up: {name}")
    deadline = clock.now() + timedelta(seconds=AUTOMATION_SECONDS)
    while not task.count() and clock.now() < deadline:
        page.reload()
        expect(page.locator(".entry").first).to_be_visible()
    expect(task).to_contain_text(day_text((clock.now() + timedelta(days=7)).date()))
    photograph(page, "record")
    check = page.get_by_role("checkbox", name=f"Done: Follow up: {name}")
    check.click()
    expect(check).to_be_checked()


def _be_told_what_is_wrong(page: Page) -> None:
    address = page.url
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Amount", exact=True).fill("fifty")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-field=amount] .field-error")).to_contain_text("fifty")
    expect(page.get_by_label("Amount", exact=True)).to_be_focused()
    photograph(page, "form-error")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".record-main")).not_to_contain_text("fifty")


def _log_out(page: Page) -> None:
    page.locator(".sidebar summary").click()
    page.locator(".sidebar").get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile(r"/login/?($|\?)"))


def _see_less_as_a_rep(page: Page, office: RunningTrellis) -> None:
    """The rep's list is shorter, and list, board, search and REST agree about it."""
    log_in(page, BOOKS.rep)
    page.get_by_role("link", name="Deals").first.click()
    expect(page.locator("tbody tr").first).to_be_visible()
    number = _number_of(page)
    assert 0 < number < BOOKS.total
    page.get_by_role("navigation", name="Shown as").get_by_role("link", name="Board").click()
    counts = _counts(page)
    assert sum(counts.values()) == number
    page.goto(f"/o/deal?f=stage:eq:won&q={BOOKS.words}")
    found = _number_of(page)
    assert 0 < found <= counts["won"]
    with _rest(office, BOOKS.rep) as rest:
        assert rest.get("/count").json()["value"] == number
        asked = {"filter[stage]": "won", "search": BOOKS.words}
        assert rest.get("/count", params=asked).json()["value"] == found


def _on_a_phone(phone: Page) -> None:
    phone.goto("/o/deal?f=stage:eq:won&sort=-close_date")
    expect(phone.locator("tbody tr").first).to_be_visible()
    photograph(phone, "phone-list")
    phone.goto("/o/deal/board" + MIXED)
    expect(phone.locator(".card").first).to_be_visible()
    photograph(phone, "phone-board")
    card = _column(phone, "prospecting").locator(".card").first
    name = card.locator(".card-title").inner_text()
    card.get_by_role("button", name="Move").tap()
    phone.get_by_role("dialog").get_by_role("button", name="Lost").tap()
    asked = phone.get_by_role("dialog", name=f"Move {name} to Lost")
    asked.get_by_label("Reason for the loss").select_option(label="No decision")
    asked.get_by_role("button", name="Move to Lost").tap()
    expect(phone.get_by_text(f"{name} moved to Lost.")).to_be_attached()
