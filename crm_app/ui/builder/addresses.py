"""Where the pages of the builder are."""

from typing import Literal

from crm_app.ui.address import SETTINGS

OBJECTS = SETTINGS
TabName = Literal["fields", "layout", "lists", "pipelines", "general", "preview", "json", "publish"]
TABS: tuple[tuple[TabName, str], ...] = (
    ("fields", "Fields"),
    ("layout", "Layout"),
    ("lists", "Lists and cards"),
    ("pipelines", "Pipelines"),
    ("general", "General"),
    ("preview", "Preview"),
    ("json", "JSON"),
    ("publish", "Publish"),
)


def builder_path(name: str, tab: str = "fields") -> str:
    path = f"{OBJECTS}/{name}"
    return path if tab == "fields" else f"{path}?tab={tab}"
