"""When values of two types meet: what fits what, and the sentence where nothing does."""

import re
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from crm_app.fields.rule_type import DECIMAL, TEXT, RuleType
from crm_app.kernel.ids import parse_id
from crm_app.kernel.times import time_of_day
from crm_app.rules.errors import RuleError, nearest
from crm_app.rules.literals import written
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import Context, If, ListOf, Literal, Node, Span

NUMBERS = ("int", "decimal")
TEXTS = ("text", "enum")
DEFAULT_CURRENCY = "EUR"
_AMOUNT = re.compile(r"\s*([0-9][0-9., _']*)\s*([kKmM]?)\s*([A-Za-z]{3})?\s*")
_SCALES = {"": 1, "k": 1000, "m": 1_000_000}


def family(rule_type: RuleType) -> str:
    """Two types of one family compare."""
    if rule_type.kind in NUMBERS:
        return "number"
    if rule_type.kind in TEXTS:
        return "text"
    if rule_type.kind == "list":
        return f"list of {family(rule_type.item) if rule_type.item else 'null'}"
    return rule_type.kind + rule_type.object


def comparable(left: RuleType, right: RuleType) -> bool:
    """One family, or two records of which one may be of any object: ids are compared."""
    is_any = left.kind == right.kind == "ref" and not (left.object and right.object)
    return is_any or family(left) == family(right)


def is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def fit(node: Node, target: RuleType) -> Node:
    """Gives literals the type that their place asks for: texts become options and ids, null gets a type."""
    if isinstance(node, Literal):
        return _fit_literal(node, target)
    if isinstance(node, If) and target.kind in {"enum", "ref"}:
        then, otherwise = fit(node.then, target), fit(node.otherwise, target)
        return replace(node, then=then, otherwise=otherwise, type=unified(then.type, otherwise.type) or node.type)
    if isinstance(node, ListOf) and target.item is not None:
        item = target.item
        return replace(node, items=tuple(fit(each, item) for each in node.items), type=target)
    return node


def _fit_literal(node: Literal, target: RuleType) -> Node:
    if node.value is None and target.kind != "null":
        return replace(node, type=replace(target, nullable=True))
    if isinstance(node.value, str) and target.kind == "enum" and node.type.kind in TEXTS:
        return _option(node, node.value, target)
    if isinstance(node.value, str) and target.kind == "ref":
        return _identifier(node, node.value, target)
    return node


def _option(node: Literal, value: str, target: RuleType) -> Node:
    if target.options and value not in target.options:
        near = nearest(value, target.options) or nearest(value.lower(), target.options)
        raise RuleError(
            f"'{value}' is not one of the options: {', '.join(target.options[:12])}.",
            node.span,
            expected=str(target),
            found=value,
            suggestion=f"'{near}'" if near else "",
        )
    return replace(node, type=target.required())


def _identifier(node: Literal, value: str, target: RuleType) -> Node:
    identifier = parse_id(value)
    if identifier is None:
        raise RuleError(
            f"'{value}' is not the id of a record{f' of {target.object}' if target.object else ''}.",
            node.span,
            expected=str(target),
            found="text",
            suggestion="me" if target.object == "user" else "",
        )
    return replace(node, value=identifier, type=target.required())


def unified(left: RuleType, right: RuleType) -> RuleType | None:
    """The type of a value that is one or the other; `None` where there is none."""
    if "null" in {left.kind, right.kind}:
        return replace(right if left.kind == "null" else left, nullable=True)
    if family(left) != family(right):
        return None
    return replace(_common(left, right), nullable=left.nullable or right.nullable)


def _common(left: RuleType, right: RuleType) -> RuleType:
    """Of two types of one family."""
    if left.kind == "money":
        return replace(left, currency=left.currency if left.currency == right.currency else "")
    if left.kind in NUMBERS:
        return left if left.kind == right.kind else DECIMAL
    if left.kind in TEXTS:
        return left if (left, left.options) == (replace(right, nullable=left.nullable), right.options) else TEXT
    return left


def fitted(left: Node, right: Node) -> tuple[Node, Node]:
    """Both, each given the type of the other where it is a literal that can take it."""
    left, right = fit(left, right.type), fit(right, left.type)
    if not comparable(left.type, right.type):
        if isinstance(left, Literal) and not isinstance(right, Literal):
            raise mismatch(right.type, left, of=right)
        raise mismatch(left.type, right, of=left)
    return left, right


def refuse_currencies(left: Node, right: Node, span: Span) -> None:
    first, second = left.type.currency, right.type.currency
    if left.type.kind == right.type.kind == "money" and first and second and first != second:
        raise RuleError(f"{first} and {second} are different currencies.", span, expected=first, found=second)


def mismatch(expected: RuleType, found: Node, *, of: Node | None = None) -> RuleError:
    """`of` is what gave the expectation: `amount` is money, but `'50k'` is text."""
    subject = f"`{print_rule(of)}` is {expected}" if of is not None else f"Expected {expected}"
    return RuleError(
        f"{subject}, but `{print_rule(found)}` is {found.type}.",
        found.span,
        expected=str(expected),
        found=str(found.type),
        suggestion=suggestion(expected, found),
    )


def suggestion(expected: RuleType, found: Node) -> str:
    """What the author may have meant, or empty."""
    if isinstance(found, Context) and {expected.kind, found.type.kind} == {"date", "datetime"}:
        return "today" if expected.kind == "date" else "now"
    if not isinstance(found, Literal):
        return ""
    match found.value:
        case str():
            return _from_text(expected, found.value)
        case int() | Decimal() if expected.kind == "money" and not isinstance(found.value, bool):
            return f"{written(found.value)} {expected.currency or expected.usual or DEFAULT_CURRENCY}"
        case int() | Decimal() if expected.kind in TEXTS:
            return f"'{written(found.value)}'"
        case _:
            return ""


def _from_text(expected: RuleType, text: str) -> str:
    if expected.kind == "time":
        clock = time_of_day(text)
        return "" if clock is None else written(clock)
    if expected.kind in {"date", "datetime"}:
        return _stamp(expected.kind, text)
    amount = _AMOUNT.fullmatch(text) if expected.kind in {"money", *NUMBERS} else None
    if amount is None:
        return "true" if expected.kind == "bool" and text.lower() in {"true", "yes"} else ""
    digits = re.sub(r"[ _',]", "", amount[1]).rstrip(".")
    if digits.count(".") > 1:
        return ""
    number = f"{Decimal(digits) * _SCALES[amount[2].lower()]:f}"
    currency = (amount[3] or expected.currency or expected.usual or DEFAULT_CURRENCY).upper()
    return f"{number} {currency}" if expected.kind == "money" else number


def _stamp(kind: str, text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if kind == "date":
        return written(date(moment.year, moment.month, moment.day))
    return written(moment) if moment.tzinfo is not None else ""
