"""What a case's expression may name: its inputs. Plain values are variables, nested objects are paths to them, lists of
objects are related records.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_app.fields.rule_type import (
    BOOL,
    DATE,
    DATETIME,
    DECIMAL,
    DURATION,
    INT,
    TEXT,
    TIME,
    RuleType,
    list_of,
    ref,
)
from crm_app.rules.inputs import Inputs
from crm_app.rules.scope import FieldInfo
from tests.conformance.source import Months, Typed, Untranslatable

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
_TYPES: dict[type, RuleType] = {
    bool: BOOL,
    int: INT,
    Decimal: DECIMAL,
    str: TEXT,
    datetime: DATETIME,
    date: DATE,
    time: TIME,
    timedelta: DURATION,
    Months: INT,
}


class CaseWorld:
    """Both the scope that rules are checked in and the records that they are evaluated on."""

    def __init__(self) -> None:
        self.types: dict[str, dict[str, RuleType]] = {"case": {"id": ref("case").required()}}
        self.variables: dict[str, RuleType] = {}
        self.values: dict[str, Any] = {}
        self.related_records: dict[tuple[UUID, str], list[dict[str, Any]]] = {}
        self.record: dict[str, Any] = {"id": UUID(int=1)}
        self._ids = 1
        self._aliases = 0

    def fresh_alias(self) -> str:
        self._aliases += 1
        return f"each{self._aliases}"

    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        found = self.types.get(object)
        return None if found is None else {name: FieldInfo(name, each) for name, each in found.items()}

    def variable(self, name: str, value: Any) -> str:
        """Binds a plain value, or a list of them, and gives the name it got."""
        kind = type_of(value)
        free = name
        while free in self.variables:
            free += "_"
        self.variables[free] = kind
        self.values[free] = plain(value)
        return free

    def add_related(self, owner: str, record: dict[str, Any], name: str, rows: Sequence[Mapping[str, Any]]) -> str:
        """Related records made of objects; gives the name of the object that they are of."""
        target = f"{owner}_{name}"
        self.types[owner][name] = list_of(ref(target))
        self.types.setdefault(target, {"id": ref(target).required()})
        made = [self._record(target, row) for row in rows]
        self.related_records[record["id"], name] = made
        return target

    def _record(self, owner: str, row: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
        self._ids += 1
        record: dict[str, Any] = {"id": UUID(int=self._ids)}
        self._fill(owner, record, row, prefix)
        return record

    def _fill(self, owner: str, record: dict[str, Any], row: Mapping[str, Any], prefix: str) -> None:
        for key, value in row.items():
            name = f"{prefix}{safe(key)}_"
            if isinstance(value, Mapping):
                self._fill(owner, record, value, name)
            elif is_rows(value):
                self.add_related(owner, record, name, value)
            elif value is not None:
                record[name] = plain(value)
                known = self.types[owner].get(name)
                self.types[owner][name] = merged(known, type_of(value))

    def related(self, _object: str, identifier: UUID, field: str) -> Sequence[Mapping[str, Any]]:
        return self.related_records.get((identifier, field), [])

    def inputs(self, time_zone: str) -> Inputs:
        return Inputs(
            record=self.record, variables=self.values, now=NOW, time_zone=time_zone or "UTC", related=self.related
        )


def safe(name: str) -> str:
    """A name of another language as one of ours."""
    kept = "".join(each if each.isascii() and each.isalnum() else f"_{ord(each):x}_" for each in name)
    return f"n{kept}" if not kept or kept[0].isdigit() else kept


def is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def merged(known: RuleType | None, found: RuleType) -> RuleType:
    if known is None or known.kind == found.kind:
        return RuleType(found.kind, item=found.item)
    if {known.kind, found.kind} == {"int", "decimal"}:
        return DECIMAL
    raise Untranslatable("a field of more than one type")


def type_of(value: Any) -> RuleType:
    if isinstance(value, list):
        kinds = {type_of(each).kind for each in value}
        if "null" in kinds or len(kinds - {"int"}) > 1 or kinds - {each.kind for each in _TYPES.values()}:
            raise Untranslatable("a list of mixed types, of lists or with null in it")
        item = DECIMAL if "decimal" in kinds else type_of(value[0]) if value else TEXT
        return list_of(item.required()).required()
    if value is None:
        return RuleType("null")
    if isinstance(value, Typed):
        return value.type
    if type(value) not in _TYPES:
        raise Untranslatable("a value of no type that rules know")
    return _TYPES[type(value)].required()


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Typed):
        return None
    return value.count if isinstance(value, Months) else value
