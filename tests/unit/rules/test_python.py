"""What rules answer in Python. That SQL answers the same is tested beside PostgreSQL."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm_app.kernel.money import Money
from crm_app.rules.check import check
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.trace import trace
from crm_app.rules.tree_json import BadTree, from_json, to_json
from tests.unit.rules.world import VARIABLES, World

ADA, BOB, ACME = UUID(int=1), UUID(int=2), UUID(int=3)
USERS = {ADA: {"id": ADA, "name": "Ada", "region": "EU", "manager": BOB}, BOB: {"id": BOB, "name": "Bob"}}
DEALS = [
    {"id": UUID(int=10), "amount": Money(Decimal(10), "EUR"), "stage": "won", "hot": True, "qty": 3},
    {"id": UUID(int=11), "amount": Money(Decimal(30), "EUR"), "stage": "new", "hot": None, "qty": None},
    {"id": UUID(int=12), "amount": None, "stage": "won", "hot": False, "qty": 5},
]
DEAL: dict[str, Any] = {
    "id": UUID(int=10),
    "name": "Big one",
    "amount": Money(Decimal(60000), "EUR"),
    "fee": Money(Decimal(5), "USD"),
    "qty": 7,
    "rate": Decimal("2.5"),
    "hot": None,
    "stage": "won",
    "tags": ["new", "won"],
    "close_date": date(2026, 3, 1),
    "created_at": datetime(2026, 3, 28, 23, 30, tzinfo=UTC),
    "lag": timedelta(hours=36),
    "owner": ADA,
    "account": ACME,
}


def related(owner: str, identifier: UUID, field: str) -> list[dict[str, Any]]:
    return DEALS if (owner, identifier, field) == ("account", ACME, "deals") else []


def follow(owner: str, identifier: UUID) -> dict[str, Any] | None:
    return USERS.get(identifier) if owner == "user" else {"id": ACME, "name": "Acme"}


INPUTS = Inputs(
    record=DEAL,
    old={"stage": "new"},
    variables={"count": 2},
    steps={"first": {"total": Decimal(4)}},
    me=ADA,
    now=datetime(2026, 3, 31, 22, 30, tzinfo=UTC),
    time_zone="Europe/Berlin",
    follow=follow,
    related=related,
)


def value_of(text: str) -> Any:
    return compile_rule(check(text, "deal", World(), expect=None, variables=VARIABLES))(INPUTS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("amount > 50000 EUR and stage = 'won' and owner.region = 'EU'", True),
        ("old.stage != 'won' and stage = 'won'", True),
        ("amount > 5 USD", None),
        ("not amount > 5 USD", None),
        ("amount + fee", None),
        ("hot", None),
        ("hot or true", True),
        ("hot and false", False),
        ("hot or false", None),
        ("if hot then 1 else 2", 2),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 2", -1),
        ("7 / 0", None),
        ("7 % 0", None),
        ("7 / 2.0", Decimal("3.5")),
        ("2 / 3.0", Decimal("0.66666666666666666667")),
        ("-2 / 3.0", Decimal("-0.66666666666666666667")),
        ("amount / 7", Money(Decimal("8571.42857142857142857143"), "EUR")),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(2.345, 2)", Decimal("2.35")),
        ("qty * 1000000000000000000000", 7 * 10**21),
        ("qty in [1, 7]", True),
        ("qty in [1, vars.count]", False),
        ("name & '!'", "Big one!"),
        ("name & note", None),
        ("name contains 'one' and name starts with 'Big' and name not ends with 'x'", True),
        ("tags contains 'won' and 'new' in tags", True),
        ("note is empty and name is not empty and fee is not empty", True),
        ("today", date(2026, 4, 1)),
        ("year(now) * 100 + month(now)", 202604),
        ("day(created_at)", 29),
        ("close_date + P30D", date(2026, 3, 31)),
        ("close_date - PT1H", date(2026, 2, 28)),
        ("close_date - @2026-02-01", timedelta(days=28)),
        ("@9999-12-31 + P1D", None),
        ("P3652058D + P1D", None),
        ("lag * 2", timedelta(days=3)),
        ("owner = me", True),
        ("owner.manager.name", "Bob"),
        ("owner.manager.manager.name", None),
        ("me.manager.name", "Bob"),
        ("steps.first.total + vars.count", 6),
        ("any(account.deals: stage = 'won' and qty > 4)", True),
        ("any(account.deals: hot and qty > 9)", None),
        ("all(account.deals: hot)", False),
        ("all(account.deals where stage = 'new': hot)", None),
        ("count(account.deals where stage = 'won')", 2),
        ("sum(account.deals: amount)", Money(Decimal(40), "EUR")),
        ("avg(account.deals: qty)", 4),
        ("max(account.deals as d where d.amount < amount: d.amount)", Money(Decimal(30), "EUR")),
        ("any(owner.deals)", False),
        ("all(owner.deals: false)", True),
        ("count(owner.deals)", 0),
        ("sum(owner.deals: qty)", 0),
        ("lower(upper('straße'))", "strasse"),
        ("trim('\u00a0 a b\t')", "a b"),
        ("len('e\u0301')", 2),
        ("coalesce(note, name)", "Big one"),
        ("abs(-3 EUR)", Money(Decimal(3), "EUR")),
        ("'b' > 'B' and 'ä' > 'z'", True),
    ],
)
def test_a_rule_gives(text: str, value: Any) -> None:
    found = value_of(text)
    assert found == value
    assert type(found) is type(value) or isinstance(found, Decimal)


def test_a_rule_travels_as_json() -> None:
    tree = check("amount > 5 EUR and any(account.deals as d where d.hot: d.id = id)", "deal", World()).tree
    assert from_json(to_json(tree)) == tree
    assert compile_rule(from_json(to_json(tree)))(INPUTS) is compile_rule(tree)(INPUTS)


@pytest.mark.parametrize("data", [None, [], {}, {"node": "import"}, {"node": "literal", "value": {"eval": "1"}}])
def test_json_that_is_no_tree_is_refused(data: object) -> None:
    with pytest.raises(BadTree):
        from_json(data)


def test_a_trace_says_what_every_part_was() -> None:
    rule = check("amount > 50000 EUR and hot", "deal", World())
    steps = [(step.depth, step.text, step.value) for step in trace(rule, INPUTS)]
    assert steps == [
        (0, "amount > 50000 EUR and hot", None),
        (1, "amount > 50000 EUR", True),
        (2, "amount", Money(Decimal(60000), "EUR")),
        (1, "hot", None),
    ]


def test_evaluating_needs_neither_parser_nor_database() -> None:
    """Workflows import the tree and its Python form."""
    code = (
        "import sys, crm_app.rules.python, crm_app.rules.tree_json, crm_app.rules.trace\n"
        "print([name for name in ('pyparsing', 'sqlalchemy') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
