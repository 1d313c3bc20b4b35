"""One Trellis with demo data and one Chromium for all browser tests; a new context for each, logged in beforehand."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from crm_app.runtime.browser import VARIABLE, launch_flags, obtain_browser
from tests.conftest import RunningTrellis, TrellisRunner
from tests.e2e.desk import Desk, desk_of
from tests.e2e.people import Session, admin_of, rep_of, session_of
from tests.e2e.windows import opened

_HERE = Path(__file__).parent
# A busy machine is no failure: what's measured says its own limit.
expect.set_options(timeout=20_000)


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
def desk(site: RunningTrellis) -> Iterator[Desk]:
    """Makes records behind the screens, so that a test drives only what it is about."""
    with desk_of(site, admin_of(site).email) as desk:
        yield desk


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get(VARIABLE) or obtain_browser()
        chromium = playwright.chromium.launch(executable_path=path, args=launch_flags())
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def admin_session(site: RunningTrellis, browser: Browser) -> Session:
    return session_of(browser, site, admin_of(site))


@pytest.fixture(scope="session")
def rep_session(site: RunningTrellis, browser: Browser) -> Session:
    return session_of(browser, site, rep_of(site))


@pytest.fixture
def page(site: RunningTrellis, browser: Browser) -> Iterator[Page]:
    """A window on the site, with nobody logged in."""
    with opened(browser, site.url) as window:
        yield window


@pytest.fixture
def window(site: RunningTrellis, browser: Browser, admin_session: Session) -> Iterator[Page]:
    """A window in which the administrator is logged in."""
    with opened(browser, site.url, admin_session) as window:
        yield window


@pytest.fixture
def phone(site: RunningTrellis, browser: Browser, admin_session: Session) -> Iterator[Page]:
    """The same on a phone."""
    with opened(browser, site.url, admin_session, is_phone=True) as window:
        yield window
