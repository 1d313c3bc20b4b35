"""Format 2: what `sections` arranged is a layout."""

from collections.abc import Iterator
from typing import Any


def sections_to_layouts(body: dict[str, Any]) -> dict[str, Any]:
    """One layout for everybody with the same sections, and the last one that format 1 added by itself."""
    after = {key: value for key, value in body.items() if key != "sections"}
    sections: Any = body.get("sections")
    if isinstance(sections, (list, tuple)) and sections:
        placed = [*_without_doubles(sections), {"label": "More", "fields": ["*"]}]
        tab = {"label": "Details", "sections": placed, "related": ["*"]}
        after["layouts"] = [{"name": "default", "label": "Default", "tabs": [tab]}]
    return after


def _without_doubles(sections: Any) -> Iterator[Any]:
    """A field stood in any number of sections; a layout places it once."""
    placed: set[str] = set()
    for section in sections:
        match section:
            case {"fields": [*fields]}:
                kept = [name for name in dict.fromkeys(map(str, fields)) if name not in placed]
                placed.update(kept)
                yield {**section, "fields": kept}
            case _:
                yield section


UPGRADES = {1: sections_to_layouts}
