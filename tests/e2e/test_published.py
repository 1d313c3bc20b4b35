"""What an administrator publishes shows on pages that others have open."""

from playwright.sync_api import Browser, expect

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from tests.conftest import RunningTrellis
from tests.e2e.desk import workspace_of
from tests.e2e.people import Session
from tests.e2e.windows import opened

SECOND = 1_000


def add_field(site: RunningTrellis, name: str, label: str) -> None:
    with workspace_of(site) as workspace, workspace.work(SystemActor("test")) as work:
        body = work.schema.stored.by_name["company"].canonical()
        body["fields"].append({"name": name, "label": label, "type": "text"})
        publish(work, load_package({"objects": {"objects/company.json": body}}))


def test_a_new_field_shows_in_an_open_form_and_what_was_typed_stays(
    browser: Browser, site: RunningTrellis, rep_session: Session
) -> None:
    with opened(browser, site.url, rep_session) as window:
        window.goto("/o/company/new")
        name, size = window.locator('input[name="name"]'), window.locator('input[name="shoe_size"]')
        name.fill("Typed before")
        add_field(site, "shoe_size", "Shoe size")
        window.get_by_role("tab", name="Profile").click()
        expect(size).to_be_visible(timeout=3 * SECOND)
        expect(name).to_have_value("Typed before")
        size.fill("42")
        window.locator('main button[type="submit"]').first.click()
        expect(window.get_by_role("heading", name="Typed before")).to_be_visible()
        window.get_by_role("tab", name="Profile").click()
        expect(window.get_by_text("42", exact=True).first).to_be_visible()
