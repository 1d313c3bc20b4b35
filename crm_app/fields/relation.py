from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal, Self, cast
from uuid import UUID

from pydantic import Field, model_validator

from crm_app.fields.choices import API_NAME
from crm_app.fields.field_type import EQUALITY, Column, FieldConfig, FieldType, FieldValueError
from crm_app.fields.rule_type import RuleType, ref
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id

OBJECT_SUFFIX = "__object"
MAX_OBJECTS = 20


class RelationConfig(FieldConfig):
    """`object` is what it points at, or `objects` where that may be one of several. `related_label` heads the list of
    these records on the target's page; `on_delete` says what happens to them when the target is deleted: `clear`
    empties the field, `restrict` keeps the target, `cascade` deletes them too. `tree` refuses circles among records of
    one object.
    """

    object: str = Field(default="", pattern=f"{API_NAME}|^$", title="Object", description="What it points at.")
    objects: tuple[str, ...] = Field(
        default=(), max_length=MAX_OBJECTS, title="Objects", description="Instead, where it may be one of several."
    )
    related_label: str = Field(
        default="", max_length=100, title="Heading", description="What the list of these records is called over there."
    )
    on_delete: Literal["restrict", "clear", "cascade"] = Field(
        default="clear",
        title="When the target is deleted",
        description="Empty this field, refuse the deletion, or delete these records too.",
    )
    tree: bool = Field(
        default=False, title="Tree", description="Records of one object stand above each other, never in a circle."
    )

    @property
    def targets(self) -> tuple[str, ...]:
        return self.objects or (self.object,)

    @model_validator(mode="after")
    def _one_way_of_saying_what(self) -> Self:
        if bool(self.object) == bool(self.objects):
            raise ValueError("A relation says either `object` or `objects`: what it points at.")
        if len(set(self.objects)) != len(self.objects):
            raise ValueError("`objects` names an object twice.")
        return self


def parse_record_id(raw: object, _config: object) -> UUID:
    identifier = raw if isinstance(raw, UUID) else parse_id(raw) if isinstance(raw, str) else None
    if identifier is None:
        raise FieldValueError(f"'{str(raw)[:40]}' is not the id of a record.")
    return identifier


def _parse_ref(raw: object, config: RelationConfig) -> RecordRef:
    """A JSON object of `object` and `id`, or the two in one text: `task:0190…`."""
    if isinstance(raw, RecordRef):
        name, identifier = raw.object, raw.id
    else:
        name, identifier = _parts(raw)
    if identifier is None or name not in config.objects:
        known = ", ".join(config.objects)
        raise FieldValueError(f"Expected the object and the id of a record, `object:id`, of one of: {known}.")
    return RecordRef(name, identifier)


def _parts(raw: object) -> tuple[str, UUID | None]:
    if isinstance(raw, Mapping):
        given = cast("Mapping[str, object]", raw)
        name, text = (given["object"], given["id"]) if set(given) == {"object", "id"} else ("", "")
    elif isinstance(raw, str):
        name, _, text = raw.partition(":")
    else:
        return "", None
    return (name, parse_id(text)) if isinstance(name, str) and isinstance(text, str) else ("", None)


def _to_any(settings: RelationConfig) -> FieldType:
    return ANY if settings.objects else FIELD_TYPE


FIELD_TYPE = FieldType(
    name="relation",
    label="Relation",
    widget="relation",
    description="Points at one record of an object, or of one of several objects.",
    config=RelationConfig,
    parse=parse_record_id,
    dump=lambda value, _config: str(value),
    rule_type=lambda config: ref(config.object),
    columns=(Column("uuid"),),
    operators=EQUALITY,
    examples=("0190a5c0-0000-7000-8000-000000000001",),
    hostile=("1", "' or 1=1", 7, {"id": 1}, ["0190a5c0-0000-7000-8000-000000000001"]),
    is_relation=True,
    variant=_to_any,
)

ANY_RECORD = RuleType("ref")


def _dump_ref(value: RecordRef, _config: RelationConfig) -> dict[str, str]:
    return {"object": value.object, "id": str(value.id)}


def _ref_text(value: RecordRef, _config: RelationConfig) -> str:
    return f"{value.object}:{value.id}"


def _any_record(_config: RelationConfig) -> RuleType:
    return ANY_RECORD


def _split(value: RecordRef | None) -> tuple[Any, ...]:
    return (None, None) if value is None else (value.id, value.object)


def _join(identifier: UUID, name: str) -> RecordRef:
    return RecordRef(name, identifier)


ANY = replace(
    FIELD_TYPE,
    parse=_parse_ref,
    dump=_dump_ref,
    text=_ref_text,
    rule_type=_any_record,
    columns=(Column("uuid"), Column("text", OBJECT_SUFFIX)),
    split=_split,
    join=_join,
    is_sortable=False,
)
