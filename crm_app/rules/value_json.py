"""Values of rules as plain JSON and back, for what steps tell each other. The type says what the JSON stands for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from crm_app.fields.rule_type import Kind, RuleType
from crm_app.kernel.money import Money

_MICROSECOND = timedelta(microseconds=1)
_LOADS: Mapping[Kind, Callable[[Any], Any]] = {
    "decimal": Decimal,
    "money": lambda pair: Money(Decimal(pair["amount"]), str(pair["currency"])),
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "time": time.fromisoformat,
    "duration": lambda count: timedelta(microseconds=int(count)),
    "ref": UUID,
    "int": int,
    "bool": bool,
}


def dump_value(value: Any) -> Any:
    """Durations are counted in microseconds; numbers with a point are texts, so that no digit is lost."""
    match value:
        case Money():
            return {"amount": str(value.amount), "currency": value.currency}
        case Decimal() | UUID():
            return str(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value // _MICROSECOND
        case list() | tuple():
            return [dump_value(each) for each in cast("Sequence[Any]", value)]
        case _:
            return value


def load_value(kind: RuleType, raw: Any) -> Any:
    """What `dump_value` wrote of a value of this type."""
    if raw is None:
        return None
    if kind.item is not None:
        return [load_value(kind.item, each) for each in raw]
    load = _LOADS.get(kind.kind)
    return raw if load is None else load(raw)
