"""Literals: from text to value and back."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_app.fields.rule_type import BOOL, DATE, DATETIME, DECIMAL, DURATION, INT, TEXT, TIME, RuleType
from crm_app.kernel.money import Money
from crm_app.kernel.times import clock_text, duration_of, duration_text, time_of_day
from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Literal, Scalar, Span


def text_literal(text: str, span: Span) -> Literal:
    value = text[1:-1].replace("''", "'")
    if "\x00" in value:
        raise RuleError("A text can't hold the character NUL.", span)
    return Literal(value=value, type=TEXT.required(), span=span)


def number_literal(text: str, span: Span) -> Literal:
    if "." in text:
        return Literal(value=Decimal(text), type=DECIMAL.required(), span=span)
    return Literal(value=int(text), type=INT.required(), span=span)


def money_literal(text: str, span: Span) -> Literal:
    amount, currency = text[:-3].rstrip(), text[-3:]
    return Literal(value=Money(Decimal(amount), currency), type=money_type(currency), span=span)


def money_type(currency: str) -> RuleType:
    return RuleType("money", nullable=False, currency=currency)


def stamp_literal(text: str, span: Span) -> Literal:
    """`@2026-01-31`, `@09:30`, or `@2026-01-31T09:00Z`, which must say its offset."""
    clock = time_of_day(text[1:])
    if clock is not None:
        return Literal(value=clock, type=TIME.required(), span=span)
    try:
        if "T" not in text:
            return Literal(value=date.fromisoformat(text[1:]), type=DATE.required(), span=span)
        instant = datetime.fromisoformat(text[1:])
        if instant.tzinfo is None:
            raise RuleError("A time of day says which zone it is in.", span, found=text, suggestion=f"{text}Z")
        return Literal(value=instant.astimezone(UTC), type=DATETIME.required(), span=span)
    except (ValueError, OverflowError):
        raise RuleError(
            f"'{text}' is not a date or a time; they are written `@2026-01-31`, `@2026-01-31T09:00Z` and `@09:30`.",
            span,
            found=text,
        ) from None


def duration_literal(text: str, span: Span) -> Literal:
    try:
        value = duration_of(text)
    except OverflowError:
        raise RuleError("A duration is at most 9,999 years.", span, found=text) from None
    if value is None:
        calendar = re.search(r"\d+[YM]", text.split("T", maxsplit=1)[0])
        reason = "a month or a year has no fixed length" if calendar else "it is not written like `P30D` or `PT2H30M`"
        raise RuleError(
            f"'{text}' is not a duration: {reason}.", span, found=text, suggestion="P30D" if calendar else ""
        )
    return Literal(value=value, type=DURATION.required(), span=span)


def bool_literal(*, is_true: bool, span: Span) -> Literal:
    return Literal(value=is_true, type=BOOL.required(), span=span)


_TYPES: dict[type, RuleType] = {
    bool: BOOL,
    int: INT,
    Decimal: DECIMAL,
    datetime: DATETIME,
    date: DATE,
    timedelta: DURATION,
    time: TIME,
    str: TEXT,
}


def scalar_type(value: object) -> RuleType:
    """The type of a Python value; null and ids have no type of their own."""
    if isinstance(value, Money):
        return money_type(value.currency)
    found = _TYPES.get(type(value))
    return RuleType("null") if found is None else found.required()


def written(value: Scalar) -> str:
    """The canonical text of a literal. Ids are texts, which the checker reads as ids where one is expected."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return _WRITERS[type(value)](value)


def _text(value: str | UUID) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _decimal(value: Decimal) -> str:
    text = f"{value:f}"
    return text if "." in text else f"{text}.0"


def _instant(value: datetime) -> str:
    utc = value.astimezone(UTC)
    if utc.microsecond:
        shown = utc.isoformat(timespec="microseconds")
    else:
        shown = utc.isoformat(timespec="seconds" if utc.second else "minutes")
    return f"@{shown.removesuffix('+00:00')}Z"


_WRITERS: dict[type, Callable[[Any], str]] = {
    int: str,
    Decimal: _decimal,
    Money: lambda money: f"{money.amount:f} {money.currency}",
    datetime: _instant,
    date: lambda day: f"@{day.isoformat()}",
    timedelta: duration_text,
    str: _text,
    UUID: _text,
    time: lambda value: f"@{clock_text(value)}",
}
