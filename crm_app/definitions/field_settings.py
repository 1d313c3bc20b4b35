"""The settings of a field as a form shows them, made from the schemas of the field and of its type's config: a new
setting, or a new type, has its form without a line here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, cast

from pydantic import ValidationError

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.field_type import FieldConfig, FieldType, FieldValueError
from crm_app.kernel.errors import Problem
from crm_app.kernel.strict_json import BadJson, loads

Body = dict[str, Any]
Schema = Mapping[str, Any]
SettingKind = Literal[
    "text", "long", "number", "boolean", "choice", "choices", "options", "object", "objects", "rule", "value", "json"
]
MANY: tuple[SettingKind, ...] = ("choices", "objects")

_APART = frozenset({"name", "type", "config", "label", "archived", "column"})
_FIRST, _LAST = ("required", "unique"), ("default", "placeholder", "help")
_LONG = 300
FORMULA = "="
_TRUTH: Mapping[Any, bool] = {"true": True, "false": False}
_WORDS = {
    "required": "Required",
    "unique": "No two records the same",
    "read_only": "Read-only",
    "searchable": "Found by search",
    "indexed": "Fast to filter and sort by",
    "related_label": "Heading of the list on the other side",
    "on_delete": "When that record is deleted",
    "visible_when": "Shown when",
    "required_when": "Required when",
    "read_only_when": "Read-only when",
}


@dataclass(frozen=True)
class Setting:
    """`path` is `required`, or `config/decimals` for one of the type's own. `choices` are what it may be, if closed."""

    path: str
    label: str
    kind: SettingKind
    default: Any = None
    is_required: bool = False
    takes_text: bool = True
    choices: tuple[str, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])


def settings_of(kind: FieldType) -> tuple[Setting, ...]:
    """The type's own settings first, then what every field has."""
    return _settings_of(kind.config)


@cache
def _settings_of(config: type[FieldConfig]) -> tuple[Setting, ...]:
    own = _settings(config.model_json_schema(), "config/")
    common = {setting.path: setting for setting in _settings(FieldDefinition.model_json_schema(), "")}
    names = [name for name in common if name not in (*_APART, *_FIRST, *_LAST)]
    ordered = [common[name] for name in (*_FIRST, *names, *_LAST) if name in common]
    return (*own, *ordered)


def value_at(body: Body, setting: Setting) -> Any:
    """What the field says, or the default."""
    place, _, name = setting.path.rpartition("/")
    holder = body.get(place, {}) if place else body
    return holder.get(name, setting.default)


def field_from(kind: FieldType, name: str, form: Mapping[str, Any], kept: Body) -> tuple[Body, list[Problem]]:
    """The field that a form describes, without defaults, and what is wrong with it, by path. `kept` are settings that
    no form shows.
    """
    body: Body = {**kept, "name": name, "label": str(form.get("label", "")).strip(), "type": kind.name}
    config: Body = {}
    found: list[Problem] = []
    for setting in settings_of(kind):
        try:
            value = read_setting(setting, form)
        except BadJson as error:
            found.append(Problem(setting.path, error.message))
            continue
        holder, key = (config, setting.path.partition("/")[2]) if "/" in setting.path else (body, setting.path)
        holder.pop(key, None)
        if value is not None and value != setting.default:
            holder[key] = value
    body |= {"config": config} if config else {}
    if kind.widget == "boolean" and "default" in body:
        body["default"] = _TRUTH.get(str(body["default"]), body["default"])
    return body, found or list(field_problems(kind, body))


def field_problems(kind: FieldType, body: Body) -> Iterator[Problem]:
    """What is wrong with one field by itself."""
    config: Body = body.get("config", {})
    found = [*_validated(kind.config.model_validate, config, "config/")]
    found = found or [*_validated(FieldDefinition.model_validate, body, "")]
    yield from found
    if not found and body.get("default") is not None:
        field = FieldDefinition.model_validate(body)
        try:
            _ = field.default_rule or field.parse(body["default"])
        except FieldValueError as error:
            yield Problem("default", str(error))


