"""What the tabs of layouts, pipelines, lists and the object itself have in common: parts that are chosen, changed by
their form, put in order and acted on. A tab is a value with five functions over the object's JSON.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from crm_app.definitions.edits import Body
from crm_app.ui.builder.builder_data import Scene, ThingGroup
from crm_app.ui.builder.inputs_data import SettingInput

Form = Mapping[str, Any]


class Tool(TypedDict):
    """A button: `choose` shows a part, `act` does something with the chosen one."""

    name: str
    label: str
    icon: str
    is_current: bool


class PartPanel(TypedDict):
    """`key` starts the form anew when it changes; an empty one shows nothing."""

    key: str
    title: str
    note: str
    actions: list[Tool]


NO_PART = PartPanel(key="", title="", note="", actions=[])


@dataclass(frozen=True)
class PartView:
    """`highlight` is the thing or group that is chosen."""

    groups: list[ThingGroup]
    highlight: str
    panel: PartPanel
    inputs: list[SettingInput]
    parts: list[Tool]
    tools: list[Tool]


@dataclass(frozen=True)
class Drop:
    """Something was put at `index` of `group`."""

    thing: str
    group: str
    index: int


@dataclass(frozen=True)
class PartTab:
    """`choose` turns what was clicked into what is chosen; the others give the object's JSON changed. `act` also gives
    what is chosen then.
    """

    view: Callable[[Scene, str], PartView]
    choose: Callable[[str, str], str]
    move: Callable[[Body, str, Drop], Body]
    save: Callable[[Body, str, Form], Body]
    act: Callable[[Body, str, str], tuple[Body, str]]


def tool(name: str, label: str, icon: str = "", *, is_current: bool = False) -> Tool:
    return Tool(name=name, label=label, icon=icon, is_current=is_current)


def order_tools(what: str) -> list[Tool]:
    return [
        tool("earlier", "Move earlier", "arrow-up"),
        tool("later", "Move later", "arrow-down"),
        tool("remove", f"Remove {what}", "trash-2"),
    ]
