"""Screenshots for the documentation, taken on the way through a test when `TRELLIS_SCREENSHOTS` names a folder:

TRELLIS_SCREENSHOTS=docs/screenshots .venv/bin/python -m pytest tests/e2e
"""

import os
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize

FOLDER = os.environ.get("TRELLIS_SCREENSHOTS", "")
DESK = ViewportSize(width=1440, height=900)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_SETTLE_MS = 400
_PHONE = 800


def photograph(page: Page, name: str) -> None:
    """`name.png` in light, `name-dark.png` in dark, of a desk as wide as the others; nothing without a folder."""
    if not FOLDER:
        return
    if page.viewport_size and page.viewport_size["width"] > _PHONE:
        page.set_viewport_size(DESK)
    page.mouse.move(0, 0)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(_SETTLE_MS)
        suffix = "-dark" if theme == "dark" else ""
        page.screenshot(path=Path(FOLDER) / f"{name}{suffix}.png")
    page.emulate_media(color_scheme="light")
