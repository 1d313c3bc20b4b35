"""Settings of any part as inputs, with what each may be chosen from."""

from collections.abc import Callable, Iterable
from typing import Any, TypedDict

from crm_app.definitions.settings import MANY, Body, Setting, value_at
from crm_app.fields.choices import ChoiceConfig
from crm_app.ui.builder.builder_data import Scene
from crm_app.ui.builder.setting_texts import choice_text, setting_help, value_text
from crm_app.ui.inputs import Choice

Choices = Callable[[Setting, Body], list[tuple[str, str]]]
ProblemAt = Callable[[str], str]


class SettingInput(TypedDict):
    """`kind` chooses the input; `value` is its text."""

    name: str
    id: str
    label: str
    kind: str
    value: str
    is_checked: bool
    is_required: bool
    help: str
    problem: str
    choices: list[Choice]


def inputs_of(settings: Iterable[Setting], body: Body, choices: Choices, problem_at: ProblemAt) -> list[SettingInput]:
    """`problem_at` tells what is wrong with the draft at a setting's path."""
    return [
        {**_input(setting, value_at(body, setting), choices(setting, body)), "problem": problem_at(setting.path)}
        for setting in settings
    ]


def _input(setting: Setting, value: Any, choices: list[tuple[str, str]]) -> SettingInput:
    is_closed = bool(choices) and setting.kind not in (*MANY, "related")
    chosen = value if isinstance(value, list) else [value]
    id_ = f"setting-{setting.path.replace('/', '-')}"
    return SettingInput(
        name=setting.path,
        id=id_,
        label=setting.label,
        kind="choice" if is_closed else "text" if setting.is_size else setting.kind,
        value=value_text(setting, value),
        is_checked=value is True,
        is_required=setting.is_required,
        help=setting_help(setting),
        problem="",
        choices=[
            Choice(value=name, label=label, id=f"{id_}-{name}", is_chosen=name in chosen) for name, label in choices
        ],
    )


def plain_choices(setting: Setting) -> list[tuple[str, str]]:
    return [(name, choice_text(name)) for name in setting.choices]


def object_choices(scene: Scene) -> list[tuple[str, str]]:
    return sorted(((each.name, each.label) for each in scene.package.live.objects), key=lambda pair: pair[1])


def role_choices(scene: Scene) -> list[tuple[str, str]]:
    return [(role.name, role.label) for role in scene.package.live.roles]


def field_choices(scene: Scene, *kinds: str) -> list[tuple[str, str]]:
    """Fields whose values are of these kinds in rules; all of them without any. `select` are select fields."""
    found = [
        each
        for each in scene.definition.fields
        if not kinds
        or each.rule_type.kind in kinds
        or ("select" in kinds and isinstance(each.settings, ChoiceConfig) and each.rule_type.kind != "list")
    ]
    return [(each.name, each.label) for each in found]


def optional(choices: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "None"), *choices]
