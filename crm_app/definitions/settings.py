"""Settings of any part of a definition, as a form shows them: made from its schema, so that a new setting has its form
without a line here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, cast

from pydantic import BaseModel

from crm_app.kernel.errors import Problem
from crm_app.kernel.strict_json import BadJson, loads

Body = dict[str, Any]
Schema = Mapping[str, Any]
SettingKind = Literal[
    "text", "long", "number", "boolean", "choice", "choices", "options", "object", "objects", "related", "names",
    "rule", "value", "json",
]  # fmt: skip
MANY: tuple[SettingKind, ...] = ("choices", "objects", "names")
FORMULA = "="
SIZES = {"mb": 1_000_000, "kb": 1_000}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*(mb|kb|bytes)?", re.ASCII | re.IGNORECASE)
_LONG = 300
_RULES = ("_when", "rule", "formula", "expression", "filter", "where")
_WORDS = {
    "required": "Required",
    "unique": "No two records the same",
    "read_only": "Read-only",
    "searchable": "Found by search",
    "indexed": "Fast to filter and sort by",
    "visible_when": "Shown when",
    "required_when": "Required when",
    "read_only_when": "Read-only when",
    "collapsed": "Folded at first",
    "related": "Related lists",
    "roles": "For these roles only",
    "in_navigation": "In the navigation",
    "skip": "Stages may be skipped",
    "back": "May go back",
    "to": "Only these stages may follow",
    "rotting_days": "Days until it is marked as rotting",
    "gate/required": "To enter: required fields",
    "gate/rule": "To enter: a rule",
    "gate/message": "What to do when the rule is not true",
    "gate/on": "The gate holds for",
    "exit/required": "To leave: required fields",
    "exit/rule": "To leave: a rule",
    "exit/message": "What to do when that rule is not true",
    "access/managers_of_owner": "Managers of the owner reach them",
    "access/territory": "Territory of a record",
    "activity/when": "On the timeline at",
    "activity/done": "Ticked off by",
    "lost_reason": "Field with the reason for a loss",
    "lost_reason_on": "The reason is asked for",
    "won_date": "Filled when won",
    "lost_date": "Filled when lost",
    "amount": "Amount that is added up",
}


@dataclass(frozen=True)
class Setting:
    """`path` is `required`, or `config/decimals` for one of a part within. `choices` are what it may be, if closed, and
    `help` is what its model says of it.
    """

    path: str
    label: str
    kind: SettingKind
    default: Any = None
    is_required: bool = False
    takes_text: bool = True
    choices: tuple[str, ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    help: str = ""

    @property
    def is_size(self) -> bool:
        """A number of bytes, which a person writes as `10 MB`."""
        return self.path.endswith("_bytes")


@cache
def settings_of(model: type[BaseModel], prefix: str = "") -> tuple[Setting, ...]:
    """In the model's own order; a part within gives its settings in its place."""
    schema = model.model_json_schema()
    definitions = cast("Schema", schema.get("$defs", {}))
    return tuple(_settings(schema, prefix, definitions))


def value_at(body: Body, setting: Setting) -> Any:
    """What the part says, or the default."""
    place, _, name = setting.path.rpartition("/")
    holder = (body.get(place) or {}) if place else body
    return holder.get(name, setting.default)


def with_settings(body: Body, settings: Iterable[Setting], form: Mapping[str, Any]) -> tuple[Body, list[Problem]]:
    """The part with what a form says of these settings, without defaults, and what could not be read."""
    made: Body = dict(body)
    found: list[Problem] = []
    for setting in settings:
        try:
            value = read_setting(setting, form)
        except BadJson as error:
            found.append(Problem(setting.path, error.message))
            continue
        if setting.is_required and value is None and not setting.path.partition("/")[2]:
            found.append(Problem(setting.path, "This is needed."))
        place, _, name = setting.path.rpartition("/")
        holder: Body = dict(made.get(place) or {}) if place else made
        holder.pop(name, None)
        if value is not None and value != setting.default:
            holder[name] = value
        if place:
            made.pop(place, None)
            made |= {place: holder} if holder else {}
    return made, found


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
    if setting.kind == "value" and text.startswith(FORMULA):
        return {"rule": text.removeprefix(FORMULA).strip()}
    if setting.kind == "number" or (setting.choices and not setting.takes_text):
        return _number(text, setting)
    return loads(text) if setting.kind in ("options", "json") else text


