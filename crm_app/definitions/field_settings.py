"""The settings of a field: those of its type's config, then those that every field has."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, cast

from pydantic import ValidationError

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.settings import Body, Setting, settings_of, with_settings
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.field_type import FieldConfig, FieldType, FieldValueError
from crm_app.kernel.errors import Problem

_APART = frozenset({"name", "type", "config", "label", "archived", "column", "former_names"})
_FIRST, _LAST = ("required", "unique"), ("default", "placeholder", "help")
_OF_TYPED_IN = frozenset({
    *("required", "unique", "read_only", "searchable", "indexed"),
    *("required_when", "read_only_when", "default", "placeholder"),
})  # fmt: skip
_TRUTH: Mapping[Any, bool] = {"true": True, "false": False}


def settings_of_type(kind: FieldType) -> tuple[Setting, ...]:
    """What is worked out is asked of nobody, so nothing of that is offered."""
    found = _settings_of(kind.config)
    return tuple(each for each in found if each.path not in _OF_TYPED_IN) if kind.is_computed else found


@cache
def _settings_of(config: type[FieldConfig]) -> tuple[Setting, ...]:
    common = {setting.path: setting for setting in settings_of(FieldDefinition)}
    names = [name for name in common if name not in (*_APART, *_FIRST, *_LAST)]
    ordered = [common[name] for name in (*_FIRST, *names, *_LAST) if name in common]
    return (*settings_of(config, "config/"), *ordered)


def field_from(kind: FieldType, name: str, form: Mapping[str, Any], kept: Body) -> tuple[Body, list[Problem]]:
    """The field that a form describes, without defaults, and what is wrong with it, by path. `kept` are settings that
    no form shows.
    """
    named: Body = {**kept, "name": name, "label": str(form.get("label", "")).strip(), "type": kind.name}
    body, found = with_settings(named, settings_of_type(kind), form)
    if kind.widget == "boolean" and "default" in body:
        body["default"] = _TRUTH.get(str(body["default"]), body["default"])
    return body, found or list(field_problems(kind, body))


def as_type(kind: FieldType, body: Body) -> Body:
    """The field as one of another type, with what that type understands of its settings."""
    known = kind.config.model_fields.keys()
    config = {key: value for key, value in cast("Body", body.get("config") or {}).items() if key in known}
    if config and list(_validated(kind.config.model_validate, config, "config/")):
        config = {}
    left = {"config", "default", *(_OF_TYPED_IN if kind.is_computed else ())}
    rest = {key: value for key, value in body.items() if key not in left}
    after = {**rest, "type": kind.name, **({"config": config} if config else {})}
    default = None if kind.is_computed else body.get("default")
    with_default = {**after, "default": default}
    return after if default is None or list(field_problems(kind, with_default)) else with_default


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
