"""What each tab shows, as the builder's vars. One function per tab; a var that no tab gives is empty."""

from collections.abc import Callable, Mapping
from typing import Any

from crm_app.ui.builder.addresses import TabName
from crm_app.ui.builder.builder_data import Scene, View
from crm_app.ui.builder.fields_data import archived_things, field_groups, field_panel
from crm_app.ui.builder.publish_data import publish_data

Vars = dict[str, Any]


def _fields(scene: Scene, view: View) -> Vars:
    panel, inputs = field_panel(scene, view.mode, view.chosen, view.turn)
    return {"groups": field_groups(scene), "archived": archived_things(scene), "panel": panel, "inputs": inputs}


def _publish(scene: Scene, _view: View) -> Vars:
    return {"publish": publish_data(scene)}


TAB_DATA: Mapping[TabName, Callable[[Scene, View], Vars]] = {"fields": _fields, "publish": _publish}
