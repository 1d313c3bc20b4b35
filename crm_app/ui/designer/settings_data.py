"""What a step, a trigger or an automation can be told, as inputs: made from its config model, so that a new type has
its panel without a line here. A setting's path leads from the body, as in `cases/0/when`.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic import BaseModel

from crm_app.automation.slots import Body, lots_of, shapes_of
from crm_app.automation.trigger_type import TriggerConfig
from crm_app.definitions.settings import MANY, Setting, read_setting, settings_of
from crm_app.kernel.errors import Problem
from crm_app.kernel.strict_json import BadJson
from crm_app.ui.builder.inputs_data import SettingInput
from crm_app.ui.builder.setting_texts import choice_text, setting_help, value_text
from crm_app.ui.designer.rows_data import Column, RowsSetting, columns_for, rows_read, rows_text, unsaid, with_rows
from crm_app.ui.inputs import Choice


class PanelInput(SettingInput):
    """`columns` are those of rows, which keep their order where it is a list."""

    columns: list[Column]
    is_list: bool


Choices = Callable[[Setting, Body], list[tuple[str, str]]]
ProblemAt = Callable[[str], str]
VALUES = "values"
FIELDS = ("field", "fields", "date_field")
_CHOSEN = (*FIELDS, "roles")
_RULES = frozenset(
    "when record at until to assignees items value condition while over on match where".split()  # noqa: SIM905
)
_TEXTS = ("text", "long", "rule", "object", "choice")
LINES = "lines"
_LABELS = {
    "limits/max_steps": "Most steps in a run",
    "limits/causation_depth": "Rounds that it may set off itself",
    "is_active": "Starts runs",
    "run_as": "Runs as",
    "when": "Only if",
    "record": "Which record",
    "match": "Finds the record by",
    "values": "Fields to set",
    "object": "Object",
    "automation": "Workflow",
}
_OF_LANES = {"when": "if", "values": "values, one a line"}
_LOTS = {"cases": "Case", "branches": "Branch"}


def settings_for(model: type[BaseModel], body: Body, asked: Iterable[str] = ()) -> list[Setting]:
    """`asked` are the places of expressions that a check has come across. What holds steps is no setting; what stands
    beside them in a list, such as the rule of a case, is.
    """
    held = {shape[0] for shape in shapes_of(model)}
    known = frozenset(asked)
    found = [_fitted(each, model, known) for each in settings_of(model) if each.path.partition("/")[0] not in held]
    for lot, inner in lots_of(model).items():
        for at in range(len(cast("list[Any]", body.get(lot) or []))):
            inside = {shape[0] for shape in shapes_of(inner)}
            for each in settings_of(inner):
                if each.path not in inside:
                    path = f"{lot}/{at}/{each.path}"
                    label = f"{_LOTS.get(lot, lot)} {at + 1}: {_OF_LANES.get(each.path, each.label).lower()}"
                    found.append(replace(_fitted(each, inner, known), path=path, label=label))
    return found


def _fitted(setting: Setting, model: type[BaseModel], asked: frozenset[str]) -> Setting:
    name = setting.path
    label = _LABELS.get(name, setting.label)
    schema = cast("Mapping[str, Any]", model.model_json_schema().get("properties", {})).get(name, {})
    is_trigger = issubclass(model, TriggerConfig)
    if not is_trigger and _holds_texts(schema):
        return replace(setting, label=label, kind=cast("Any", VALUES))
    if setting.kind in ("json", "options"):
        return with_rows(replace(setting, label=label), model)
    if setting.kind == "names" and name not in _CHOSEN:
        return replace(setting, label=label, kind=cast("Any", LINES))
    is_known = name in asked or (name in _RULES and not is_trigger)
    if is_text(setting) and is_known:
        return replace(setting, label=label, kind="rule")
    return replace(setting, label=label)


def _holds_texts(schema: Mapping[str, Any]) -> bool:
    """By any name, or by names of a kind."""
    named = cast("Mapping[str, Body]", schema.get("patternProperties", {}))
    held = [schema.get("additionalProperties"), *named.values()]
    return any(isinstance(each, dict) and each.get("type") == "string" and "enum" not in each for each in held)


def is_text(setting: Setting) -> bool:
    return setting.kind in ("text", "long") and not setting.choices


def value_of(body: Any, setting: Setting) -> Any:
    value = body
    for part in setting.path.split("/"):
        if isinstance(value, list):
            items = cast("list[Any]", value)
            value = items[int(part)] if int(part) < len(items) else None
        else:
            value = cast("Body", value).get(part) if isinstance(value, dict) else None
    return setting.default if value is None else value


def with_form(body: Body, settings: Sequence[Setting], form: Mapping[str, Any]) -> tuple[Body, list[Problem]]:
    """The body with what the form says of these settings, without defaults; and what could not be read."""
    made = cast("Body", json.loads(json.dumps(body)))
    problems: list[Problem] = []
    for setting in settings:
        if not _is_in(form, setting):
            continue
        try:
            value = _read(setting, form)
        except BadJson as error:
            problems.append(Problem(setting.path, error.message))
            continue
        _put(made, setting, value)
    return made, problems


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
    return found


def _called(choices: Choices, setting: Setting, body: Body, name: str) -> list[tuple[str, str]]:
    """What a column is chosen from."""
    return choices(Setting(f"{setting.path}/{name}", "", "text"), body) if name else []


def _rows(
    setting: RowsSetting, rows: str, choices: Callable[[str], list[tuple[str, str]]], problem: str, prefix: str
) -> PanelInput:
    made = _input(setting, None, [], problem, prefix)
    return {**made, "value": rows, "columns": columns_for(setting, choices), "is_list": setting.is_list}


def _is_in(form: Mapping[str, Any], setting: Setting) -> bool:
    """A box that is not ticked says nothing."""
    return setting.path in form or setting.kind == "boolean" or setting.kind in MANY


def _read(setting: Setting, form: Mapping[str, Any]) -> Any:
    if setting.kind == cast("Any", LINES):
        text = str(form.get(setting.path, ""))
        return [line.strip() for line in text.splitlines() if line.strip()] or None
    if isinstance(setting, RowsSetting):
        return rows_read(setting, str(form.get(setting.path, "")))
    if setting.kind == cast("Any", VALUES):
        found = read_setting(replace(setting, kind="json"), form)
        return found if isinstance(found, dict) else {}
    return read_setting(setting, form)


def _put(body: Body, setting: Setting, value: Any) -> None:
    *way, last = setting.path.split("/")
    holder: Any = body
    for part in way:
        holder = holder[int(part)] if isinstance(holder, list) else holder.setdefault(part, {})
    if value is None and setting.is_required and setting.kind in _TEXTS:
        holder[last] = ""
    elif value is None or value == setting.default or (value == {} and setting.default is None):
        holder.pop(last, None)
    else:
        holder[last] = value


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
    )


def _lines(value: Any) -> str:
    return "\n".join(str(each) for each in cast("list[Any]", value)) if isinstance(value, list) else ""


def plain_choices(setting: Setting) -> Iterator[tuple[str, str]]:
    return ((name, choice_text(name)) for name in setting.choices)
