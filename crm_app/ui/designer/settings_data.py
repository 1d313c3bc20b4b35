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
from crm_app.ui.inputs import Choice

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
    "values": "Fields to set",
    "object": "Object",
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
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) and cast("Body", extra).get("type") == "string":
        return replace(setting, label=label, kind=cast("Any", VALUES))
    if setting.kind == "names" and name not in _CHOSEN:
        return replace(setting, label=label, kind=cast("Any", LINES))
    is_known = name in asked or (name in _RULES and not issubclass(model, TriggerConfig))
    if is_text(setting) and is_known:
        return replace(setting, label=label, kind="rule")
    return replace(setting, label=label)


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
) -> list[SettingInput]:
    return [_input(each, value_of(body, each), choices(each, body), problem_at(each.path), prefix) for each in settings]


def _is_in(form: Mapping[str, Any], setting: Setting) -> bool:
    """A box that is not ticked says nothing."""
    return setting.path in form or setting.kind == "boolean" or setting.kind in MANY


def _read(setting: Setting, form: Mapping[str, Any]) -> Any:
    if setting.kind == cast("Any", LINES):
        text = str(form.get(setting.path, ""))
        return [line.strip() for line in text.splitlines() if line.strip()] or None
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


def _input(setting: Setting, value: Any, choices: list[tuple[str, str]], problem: str, prefix: str) -> SettingInput:
    kind = setting.kind
    is_map = kind == cast("Any", VALUES)
    is_closed = bool(choices) and kind not in MANY and not is_map
    chosen = cast("list[Any]", value) if isinstance(value, list) else [value]
    id_ = f"{prefix}setting-{setting.path.replace('/', '-')}"
    if is_closed and value not in ("", None) and str(value) not in {name for name, _ in choices}:
        choices = [*choices, (str(value), f"{value} (unknown)")]
    return SettingInput(
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
    )


def _lines(value: Any) -> str:
    return "\n".join(str(each) for each in cast("list[Any]", value)) if isinstance(value, list) else ""


def plain_choices(setting: Setting) -> Iterator[tuple[str, str]]:
    return ((name, choice_text(name)) for name in setting.choices)
