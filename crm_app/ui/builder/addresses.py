"""Where the pages of the builder are."""

from typing import Literal

from crm_app.ui.address import SETTINGS

OBJECTS = SETTINGS
TabName = Literal["fields", "publish"]
TABS: tuple[tuple[TabName, str], ...] = (
    ("fields", "Fields"),
    ("publish", "Publish"),
)


def builder_path(name: str, tab: str = "fields") -> str:
    path = f"{OBJECTS}/{name}"
    return path if tab == "fields" else f"{path}?tab={tab}"
