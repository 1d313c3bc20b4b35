"""What a value is called in a sentence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from crm_app.fields.rule_type import RuleType
from crm_app.kernel.money import Money
from crm_app.kernel.times import clock_text
from crm_app.rules.scope import FieldInfo, Scope

NO_FIELDS: Mapping[str, FieldInfo] = {}
_UNGROUPED = 10_000
_POINT = re.compile(r"\.0+$")


def _record_of(_object: str, identifier: UUID) -> str:
    return f"the record {str(identifier)[-8:]}"


@dataclass(frozen=True)
class Words:
    """`scope` knows the labels of fields and options; `name_of(object, id)` what a record is called."""

    scope: Scope
    name_of: Callable[[str, UUID], str] = field(default=_record_of)

    def label(self, owner: str, name: str) -> str:
        info = (self.scope.fields(owner) or NO_FIELDS).get(name)
        return (info.label if info else "") or name.replace("_", " ").capitalize()

    def option(self, of: RuleType, name: str) -> str:
        info = (self.scope.fields(of.object) or NO_FIELDS).get(of.field)
        return (info.options.get(name) if info else "") or name

    def value(self, value: Any, of: RuleType) -> str:
        """Texts stand in quotes; nothing is `nothing`."""
        match value:
            case None:
                return "nothing"
            case bool():
                return "yes" if value else "no"
            case str():
                return self.option(of, value) if of.kind == "enum" else f"“{value}”"
            case UUID():
                return self.name_of(of.object, value)
            case list() | tuple():
                item = of.item or RuleType("null")
                return listed([self.value(each, item) for each in cast("list[Any]", value)], "and") or "none"
            case _:
                return _measured(value)


def listed(parts: list[str], conjunction: str) -> str:
    """`a, b and c`."""
    start, last = parts[:-1], parts[-1:]
    return f" {conjunction} ".join([", ".join(start), *last]) if start else "".join(last)


def _measured(value: Any) -> str:
    words = next((said for kind, said in _MEASURED if isinstance(value, kind)), str)
    return words(value)


def _number(value: int | Decimal, ungrouped: int = _UNGROUPED) -> str:
    """Years and other small numbers stay without a comma."""
    value = Decimal(value)
    shown = _POINT.sub("", f"{value:,f}" if abs(value) >= ungrouped else f"{value:f}")
    return shown.removeprefix("-") if value >= 0 else f"minus {shown.removeprefix('-')}"


def _length(value: timedelta) -> str:
    if value < timedelta(0):
        return f"minus {_length(-value)}"
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    exact = Decimal(seconds) + Decimal(value.microseconds).scaleb(-6)
    second = f"{exact.normalize():f}" if exact else ""
    counted = (("day", str(value.days or "")), ("hour", str(hours or "")), ("minute", str(minutes or "")))
    parts = [f"{count} {unit}{'' if count == '1' else 's'}" for unit, count in (*counted, ("second", second)) if count]
    return " ".join(parts) or "0 days"


_MEASURED: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (int, _number),
    (Decimal, _number),
    (Money, lambda value: f"{_number(value.amount, 0)} {value.currency}"),
    (datetime, lambda value: f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
    (date, date.isoformat),
    (time, clock_text),
    (timedelta, _length),
)
