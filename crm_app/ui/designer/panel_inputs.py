"""The settings of what is chosen, as inputs: with what each says now, may be chosen from and has wrong."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from crm_app.automation.slots import Body
from crm_app.definitions.settings import MANY, Setting
from crm_app.ui.builder.inputs_data import SettingInput
from crm_app.ui.builder.setting_texts import choice_text, setting_help, value_text
from crm_app.ui.designer.rows_data import Column, RowsSetting, columns_for, rows_text, unsaid
from crm_app.ui.designer.settings_data import LINES, VALUES, value_of
from crm_app.ui.inputs import Choice


class PanelInput(SettingInput):
    """`columns` are those of rows, which keep their order where it is a list. Where a part of several inputs begins or
    has ended, `is_apart`.
    """

    columns: list[Column]
    is_list: bool
    is_apart: bool


Choices = Callable[[Setting, Body], list[tuple[str, str]]]
ProblemAt = Callable[[str], str]


def inputs_for(
    settings: Iterable[Setting], body: Body, choices: Choices, problem_at: ProblemAt, prefix: str = ""
) -> list[PanelInput]:
    found: list[PanelInput] = []
    for each in settings:
        value, problem = value_of(body, each), problem_at(each.path)
        rows = rows_text(each, value) if isinstance(each, RowsSetting) else None
        if isinstance(each, RowsSetting) and rows is not None:
            found.append(_rows(each, rows, lambda name, each=each: _called(choices, each, body, name), problem, prefix))
        else:
            is_json = isinstance(each, RowsSetting)
            found.append(
                _input(
                    unsaid(each) if is_json else each, value, [] if is_json else choices(each, body), problem, prefix
                )
            )
    for at, each in enumerate(found):
        before, after = (_part_of(found[near]["name"]) if 0 <= near < len(found) else "" for near in (at - 1, at + 1))
        own = _part_of(each["name"])
        each["is_apart"] = before != own and (own == after or before != "")
    return found


def _part_of(path: str) -> str:
    """`makes/0` of `makes/0/name`."""
    lot, at, name = [*path.split("/"), "", ""][:3]
    return f"{lot}/{at}" if name and at.isdecimal() else ""


def _called(choices: Choices, setting: Setting, body: Body, name: str) -> list[tuple[str, str]]:
    """What a column is chosen from."""
    return choices(Setting(f"{setting.path}/{name}", "", "text"), body) if name else []


def _rows(
    setting: RowsSetting, rows: str, choices: Callable[[str], list[tuple[str, str]]], problem: str, prefix: str
) -> PanelInput:
    made = _input(setting, None, [], problem, prefix)
    return {**made, "value": rows, "columns": columns_for(setting, choices), "is_list": setting.is_list}


def _input(setting: Setting, value: Any, choices: list[tuple[str, str]], problem: str, prefix: str) -> PanelInput:
    kind = setting.kind
    is_map = kind == cast("Any", VALUES)
    is_closed = bool(choices) and kind not in MANY and not is_map
    chosen = cast("list[Any]", value) if isinstance(value, list) else [value]
    id_ = f"{prefix}setting-{setting.path.replace('/', '-')}"
    if is_closed and value not in ("", None) and str(value) not in {name for name, _ in choices}:
        choices = [*choices, (str(value), f"{value} (unknown)")]
    return PanelInput(
        name=setting.path,
        id=id_,
        label=setting.label,
        kind="choice" if is_closed else kind,
        value=json.dumps(value or {})
        if is_map
        else _lines(value)
        if str(kind) == LINES
        else value_text(setting, value),
        is_checked=value is True,
        is_required=setting.is_required,
        help=setting_help(setting),
        problem=problem,
        choices=[
            Choice(value=name, label=label, id=f"{id_}-{name}", is_chosen=name in chosen) for name, label in choices
        ],
        columns=[],
        is_list=False,
        is_apart=False,
    )


def _lines(value: Any) -> str:
    return "\n".join(str(each) for each in cast("list[Any]", value)) if isinstance(value, list) else ""


def plain_choices(setting: Setting) -> Iterator[tuple[str, str]]:
    return ((name, choice_text(name)) for name in setting.choices)
