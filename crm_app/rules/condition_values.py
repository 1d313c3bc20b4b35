"""Values of conditions as somebody types them into an input, and as parts of a rule."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from crm_app.fields.rule_type import TEXT, RuleType
from crm_app.rules.errors import RuleError
from crm_app.rules.grammar import parse
from crm_app.rules.literals import written
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import Arithmetic, Context, Literal, Negative, Node

_NOWHERE = (0, 0)
_STAMPS = ("date", "datetime", "time")
_NOUNS = {
    "int": "a whole number, such as 10",
    "decimal": "a number, such as 2.5",
    "money": "an amount, such as 50000 EUR",
    "date": "a date, such as 2026-01-31, or today + P30D",
    "datetime": "a point in time, such as 2026-01-31T09:00Z, or now",
    "time": "a time of day, such as 09:30",
    "duration": "a length of time, such as P30D or PT2H",
    "bool": "true or false",
}


def plain(node: Node) -> str:
    """Empty for what no input can hold: another field, an empty text, something computed."""
    match node:
        case Literal(value=str() | UUID() as value):
            return str(value)
        case Literal(value=date() | datetime() | time() as value):
            return written(value).removeprefix("@")
        case Literal(value=None):
            return ""
        case Literal() | Context() | Negative(operand=Literal()):
            return print_rule(node)
        case Arithmetic(operator="+" | "-", left=Context(), right=Literal(value=timedelta())):
            return print_rule(node)
        case _:
            return ""


def node_of(of: RuleType, text: str) -> Node:
    """Of a field of that type. Refuses with `RuleError`."""
    if of.kind in {"text", "enum"}:
        return Literal(value=text, type=TEXT.required())
    said = text.strip()
    if of.kind == "ref":
        return Context(name="me") if said == "me" else Literal(value=said, type=TEXT.required())
    if of.kind in _STAMPS and said[:1].isdigit():
        said = f"@{said}"
    currency = of.currency or of.usual
    if currency and said.removeprefix("-").replace(".", "", 1).isdigit():
        said = f"{said} {currency}"
    try:
        node = parse(said)
    except RuleError:
        node = None
    if node is None or not plain(node):
        raise RuleError(f"'{text[:40]}' is not {_NOUNS.get(of.kind, 'a value')}.", _NOWHERE, found=text)
    return node