def read_setting(setting: Setting, form: Mapping[str, Any]) -> Any:
    """What a form's inputs say; `None` for nothing."""
    raw = form.get(setting.path)
    text = raw.strip() if isinstance(raw, str) else ""
    if setting.kind == "boolean":
        return raw in (True, "on", "true")
    if setting.kind in MANY:
        prefix = f"{setting.path}::"
        return [name.removeprefix(prefix) for name, on in form.items() if name.startswith(prefix) and on] or None
    if not text:
        return None
    if setting.kind == "number":
        return _number(text, setting)
    if setting.kind == "value" and text.startswith(FORMULA):
        return {"rule": text.removeprefix(FORMULA).strip()}
    return loads(text) if setting.kind in ("options", "json") else text


def offered_defaults(kind: FieldType, body: Body) -> tuple[tuple[str, str], ...]:
    """The closed list that a field's default is chosen from: value and label; nothing where any text may be typed."""
    if kind.widget == "boolean":
        return (("true", "Yes"), ("false", "No"))
    if issubclass(kind.config, ChoiceConfig) and kind.widget == "select":
        options = cast("list[Body]", body.get("config", {}).get("options", []))
        return tuple((option["name"], option["label"]) for option in options)
    return ()


def _validated(validate: Callable[[Body], object], body: Body, prefix: str) -> Iterator[Problem]:
    try:
        validate(body)
    except ValidationError as error:
        for item in error.errors(include_url=False):
            path = prefix + "/".join(str(part) for part in item["loc"][:1])
            yield Problem(path.strip("/"), _sentence(str(item["type"]), str(item["msg"])))


def _sentence(code: str, message: str) -> str:
    match code:
        case "missing" | "string_too_short":
            return "This is needed."
        case "too_short":
            return "At least one is needed."
        case "string_pattern_mismatch":
            return "This does not have the right form."
        case _:
            said = message.removeprefix("Value error, ")
            return said if said.endswith(".") else f"{said}."


def _number(text: str, setting: Setting) -> Any:
    """Decimals stay text where the setting takes it, so that they stay exact."""
    bare = text.replace(",", "")
    if bare.removeprefix("-").isdecimal() and bare.isascii():
        return int(bare)
    if setting.takes_text:
        return text
    try:
        return float(bare)
    except ValueError:
        return text


def _settings(schema: Schema, prefix: str) -> list[Setting]:
    definitions = cast("Schema", schema.get("$defs", {}))
    required = schema.get("required", ())
    properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
    return [_setting(prefix, name, part, definitions, name in required) for name, part in properties.items()]


def _setting(prefix: str, name: str, part: Schema, definitions: Schema, is_required: bool) -> Setting:
    forms = [_resolved(each, definitions) for each in cast("list[Schema]", part.get("anyOf", [part]))]
    forms = [each for each in forms if each.get("type") != "null"]
    kind = _kind(name, forms, definitions)
    form: Schema = forms[0] if forms else {}
    closed: Schema = _resolved(cast("Schema", form.get("items", {})), definitions) if kind == "choices" else form
    return Setting(
        path=prefix + name,
        label=_WORDS.get(name, name.replace("_", " ").capitalize()),
        kind=kind,
        default=part.get("default"),
        is_required=is_required,
        takes_text=any(each.get("type") == "string" for each in forms),
        choices=tuple(str(each) for each in closed.get("enum", ())),
        limits={key: part[key] for key in ("minimum", "maximum", "maxLength") if key in part},
    )


def _resolved(part: Schema, definitions: Schema) -> Schema:
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return definitions[name] if name else part


def _kind(name: str, forms: list[Schema], definitions: Schema) -> SettingKind:
    types = {str(form.get("type", "")) for form in forms}
    form: Schema = forms[0] if forms else {}
    if name == "default":
        return "value"
    if "array" in types:
        return _kind_of_list(name, _resolved(cast("Schema", form.get("items", {})), definitions))
    if types & {"integer", "number"}:
        return "number"
    if types == {"boolean"}:
        return "boolean"
    if types == {"string"}:
        return _kind_of_text(name, form)
    return "json"


def _kind_of_list(name: str, items: Schema) -> SettingKind:
    if {"name", "label"} <= set(items.get("properties", {})):
        return "options"
    if items.get("type") == "string" and name in ("objects", "targets"):
        return "objects"
    return "choices" if "enum" in items else "json"


def _kind_of_text(name: str, form: Schema) -> SettingKind:
    if "enum" in form:
        return "choice"
    if name in ("object", "target"):
        return "object"
    if name.endswith(("_when", "rule", "formula", "expression", "filter")):
        return "rule"
    return "long" if form.get("maxLength", 0) >= _LONG else "text"
