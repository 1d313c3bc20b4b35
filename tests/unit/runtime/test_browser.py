import os
from pathlib import Path

import pytest

from crm_app.runtime import browser
from crm_app.runtime.process import CannotStart


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(browser.VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "ms-playwright"))
    monkeypatch.setattr(browser, "_MAC_PATHS", ())
    return tmp_path


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


def test_the_systems_browser_comes_before_playwrights(bare_machine: Path) -> None:
    own = executable(bare_machine / "ms-playwright/chromium-1/chrome-linux/chrome")
    assert browser.find_browser() == str(own)
    system = executable(bare_machine / "chromium")
    assert browser.find_browser() == str(system)


def test_a_chosen_browser_comes_first(bare_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(bare_machine / "chromium")
    monkeypatch.setenv(browser.VARIABLE, "/opt/chrome")
    assert browser.find_browser() == "/opt/chrome"


@pytest.mark.usefixtures("bare_machine")
def test_without_any_browser_the_tests_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "_works", lambda _: False)
    with pytest.raises(CannotStart, match="Install the package 'chromium'"):
        browser.obtain_browser()


def test_only_root_goes_without_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "--no-sandbox" not in browser.launch_flags()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "--no-sandbox" in browser.launch_flags()
