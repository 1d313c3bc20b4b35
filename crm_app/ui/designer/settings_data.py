"""What a step, a trigger or an automation can be told, as inputs: made from its config model, so that a new type has
its panel without a line here. A setting's path leads from the body, as in `cases/0/when`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from pydantic import BaseModel

from crm_app.automation.slots import Body, lots_of, parts_of, shapes_of
from crm_app.automation.trigger_type import TriggerConfig
from crm_app.definitions.settings import MANY, Setting, read_setting, settings_of
from crm_app.kernel.errors import Problem
from crm_app.kernel.strict_json import BadJson
from crm_app.ui.designer.rows_data import RowsSetting, rows_read, with_rows

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
    "links": "Linked with",
    "files": "Files that it takes over",
    "makes": "Records that it makes",
    "moves": "Related records that move",
    "delete": "Delete the record then",
    "object": "Object",
    "automation": "Workflow",
}
_OF_LANES = {"when": "if"}
_LOTS = {"cases": "Case", "branches": "Branch", "makes": "Record"}


def settings_for(model: type[BaseModel], body: Body, asked: Iterable[str] = ()) -> list[Setting]:
    """`asked` are the places of expressions that a check has come across. What holds steps is no setting; what stands
    beside them in a list, such as the rule of a case, is, and so is what the parts of a list of large ones say.
    """
    held, parts = {shape[0] for shape in shapes_of(model)}, parts_of(model)
    known = frozenset(asked)
    found: list[Setting] = []
    for each in settings_of(model):
        name = each.path.partition("/")[0]
        if name in parts:
            found += _of_items(name, parts[name], body, known)
        elif name not in held:
            found.append(_fitted(each, model, known))
    for lot, inner in lots_of(model).items():
        found += _of_items(lot, inner, body, known)
    return found


def _of_items(lot: str, model: type[BaseModel], body: Body, known: frozenset[str]) -> Iterator[Setting]:
    inside = {shape[0] for shape in shapes_of(model)}
    for at in range(len(cast("list[Any]", body.get(lot) or []))):
        for each in settings_of(model):
            if each.path not in inside:
                fitted = _fitted(each, model, known)
                said = "values, one a line" if fitted.kind == cast("Any", LINES) else fitted.label
                label = f"{called(lot, at)}: {_OF_LANES.get(each.path, said).lower()}"
                yield replace(fitted, path=f"{lot}/{at}/{each.path}", label=label)


def title_of(name: str) -> str:
    return _LABELS.get(name, name.replace("_", " ").capitalize())


def called(lot: str, at: int = -1) -> str:
    """One of a list, by its number; what any of them is called, without."""
    word = _LOTS.get(lot) or lot.removesuffix("s").capitalize()
    return word if at < 0 else f"{word} {at + 1}"


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
    """By any name, or by names of a kind. What has a pattern is a name itself."""
    named = cast("Mapping[str, Body]", schema.get("patternProperties", {}))
    held = [each for each in (schema.get("additionalProperties"), *named.values()) if isinstance(each, dict)]
    return any(each.get("type") == "string" and not each.keys() & {"enum", "pattern"} for each in held)


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
