"""What somebody filled in, checked against the form that asked for it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_app.kernel.errors import Invalid, Problem

MAX_TEXT = 10_000
MAX_DIGITS = 40


def form_values(asks: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON keeps them; every problem is told with its field."""
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    names = {field["name"] for field in asks["fields"]}
    problems += [Problem(str(name)[:50], "The form does not ask that.") for name in given if name not in names]
    for field in asks["fields"]:
        raw = given.get(field["name"])
        if raw is None or raw == "":
            if field["required"]:
                problems.append(Problem(field["name"], f"{field['label']} is missing."))
            values[field["name"]] = None
            continue
        try:
            values[field["name"]] = _checked(field, raw)
        except (ValueError, InvalidOperation):
            problems.append(Problem(field["name"], f"{field['label']} does not fit: {_WORDS[field['kind']]}."))
    if problems:
        raise Invalid("The form is not filled in yet as it has to be.", problems)
    return values


def _checked(field: Mapping[str, Any], raw: Any) -> Any:
    match field["kind"]:
        case "number":
            return _number(raw)
        case "date":
            return date.fromisoformat(str(raw)).isoformat()
        case "yes_no":
            return _truth(raw)
        case "choice":
            return _one_of(field["options"], raw)
        case _:
            return _text(raw)


def _number(raw: Any) -> str:
    found = Decimal(str(raw))
    if isinstance(raw, bool) or not found.is_finite() or len(str(found)) > MAX_DIGITS:
        raise ValueError(raw)
    return str(found)


def _truth(raw: Any) -> bool:
    if raw is not True and raw is not False:
        raise ValueError(raw)
    return bool(raw)


def _one_of(options: Any, raw: Any) -> str:
    if raw not in options:
        raise ValueError(raw)
    return str(raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > MAX_TEXT or "\x00" in raw:
        raise ValueError(raw)
    return raw


_WORDS: Mapping[str, str] = {
    "number": "a number, such as 12.50",
    "date": "a date, such as 2026-01-31",
    "yes_no": "true or false",
    "choice": "one of its options",
    "text": f"a text of at most {MAX_TEXT} characters",
    "long_text": f"a text of at most {MAX_TEXT} characters",
}
