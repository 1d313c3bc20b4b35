"""What each tab shows, as the builder's vars. A var that a tab does not give is empty."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_app.ui.builder.addresses import TabName
from crm_app.ui.builder.builder_data import Order, Scene, ThingGroup, View
from crm_app.ui.builder.fields_data import archived_things, field_groups, field_panel
from crm_app.ui.builder.general_data import GENERAL_TAB
from crm_app.ui.builder.json_data import json_text
from crm_app.ui.builder.layout_data import LAYOUT_TAB, place_of
from crm_app.ui.builder.lists_data import LISTS_TAB
from crm_app.ui.builder.part_data import PartTab
from crm_app.ui.builder.pipelines_data import PIPELINES_TAB
from crm_app.ui.builder.preview_data import BESIDE_FIELDS, preview_data
from crm_app.ui.builder.publish_data import publish_data

Vars = dict[str, Any]
PART_TABS: Mapping[TabName, PartTab] = {
    "layout": LAYOUT_TAB,
    "lists": LISTS_TAB,
    "pipelines": PIPELINES_TAB,
    "general": GENERAL_TAB,
}


def tab_vars(scene: Scene, view: View) -> Vars:
    match view.tab:
        case "publish":
            return {"publish": publish_data(scene)}
        case "preview":
            return {"preview": preview_data(scene)}
        case "json":
            return {"json_text": json_text(scene)}
        case "fields":
            panel, inputs = field_panel(scene, view)
            return {
                **_arranged(field_groups(scene)),
                "highlight": view.chosen,
                "archived": archived_things(scene),
                "panel": panel,
                "inputs": inputs,
                "preview": preview_data(scene, limit=BESIDE_FIELDS),
            }
        case "layout":
            beside = preview_data(scene, place_of(view.chosen).layout, BESIDE_FIELDS)
            return {**_part_vars(LAYOUT_TAB, scene, view), "preview": beside}
        case tab:
            return _part_vars(PART_TABS[tab], scene, view)


def _part_vars(tab: PartTab, scene: Scene, view: View) -> Vars:
    found = tab.view(scene, view.chosen)
    key = f"{found.panel['key']}:{view.turn}" if found.panel["key"] else ""
    return {
        **_arranged(found.groups),
        "highlight": found.highlight,
        "part": {**found.panel, "key": key},
        "inputs": found.inputs,
        "parts": found.parts,
        "tools": found.tools,
    }


def _arranged(groups: Sequence[ThingGroup]) -> Vars:
    """Things apart from their order, so that a move sends nothing but the order; and without what they don't have."""
    return {
        "groups": [Order({**group, "items": [thing["id"] for thing in group["items"]]}) for group in groups],
        "things": {
            thing["id"]: {key: value for key, value in thing.items() if value}
            for group in groups
            for thing in group["items"]
        },
    }
