"""A Chromium for the tests: this machine's, Playwright's, or one that may be installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from crm_app.runtime.process import CannotStart

VARIABLE = "TRELLIS_TEST_BROWSER"
_SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC_PATHS = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)
_PLAYWRIGHT_NAMES = (
    "chrome",
    "chrome-headless-shell",
    "Chromium",
    "Google Chrome for Testing",
    "headless_shell",
)
_PLAYWRIGHT_FOLDER = "Library/Caches/ms-playwright" if sys.platform == "darwin" else ".cache/ms-playwright"
_APT = "/usr/bin/apt-get"
_DOWNLOAD_SECONDS = 300


def launch_flags() -> list[str]:
    """Quiet, offline and without a graphics card; as root Chromium has no sandbox to offer."""
    flags = [
        *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
        *("--disable-component-update", "--disable-sync"),
    ]
    return ["--no-sandbox", *flags] if os.geteuid() == 0 else flags


def find_browser() -> str | None:
    """The one that is chosen or already on this machine."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return chosen
    for name in _SYSTEM_NAMES:
        found = shutil.which(name)
        if found:
            return found
    for path in (*_MAC_PATHS, *_playwright_browsers()):
        if os.access(path, os.X_OK):
            return str(path)
    return None


def obtain_browser() -> str:
    """Finds one, or installs one where that is allowed."""
    found = find_browser() or _from_playwright() or _from_debian()
    if found is None:
        raise CannotStart(
            "The browser tests need Chromium, and none could be found or installed. Install the package "
            f"'chromium' (or Google Chrome), or set {VARIABLE} to the path of a Chromium, and run them again."
        )
    return found


def _from_playwright() -> str | None:
    return find_browser() if _works([sys.executable, "-m", "playwright", "install", "chromium"]) else None


def _from_debian() -> str | None:
    if os.geteuid() != 0 or not Path(_APT).exists():
        return None
    _works([_APT, "update", "-q"])
    return find_browser() if _works([_APT, "install", "-q", "-y", "chromium"]) else None


def _works(command: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_DOWNLOAD_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _playwright_browsers() -> list[Path]:
    """Newest first. The folder is Playwright's own; its layout differs by system."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / _PLAYWRIGHT_FOLDER)
    found = [path for name in _PLAYWRIGHT_NAMES for path in folder.glob(f"chromium*/**/{name}") if path.is_file()]
    return sorted(found, reverse=True)
