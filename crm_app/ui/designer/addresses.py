"""Where the pages of the designer are."""

from typing import Literal

from crm_app.ui.address import AUTOMATIONS

TabName = Literal["steps", "settings", "json", "versions", "publish"]
TABS: tuple[tuple[TabName, str], ...] = (
    ("steps", "Steps"),
    ("settings", "Settings"),
    ("json", "JSON"),
    ("versions", "Versions"),
    ("publish", "Publish"),
)


def designer_path(name: str, tab: str = "steps") -> str:
    path = f"{AUTOMATIONS}/{name}"
    return path if tab == "steps" else f"{path}?tab={tab}"
