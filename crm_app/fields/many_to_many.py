from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from pydantic import Field

from crm_app.fields.choices import API_NAME
from crm_app.fields.field_type import FieldConfig, FieldType, FieldValueError
from crm_app.fields.relation import parse_record_id
from crm_app.fields.rule_type import RuleType, list_of, ref

MAX_LINKS = 10_000
SEPARATOR = ";"


class ManyToManyConfig(FieldConfig):
    """`object` is what it points at; `related_label` heads the list of these records on the target's page."""

    object: str = Field(pattern=API_NAME, title="Object", description="What it points at.")
    related_label: str = Field(
        default="", max_length=100, title="Heading", description="What the list of these records is called over there."
    )

    @property
    def targets(self) -> tuple[str, ...]:
        return (self.object,)


@dataclass(frozen=True)
class LinkEdit:
    """Links to add and to take away, whatever else is linked: two people who add at once both do."""

    add: tuple[UUID, ...] = ()
    remove: tuple[UUID, ...] = ()


def _parse(raw: object, config: ManyToManyConfig) -> list[UUID] | LinkEdit:
    """A list of ids, or the ids in one text separated by semicolons: all links there are to be. `{"add": […],
    "remove": […]}` leaves the others as they are.
    """
    if isinstance(raw, LinkEdit):
        return raw
    if isinstance(raw, Mapping):
        return _edit(cast("Mapping[str, object]", raw), config)
    parts = [part.strip() for part in raw.split(SEPARATOR) if part.strip()] if isinstance(raw, str) else raw
    if not isinstance(parts, (list, tuple)) or (isinstance(raw, str) and not parts):
        raise FieldValueError("Expected a list of ids of records.")
    items = cast("list[object]", parts)
    if len(items) > MAX_LINKS:
        raise FieldValueError(f"A record has at most {MAX_LINKS:,} links in one field.")
    return sorted({parse_record_id(item, config) for item in items})


def _edit(raw: Mapping[str, object], config: ManyToManyConfig) -> LinkEdit:
    if not raw or not set(raw) <= {"add", "remove"}:
        raise FieldValueError('Expected a list of ids, or {"add": […], "remove": […]}.')
    parts = {side: _parse(raw.get(side) or [], config) for side in ("add", "remove")}
    if any(isinstance(part, LinkEdit) for part in parts.values()):
        raise FieldValueError("Links to add or remove are a list of ids.")
    add, remove = (cast("list[UUID]", parts[side]) for side in ("add", "remove"))
    return LinkEdit(tuple(add), tuple(remove))


def _rule_type(config: ManyToManyConfig) -> RuleType:
    return list_of(ref(config.object))


FIELD_TYPE = FieldType(
    name="many_to_many",
    label="Many to many",
    widget="many_to_many",
    description="Points at any number of records of an object; both sides show the links.",
    config=ManyToManyConfig,
    parse=_parse,
    dump=lambda value, _config: [str(each) for each in value],
    text=lambda value, _config: "; ".join(str(each) for each in value),
    rule_type=_rule_type,
    columns=(),
    split=lambda _value: (),
    operators=("contains", "contains_none", "is_empty", "is_not_empty"),
    examples=(
        ["0190a5c0-0000-7000-8000-000000000001"],
        "0190a5c0-0000-7000-8000-000000000001; 0190a5c0-0000-7000-8000-000000000002",
    ),
    hostile=(
        "1",
        7,
        ["x"],
        [["0190a5c0-0000-7000-8000-000000000001"]],
        {"id": 1},
        {"add": [7]},
        {"add": {"add": ["x"]}},
    ),
    is_sortable=False,
    is_linked=True,
)
