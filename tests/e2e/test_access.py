"""Roles, territories and who can see what, in a browser: set by an administrator, felt by somebody else."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.accounts import add_user
from crm_app.services.definitions import publish
from tests.conftest import RunningTrellis
from tests.e2e.camera import DESK, photograph
from tests.e2e.desk import Desk, workspace_of
from tests.e2e.people import Person, Session, session_of
from tests.e2e.windows import opened

_PASSWORD = "a green kettle sings"
WREN = Person("Viewer", "wren@example.com", _PASSWORD)
ROLE = {
    "format_version": 1,
    "name": "browser_viewer",
    "label": "Browser viewer",
    "grants": [{"objects": ["deal", "company"], "actions": ["read"], "scope": "own"}],
}


def _left(place: Locator) -> float:
    box = place.bounding_box()
    assert box
    return box["x"]


@pytest.fixture(scope="module")
def viewer(site: RunningTrellis) -> Person:
    with workspace_of(site) as workspace:
        with workspace.work(SystemActor("test")) as work:
            publish(work, load_package({"roles": {"roles/browser_viewer.json": ROLE}}))
        with workspace.work(SystemActor("test")) as work:
            add_user(work, "Wren Viewer", WREN.email, roles=[str(ROLE["name"])], password=_PASSWORD)
    return WREN


@pytest.fixture
def viewers(site: RunningTrellis, browser: Browser, viewer: Person) -> Iterator[Page]:
    """A window of the viewer's."""
    with opened(browser, site.url, session_of(browser, site, viewer)) as window:
        yield window


def test_a_role_is_widened_weighed_saved_and_felt(window: Page, viewers: Page, desk: Desk) -> None:
    deal = desk.create("deal", name="Seen by the wren")
    viewers.goto(deal)
    expect(viewers.get_by_role("heading", name="This page doesn't exist")).to_be_visible()
    viewers.get_by_text("Why can't I see it?").click()
    expect(viewers.get_by_text("it is not among those that you may read: deals that they own")).to_be_visible()

    window.set_viewport_size(DESK)
    window.goto("/settings/roles/browser_viewer")
    cell = window.get_by_label("Read Deals")
    expect(cell).to_have_value("own")
    cell.focus()
    cell.select_option("all")
    difference = window.get_by_role("complementary", name="Difference")
    expect(difference).to_contain_text(re.compile(r"(1 person gains|2 people gain) [\d,]+ deals"))
    difference.get_by_text(re.compile(r"^(1 person|2 people)$")).click()  # Another test's viewer may share the site.
    expect(difference).to_contain_text(re.compile(r"Wren Viewer: [\d,]+"))
    photograph(window, "role-difference")
    difference.get_by_label("Why").fill("The wren looks at all deals")
    difference.get_by_role("button", name="Save").click()
    expect(window.locator(".notice")).to_contain_text("holds from everybody's next request on")
    expect(difference).to_have_count(0)

    viewers.goto("/o/deal?q=Seen+by+the+wren")
    expect(viewers.get_by_role("link", name="Seen by the wren")).to_be_visible()
    viewers.goto(deal)
    expect(viewers.get_by_role("heading", level=1, name="Seen by the wren")).to_be_visible()


def test_who_can_see_a_record_is_said_and_what_would_help(window: Page, viewers: Page, desk: Desk) -> None:
    company = desk.create("company", name="Looked at by the wren")
    window.goto(company)
    window.get_by_role("button", name="Who can see this").click()
    asked = window.get_by_role("dialog", name="Who can see this")
    expect(asked).to_contain_text("As Administrator they may read all companies.")
    expect(asked).not_to_contain_text("Wren Viewer")
    expect(asked).not_to_contain_text("You can't")
    asked.get_by_role("button", name="Close").click()
    expect(asked).to_have_count(0)

    with desk.workspace.work(SystemActor("test")) as work:
        owner = add_user(work, "Robin Viewer", "robin@example.com", roles=[str(ROLE["name"])], password=_PASSWORD)
    mine = desk.create("company", name="Robin's own", owner=str(owner))
    viewers.goto(mine)
    expect(viewers.get_by_role("heading", name="This page doesn't exist")).to_be_visible()
    window.goto(f"{mine}?why=edit")
    said = window.get_by_role("dialog", name="Who can see this")
    expect(said).to_contain_text("Robin Viewer")
    expect(said).to_contain_text("As Browser viewer they may read companies that they own.")
    photograph(window, "access")


def test_territories_are_kept_as_a_tree(window: Page) -> None:
    window.goto("/settings/territories")
    for name, parent in (("Wren's woods", ""), ("Wren's nest", "Wren's woods")):
        window.get_by_role("button", name="New territory").click()
        form = window.get_by_role("form", name="Territory")
        form.get_by_label("Name").fill(name)
        if parent:
            form.get_by_label("Part of").select_option(label=parent)
        form.get_by_label("Ada Lindqvist").check()
        form.get_by_role("button", name="Save territory").click()
        expect(window.get_by_role("button", name=name)).to_be_visible()
        expect(form).to_have_count(0)
    nest = window.get_by_role("row", name="Wren's nest")
    expect(nest).to_contain_text("Ada Lindqvist")
    places = [_left(window.get_by_role("button", name=name)) for name in ("Wren's woods", "Wren's nest")]
    assert places[0] < places[1]
    window.get_by_role("button", name="Wren's nest").click()
    form = window.get_by_role("form", name="Territory")
    expect(form.get_by_label("Name")).to_have_value("Wren's nest")
    form.get_by_role("button", name="Remove").click()
    window.get_by_role("button", name="Remove it").click()
    expect(window.get_by_role("button", name="Wren's nest")).to_have_count(0)


def test_the_notice_of_a_refusal_leads_to_why(
    site: RunningTrellis, browser: Browser, rep_session: Session, desk: Desk
) -> None:
    company = desk.create("company", name="Kept from the rep")
    with opened(browser, site.url, rep_session) as window:
        window.goto(f"{company}/edit")
        window.get_by_role("button", name="Save").click()
        said = window.locator(".notice")
        expect(said).to_contain_text("Your role lets you edit only some companies, and not this one.")
        said.get_by_text("Why can't I?").click()
        asked = window.get_by_role("dialog", name="Who can see this")
        expect(asked).to_contain_text("You can't edit it. As Sales representative you may edit companies that you or")
        expect(asked).to_contain_text("share this company with you, to edit")
