"""What an administrator does to the layouts of an object. A place is a layout, a tab in it, a section in that, by
number; the first edit writes down the generated layout where there was none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_app.definitions.edits import Body, moved
from crm_app.definitions.layout import DEFAULT_LAYOUT, REST
from crm_app.kernel.errors import NotFound

Items = list[Any]
_NEW_SECTION: Body = {"label": "New section"}


@dataclass(frozen=True)
class Place:
    """`tab` and `section` are absent for the parts that hold them."""

    layout: int = 0
    tab: int | None = None
    section: int | None = None


def layouts_of(body: Body) -> list[Body]:
    return list(body.get("layouts") or [DEFAULT_LAYOUT.model_dump(mode="json", exclude_defaults=True)])


def part_at(body: Body, place: Place) -> Body | None:
    """The layout, tab or section at the place."""
    part: Body | None = _at(layouts_of(body), place.layout)
    if part is not None and place.tab is not None:
        part = _at(part["tabs"], place.tab)
        if part is not None and place.section is not None:
            part = _at(part.get("sections", []), place.section)
    return part


def change_part(body: Body, place: Place, part: Body) -> Body:
    return _on_siblings(body, place, lambda items, index: [*items[:index], part, *items[index + 1 :]])


def remove_part(body: Body, place: Place) -> Body:
    """The last layout that goes leaves the generated one."""
    return _on_siblings(body, place, lambda items, index: [*items[:index], *items[index + 1 :]])


def move_part(body: Body, place: Place, by: int) -> Body:
    return _on_siblings(body, place, lambda items, index: moved(items, index, index + by))


def add_layout(body: Body) -> Body:
    """A further one, in front, because the first that fits is used."""
    layouts = layouts_of(body)
    taken = {layout["name"] for layout in layouts}
    number = next(n for n in range(2, 100) if f"layout_{n}" not in taken)
    first = {**layouts[0], "name": f"layout_{number}", "label": f"Layout {number}"}
    return {**body, "layouts": [first, *layouts]}


def add_tab(body: Body, place: Place) -> Body:
    layouts = layouts_of(body)
    tabs = [*layouts[place.layout]["tabs"], {"label": "New tab", "sections": [_NEW_SECTION]}]
    layouts[place.layout] = {**layouts[place.layout], "tabs": tabs}
    return {**body, "layouts": layouts}


def add_section(body: Body, place: Place) -> Body:
    """To the tab of the place, or to the last one."""
    tabs = layouts_of(body)[place.layout]["tabs"]
    at = len(tabs) - 1 if place.tab is None else place.tab
    tab = {**tabs[at], "sections": [*tabs[at].get("sections", []), _NEW_SECTION]}
    return change_part(body, Place(place.layout, at), tab)


def place_field(body: Body, place: Place, name: str, to: int) -> Body:
    """Into the section of the place, and out of any other section of that layout. Without a section: nowhere."""
    layouts = layouts_of(body)
    layout = _at(layouts, place.layout)
    if layout is None:
        raise NotFound("There is no such layout.")
    tabs: list[Body] = []
    for tab_at, tab in enumerate(layout["tabs"]):
        sections: list[Body] = []
        for at, section in enumerate(tab.get("sections", [])):
            names = [each for each in section.get("fields", []) if each != name]
            if (tab_at, at) == (place.tab, place.section):
                names.insert(max(0, min(to, len(names))), name)
            sections.append({**section, "fields": names})
        tabs.append({**tab, "sections": sections})
    layouts[place.layout] = {**layout, "tabs": tabs}
    return {**body, "layouts": layouts}


def shows_rest(layout: Body) -> bool:
    return any(REST in section.get("fields", []) for tab in layout["tabs"] for section in tab.get("sections", []))


def _at(items: Items, index: int) -> Any:
    return items[index] if 0 <= index < len(items) else None


def _on_siblings(body: Body, place: Place, change: Callable[[Items, int], Items]) -> Body:
    """The list that the part at the place stands in, through one function."""
    layouts = layouts_of(body)
    if part_at(body, place) is None:
        return body
    if place.tab is None:
        return {**body, "layouts": change(layouts, place.layout)}
    tabs: Items = list(layouts[place.layout]["tabs"])
    if place.section is None:
        tabs = change(tabs, place.tab)
    else:
        sections = change(list(tabs[place.tab].get("sections", [])), place.section)
        tabs[place.tab] = {**tabs[place.tab], "sections": sections}
    layouts[place.layout] = {**layouts[place.layout], "tabs": tabs}
    return {**body, "layouts": layouts}
