"""What a list of values comes to. Nulls are left out; over nothing is null, but a sum is zero where it has a unit."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm_app.fields.rule_type import RuleType
from crm_app.kernel.money import Money
from crm_app.rules import exact

_MICROSECOND = timedelta(microseconds=1)


def _any(values: list[Any]) -> bool | None:
    return True if True in values else None if None in values else False


def _all(values: list[Any]) -> bool | None:
    return False if False in values else None if None in values else True


def _over_known(conclude: Callable[[list[Any]], Any]) -> Callable[[list[Any]], Any]:
    """Amounts of two currencies have no sum and no order: null. Durations are counted in microseconds."""

    def over(values: list[Any]) -> Any:
        known = [value for value in values if value is not None]
        if not known:
            return None
        if isinstance(known[0], Money):
            amount = conclude([money.amount for money in known])
            return Money(amount, known[0].currency) if len({money.currency for money in known}) == 1 else None
        if isinstance(known[0], timedelta):
            count = exact.rounded(conclude([duration // _MICROSECOND for duration in known]), 0)
            return exact.duration_of(int(count))
        return conclude(known)

    return over


def _sum(values: list[Any]) -> Any:
    total: Any = values[0]
    for value in values[1:]:
        total = exact.plus(total, value)
    return total


def _average(values: list[Any]) -> Any:
    return exact.quotient(_sum(values), len(values))


def sum_of_nothing(kind: RuleType) -> Any:
    """Amounts have a zero only in a currency that is known before any record is read."""
    match kind.kind:
        case "int":
            return 0
        case "decimal":
            return Decimal(0)
        case "duration":
            return timedelta(0)
        case "money" if kind.currency:
            return Money(Decimal(0), kind.currency)
        case _:
            return None


CONCLUSIONS: dict[str, Callable[[list[Any]], Any]] = {
    "any": _any,
    "all": _all,
    "count": len,
    "sum": _over_known(_sum),
    "min": _over_known(min),
    "max": _over_known(max),
    "avg": _over_known(_average),
}