def _number(text: str, setting: Setting) -> Any:
    """Decimals stay text where the setting takes it, so that they stay exact; a size may have a unit."""
    if setting.is_size and (match := _SIZE.fullmatch(text.replace(",", ""))):
        return round(float(match[1]) * SIZES.get((match[2] or "").lower(), 1))
    bare = text.replace(",", "")
    if bare.removeprefix("-").isdecimal() and bare.isascii():
        return int(bare)
    if setting.takes_text:
        return text
    try:
        return float(bare)
    except ValueError:
        return text


def _settings(schema: Schema, prefix: str, definitions: Schema) -> Iterator[Setting]:
    required = schema.get("required", ())
    properties = cast("Mapping[str, Schema]", schema.get("properties", {}))
    for name, part in properties.items():
        forms = _forms(part, definitions)
        if len(forms) == 1 and "properties" in forms[0] and not prefix:
            # What a part within needs is needed only where there is such a part: checking it says so.
            yield from _settings({**forms[0], "required": ()}, f"{name}/", definitions)
        else:
            yield _setting(prefix, name, part, definitions, name in required)


def _forms(part: Schema, definitions: Schema) -> list[Schema]:
    """What it may be, apart from null."""
    found = [_resolved(each, definitions) for each in cast("list[Schema]", part.get("anyOf", [part]))]
    return [each for each in found if each.get("type") != "null"]


def _setting(prefix: str, name: str, part: Schema, definitions: Schema, is_required: bool) -> Setting:
    forms = _forms(part, definitions)
    kind = _kind(name, forms, definitions)
    form: Schema = forms[0] if forms else {}
    closed: Schema = _resolved(cast("Schema", form.get("items", {})), definitions) if kind == "choices" else form
    return Setting(
        path=prefix + name,
        label=_WORDS.get(prefix + name) or _title(name, part) or _WORDS.get(name) or _plain(name),
        kind=kind,
        default=part.get("default"),
        is_required=is_required,
        takes_text=any(each.get("type") == "string" for each in forms),
        choices=tuple(str(each) for each in closed.get("enum", ())),
        limits={key: part[key] for key in ("minimum", "maximum", "maxLength") if key in part},
        help=str(part.get("description", "")),
    )


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _title(name: str, part: Schema) -> str:
    """The one that the model gives; the schema makes up one of the name where there is none."""
    title = str(part.get("title", ""))
    return "" if title == name.replace("_", " ").title() else title


def _resolved(part: Schema, definitions: Schema) -> Schema:
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return definitions[name] if name else part


def _kind(name: str, forms: list[Schema], definitions: Schema) -> SettingKind:
    types = {str(form.get("type", "")) for form in forms}
    form: Schema = forms[0] if forms else {}
    if name == "default" or "enum" in form:
        return "choice" if "enum" in form else "value"
    if "array" in types:
        return _kind_of_list(name, _resolved(cast("Schema", form.get("items", {})), definitions))
    if types == {"string"}:
        return _kind_of_text(name, form)
    if types & {"integer", "number"}:
        return "number"
    return "boolean" if types == {"boolean"} else "json"


def _kind_of_list(name: str, items: Schema) -> SettingKind:
    if {"name", "label"} <= set(items.get("properties", {})):
        return "options"
    if items.get("type") == "string" and name in ("objects", "targets"):
        return "objects"
    if "enum" in items:
        return "choices"
    return "names" if items.get("type") == "string" else "json"


def _kind_of_text(name: str, form: Schema) -> SettingKind:
    if name in ("object", "target"):
        return "object"
    if name == "relation":
        return "related"
    if name == "when" or name.endswith(_RULES):
        return "rule"
    return "long" if form.get("maxLength", 0) >= _LONG else "text"
