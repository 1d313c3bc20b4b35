"""Values out of JSON that came from outside: where they stand, and as what they are read."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, cast

import orjson

from crm_app.fields.rule_type import BOOL, DATE, DATETIME, DECIMAL, INT, JSON, TEXT, RuleType
from crm_app.kernel.errors import Invalid

JsonType = Literal["text", "int", "decimal", "bool", "date", "datetime", "json"]
TYPES: Mapping[JsonType, RuleType] = {
    "text": TEXT, "int": INT, "decimal": DECIMAL, "bool": BOOL, "date": DATE, "datetime": DATETIME, "json": JSON,
}  # fmt: skip
UNKEPT = "holds half of a character or a NUL, which can't be stored."


class BadJsonValue(Invalid):
    """The JSON is not what the definition says of it."""

    code = "bad_json_value"


def parsed_json(raw: bytes) -> Any:
    """Numbers with a point stay texts, so that no digit is lost."""
    try:
        return json.loads(raw, parse_float=str)
    except (ValueError, RecursionError):
        raise BadJsonValue("This is no JSON.") from None


def value_at(body: Any, path: str) -> Any:
    """Names and numbers between points; what isn't there is empty."""
    for part in path.split("."):
        if isinstance(body, dict):
            body = cast("dict[str, Any]", body).get(part)
        elif isinstance(body, list) and part.isdigit() and int(part) < len(cast("list[Any]", body)):
            body = cast("list[Any]", body)[int(part)]
        else:
            return None
    return body


def typed_value(name: str, kind: JsonType, raw: Any) -> Any:
    if raw is None:
        return None
    if not can_be_kept(raw):
        raise BadJsonValue(f"`{name}` {UNKEPT}")
    try:
        return _READ[kind](raw)
    except (ValueError, TypeError, ArithmeticError):
        raise BadJsonValue(f"`{name}` is no {kind}.") from None


def can_be_kept(value: Any) -> bool:
    """Whether PostgreSQL takes every text in it. A backslash that is itself part of a text is written as two."""
    written = json.dumps(value, ensure_ascii=False).replace("\\\\", "")
    return "\\u0000" not in written and written.encode("utf-8", "ignore").decode() == written


def _same(of: type) -> Callable[[Any], Any]:
    def read(raw: Any) -> Any:
        if isinstance(raw, of) and not (of is int and isinstance(raw, bool)):
            return raw
        raise TypeError

    return read


def _written(raw: Any) -> Any:
    """As it is; but numbers of more than 64 bits and what is hundreds of levels deep are never written."""
    orjson.dumps(raw)
    return raw


def _decimal(raw: Any) -> Decimal:
    found = Decimal(_same(str)(raw) if isinstance(raw, str) else _same(int)(raw))
    if not found.is_finite():
        raise ValueError
    return found


def _aware(moment: datetime) -> datetime:
    """A moment without a zone is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_READ: Mapping[JsonType, Callable[[Any], Any]] = {
    "text": lambda raw: raw if isinstance(raw, str) else json.dumps(raw),
    "int": lambda raw: _written(_same(int)(raw)),
    "decimal": _decimal,
    "bool": _same(bool),
    "date": lambda raw: date.fromisoformat(_same(str)(raw)),
    "datetime": lambda raw: _aware(datetime.fromisoformat(_same(str)(raw))),
    "json": _written,
}
