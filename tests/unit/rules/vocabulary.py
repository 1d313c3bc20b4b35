"""The fields, literals and kinds that random rules are made of."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm_app.rules.tree import Member, Name, Node
from tests.unit.rules import world

COMPARED = (
    "int",
    "decimal",
    "money",
    "text",
    "enum",
    "date",
    "datetime",
    "time",
    "duration",
    "bool",
    "user",
    "account",
)
ORDERED = ("int", "decimal", "money", "text", "date", "datetime", "time", "duration")
SIGNS = ("=", "!=", "<", "<=", ">", ">=")
LITERALS: dict[str, tuple[Any, ...]] = {
    "bool": (True, False),
    "int": (0, 1, 2, 3, 7, 10, 2**53 + 1, 2**63, 10**21),
    "decimal": tuple(
        Decimal(text) for text in ("0.0", "0.5", "1.0", "2.5", "0.1", "33.33", "100000.00000000000000000001")
    ),
    "money": tuple(
        world.Money(Decimal(amount), code)
        for amount in ("0", "1", "2.5", "1000", "3")
        for code in ("EUR", "EUR", "USD")
    ),
    "text": world.WORDS,
    "enum": world.STAGES,
    "date": (world.NOW.date(), world.date(2024, 2, 29), world.date(9999, 12, 31), world.date(1, 1, 1)),
    "datetime": (world.NOW, world.NOW + timedelta(microseconds=1)),
    "time": world.TIMES,
    "duration": (
        timedelta(0),
        timedelta(days=1),
        timedelta(hours=36),
        timedelta(microseconds=1),
        timedelta(days=3652058),
        timedelta(days=30, seconds=59),
    ),
}
ROOTED = {"bool": "flag", "int": "count", "decimal": "ratio", "money": "budget", "text": "word", "date": "day",
           "datetime": "moment", "time": "hour", "duration": "span"}  # fmt: skip


def fields_of(kind: str, owner: str, base: Node | None, hops: int) -> list[Node]:
    found = [path(base, name) for name in named(owner, kind)]
    if hops:
        for name, rule_type in world.TYPES[owner].items():
            if rule_type.kind == "ref" and name != "id":
                found += fields_of(kind, rule_type.object, path(base, name), hops - 1)
    return found


def path(base: Node | None, name: str) -> Node:
    return Name(name=name) if base is None else Member(base=base, name=name)


def named(owner: str, kind: str) -> list[str]:
    return [name for name, rule_type in world.TYPES[owner].items() if _kind(rule_type) == kind]


def _kind(rule_type: Any) -> str:
    """Relations go by what they point at; lists of them in the plural."""
    if rule_type.kind == "ref":
        return rule_type.object
    if rule_type.item is not None and rule_type.item.kind == "ref":
        return rule_type.item.object + "s"
    return rule_type.kind
