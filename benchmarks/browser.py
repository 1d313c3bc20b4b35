"""What a person waits for: the list after a click on a heading, the list after opening it, and what travels for it."""

import os
import statistics
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.scene import ADMIN, PASSWORD, Scene
from crm_app.runtime.browser import VARIABLE, launch_flags, obtain_browser

_LINES = "tbody[data-lines] tr"
_LIST = "/o/deal"
_SORTS = 12
_VISITS = 5
# Resolves at the first frame that shows other lines than before the click.
_SORTED = """
(index) => new Promise((resolve) => {
  const lines = () => document.querySelector('tbody[data-lines]')?.innerText ?? '';
  const before = lines();
  const began = performance.now();
  document.querySelectorAll('th .heading-link')[index].click();
  const look = () => {
    if (lines() !== before && lines() !== '') requestAnimationFrame(() => resolve(performance.now() - began));
    else if (performance.now() - began > 15000) resolve(-1);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})
"""


@dataclass
class Traffic:
    """What a page asked for until it was quiet."""

    requests: int = 0
    bytes: int = 0

    def watch(self, session: Any) -> None:
        """`session` is Playwright's CDP session, whose stubs say nothing of its messages."""
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._request)
        session.on("Network.loadingFinished", self._loaded)

    def _request(self, _told: Any) -> None:
        self.requests += 1

    def _loaded(self, told: Any) -> None:
        self.bytes += int(told["encodedDataLength"])


def measure_browser(scene: Scene) -> dict[str, Any]:
    with sync_playwright() as playwright:
        path = os.environ.get(VARIABLE) or obtain_browser()
        chromium = playwright.chromium.launch(executable_path=path, args=launch_flags())
        try:
            context = chromium.new_context(base_url=scene.address, viewport={"width": 1280, "height": 800})
            page = context.new_page()
            _log_in(page)
            cold = _visit(chromium.new_context(**_state(context, scene)))
            warm = [_visit(context, page) for _ in range(_VISITS)]
            sorts = [_sort(page, index % 2) for index in range(_SORTS)]
            return {
                "list_visible_cold": cold,
                "list_visible_warm": {name: _median(warm, name) for name in warm[0]},
                "sort_painted_ms": round(statistics.median(sorts), 1),
                "sort_painted_worst_ms": round(max(sorts), 1),
            }
        finally:
            chromium.close()


def _median(visits: list[dict[str, float]], name: str) -> float:
    return round(statistics.median(visit[name] for visit in visits), 1)


def _state(context: BrowserContext, scene: Scene) -> dict[str, Any]:
    viewport = {"width": 1280, "height": 800}
    return {"base_url": scene.address, "viewport": viewport, "storage_state": context.storage_state()}


def _log_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login" not in url)
    page.wait_for_load_state("networkidle")


def _visit(context: BrowserContext, page: Page | None = None) -> dict[str, float]:
    """Opens the list by its address; a page of the same browser has its files in the cache."""
    window = page or context.new_page()
    session = context.new_cdp_session(window)
    traffic = Traffic()
    traffic.watch(session)
    window.goto(_LIST, wait_until="commit")
    window.locator(_LINES).first.wait_for()
    shown = window.evaluate("() => new Promise((r) => requestAnimationFrame(() => r(performance.now())))")
    window.wait_for_load_state("networkidle")
    session.detach()
    return {"ms": round(shown, 1), "requests": traffic.requests, "kb": round(traffic.bytes / 1000, 1)}


def _sort(page: Page, heading: int) -> float:
    painted = float(page.evaluate(_SORTED, heading))
    assert painted >= 0, "The list did not change after a click on a heading."
    page.wait_for_timeout(150)
    return painted
