"""The rows of conditions that say what a rule's text says, and what a row can be made of."""

from collections.abc import Iterator
from typing import Any, TypedDict

from crm_app.fields.rule_type import Kind, RuleType, ref
from crm_app.kernel.ids import parse_id
from crm_app.rules.caret import path_type
from crm_app.rules.checking import Frame
from crm_app.rules.condition_groups import Group, Row, group_from, group_of, text_of
from crm_app.rules.condition_operators import offered_operators
from crm_app.rules.errors import RuleError
from crm_app.rules.scope import FieldInfo
from crm_app.ui.rules.desk import Desk

_MOST_FIELDS = 600
_ASKED: tuple[Kind, ...] = (
    "bool", "int", "decimal", "money", "text", "enum", "date", "datetime", "time", "duration", "ref", "list", "json",
)  # fmt: skip


class RuleChoice(TypedDict):
    value: str
    label: str


class RuleField(TypedDict):
    """`group` is the relation that it is reached by; `input` the kind of its values; `target` is what a relation points
    at.
    """

    path: str
    label: str
    group: str
    kind: str
    input: str
    target: str
    choices: list[RuleChoice]


class RuleRows(TypedDict):
    """`group` is `null` where the text says more than rows can. `turn` is that of rows which were to become a text, and
    `message` why they could not. `names` are those of the records among the values.
    """

    text: str
    group: Any
    turn: int
    message: str
    names: dict[str, str]


NO_ROWS = RuleRows(text="", group=None, turn=0, message="", names={})


def rows_of(desk: Desk, text: str) -> RuleRows:
    if not text.strip():
        return {**NO_ROWS, "text": text, "group": {"join": "and", "items": []}}
    try:
        group = group_of(desk.checked(text), desk.scope)
    except RuleError:
        group = None
    found = {} if group is None else {"group": _as_json(group), "names": _names(desk, group)}
    return {**NO_ROWS, "text": text, **found}  # pyright: ignore[reportReturnType]


def written(desk: Desk, raw: object, turn: int) -> RuleRows:
    """The text of rows that a browser sent."""
    try:
        return {**NO_ROWS, "turn": turn, "text": text_of(group_from(raw), desk.object, desk.scope)}
    except RuleError as error:
        return {**NO_ROWS, "turn": turn, "message": error.message}


def operators_by_kind() -> dict[str, list[RuleChoice]]:
    return {
        kind: [RuleChoice(value=operator, label=words) for operator, words in offered_operators(kind)]
        for kind in _ASKED
    }


def rule_fields(desk: Desk, rows: RuleRows) -> list[RuleField]:
    """The object's own fields, those one relation away, and whatever the rows name beyond that."""
    found = {each["path"]: each for each in _own_and_near(desk)}
    for path in _paths(rows["group"]):
        if path not in found and (of := _type(desk, path)) is not None:
            found[path] = _field(desk, path, path.replace(".", " → "), "Further away", of)
    return list(found.values())[:_MOST_FIELDS]


def field_target(desk: Desk, path: str) -> str:
    """The object whose records are the values of a field; empty for other fields."""
    of = _type(desk, path)
    return (of.item or of).object if of is not None and (of.item or of).kind == "ref" else ""


def _own_and_near(desk: Desk) -> Iterator[RuleField]:
    own = [info for info in (desk.scope.fields(desk.object) or {}).values() if not info.inverse]
    for info in own:
        yield _field(desk, info.name, info.label or info.name, "", info.type)
    for info in own:
        if info.type.kind == "ref" and info.name != "id":
            for far in (desk.scope.fields(info.type.object) or {}).values():
                if far.type.kind != "list" and far.name != "id":
                    yield _field(desk, f"{info.name}.{far.name}", far.label or far.name, _label(info), far.type)


def _label(info: FieldInfo) -> str:
    return info.label or info.name


def _field(desk: Desk, path: str, label: str, group: str, of: RuleType) -> RuleField:
    value = of.item or of
    info = (desk.scope.fields(value.object) or {}).get(value.field)
    labels = info.options if info else {}
    return RuleField(
        path=path,
        label=label,
        group=group,
        kind=of.kind,
        input=value.kind,
        target=value.object if value.kind == "ref" else "",
        choices=[RuleChoice(value=name, label=labels.get(name, name)) for name in value.options],
    )


def _type(desk: Desk, path: str) -> RuleType | None:
    return path_type(path.split("."), (Frame(desk.object, "", ref(desk.object)),), desk.scope, desk.variables)


def _as_json(item: Group | Row) -> dict[str, Any]:
    if isinstance(item, Group):
        return {"join": item.join, "items": [_as_json(each) for each in item.items]}
    return {"field": item.field, "operator": item.operator, "values": list(item.values)}


def _paths(group: Any) -> Iterator[str]:
    for item in (group or {}).get("items", ()):
        yield from _paths(item) if "items" in item else [item["field"]]


def _names(desk: Desk, group: Group) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in group.items:
        if isinstance(item, Group):
            found |= _names(desk, item)
        elif target := field_target(desk, item.field):
            ids = {value: parse_id(value) for value in item.values}
            found |= {value: desk.name_of(target, each) for value, each in ids.items() if each is not None}
    return found
