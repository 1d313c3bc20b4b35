"""One Trellis with demo data and one Chromium for all browser tests; a new context for each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from crm_app.runtime.browser import VARIABLE, launch_flags, obtain_browser
from tests.conftest import RunningTrellis, TrellisRunner

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser, and runs apart from tests that have an event loop."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def site(server_dir: Path, run_trellis: TrellisRunner) -> Iterator[RunningTrellis]:
    with run_trellis(server_dir / "site") as running:
        running.wait_for("Trellis is ready")
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get(VARIABLE) or obtain_browser()
        chromium = playwright.chromium.launch(executable_path=path, args=launch_flags())
        yield chromium
        chromium.close()


@pytest.fixture
def page(site: RunningTrellis, browser: Browser) -> Iterator[Page]:
    """An empty browser window on the site. Whatever the page reports as an error fails the test."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    context = browser.new_context(base_url=site.url, reduced_motion="reduce", viewport={"width": 1280, "height": 800})
    window = context.new_page()
    window.on("console", note)
    window.on("pageerror", lambda error: errors.append(str(error)))
    yield window
    context.close()
    assert not errors, errors
