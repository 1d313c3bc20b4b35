"""Every construct, said as a sentence with the labels that people know."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings

from crm_app.rules.check import check, check_tree
from crm_app.rules.errors import RuleError
from crm_app.rules.reading import reading
from crm_app.rules.scope import FieldInfo
from crm_app.rules.tree import Node
from crm_app.rules.value_words import Words
from tests.unit.rules.expressions import expressions
from tests.unit.rules.world import VARIABLES, World

ADA = "00000000-0000-0000-0000-000000000007"
LABELS = {"close_date": "Closing on", "qty": "Quantity", "hot": "Is hot"}
STAGES = {"new": "New", "open": "Open", "won": "Won", "lost": "Lost"}


class Labelled:
    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        found = World().fields(object)
        if found is None:
            return None
        return {
            name: replace(info, label=LABELS.get(name, ""), options=STAGES if name in {"stage", "tags"} else {})
            for name, info in found.items()
        }


def _name_of(_object: str, identifier: UUID) -> str:
    return "Ada" if str(identifier) == ADA else "somebody"


def said(text: str) -> str:
    rule = check(text, "deal", Labelled(), expect=None, variables=VARIABLES)
    return reading(rule.tree, Words(Labelled(), _name_of))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("amount > 50000 EUR and stage = 'won'", "Amount is more than 50,000 EUR and Stage is Won"),
        ("stage = 'won' or stage = 'lost'", "Stage is Won or Stage is Lost"),
        ("hot and (qty < 3 or rate >= 2.5)", "Is hot is yes and (Quantity is less than 3 or Rate is at least 2.5)"),
        ("hot and qty <= 3 and rate != 1", "Is hot is yes, Quantity is at most 3 and Rate is not 1"),
        ("not hot", "Is hot is no"),
        ("hot = false", "Is hot is no"),
        ("not (hot and qty > 12000)", "It is not so that (Is hot is yes and Quantity is more than 12,000)"),
        ("not qty = 3", "Quantity is not 3"),
        ("not not hot", "Is hot is yes"),
        ("close_date < today", "Closing on is before today"),
        ("close_date >= @2026-01-31", "Closing on is on or after 2026-01-31"),
        ("close_date < today + P30D", "Closing on is before 30 days after today"),
        ("close_date - P1D = today", "1 day before Closing on is today"),
        ("created_at <= now", "Created at is at or before now"),
        ("created_at > @2026-01-31T09:00Z", "Created at is after 2026-01-31 09:00 UTC"),
        ("starts = @09:30", "Starts is 09:30"),
        ("lag > PT2H30M", "Lag is more than 2 hours 30 minutes"),
        ("lag > -PT1.5S", "Lag is more than minus 1.5 seconds"),
        ("name = 'it''s'", "Name is “it's”"),
        ("name < 'b'", "Name sorts before “b”"),
        ("lower(name) contains 'acme'", "Name contains “acme” in any case"),
        ("name not starts with 'x'", "Name does not start with “x”"),
        ("tags contains 'won'", "Tags contains Won"),
        ("owner = me", "Owner is the current user"),
        (f"owner = '{ADA}'", "Owner is Ada"),
        ("owner.manager.name ends with 'x'", "Owner's Manager's Name ends with “x”"),
        ("stage in ['won', 'lost']", "Stage is one of Won or Lost"),
        ("stage not in ['won', 'lost']", "Stage is none of Won or Lost"),
        ("stage in ['won']", "Stage is Won"),
        ("me in helpers", "The current user is among Helpers"),
        ("qty between 1 and 5", "Quantity is between 1 and 5"),
        ("qty not between 1 and 5", "Quantity is not between 1 and 5"),
        ("note is empty", "Note is empty"),
        ("account.home.latitude > 5", "Account's Home's latitude is more than 5"),
        ("not note is empty", "Note is not empty"),
        ("old.stage != stage", "Stage before the change is not Stage"),
        ("vars.budget > 1 EUR", "The variable budget is more than 1 EUR"),
        ("steps.first.total = 1", "Total of the step first is 1"),
        ("amount * (qty + 1) > -5 EUR", "Amount times (Quantity plus 1) is more than minus 5 EUR"),
        ("qty - (qty - 1)", "Quantity minus (Quantity minus 1)"),
        ("name & ' ' & note", "Name followed by “ ” followed by Note"),
        ("if hot then 'a' else 'b'", "“a” if Is hot is yes, otherwise “b”"),
        ("year(close_date) = 2026", "The year of Closing on is 2026"),
        ("coalesce(name, note, 'x')", "The first of Name, Note and “x” that is not empty"),
        ("round(rate, 2)", "Round(Rate, 2)"),
        ("['won', 'lost']", "“won” and “lost”"),
        ("-qty", "Minus Quantity"),
        ("null", "Nothing"),
        ("any(account.deals)", "There is at least one of Account's Deals"),
        (
            "any(account.deals as d where d.stage = 'open': d.amount > amount)",
            "For at least one of Account's Deals (where Stage is Open), Amount is more than this record's Amount",
        ),
        ("all(account.deals: amount > 5 EUR)", "For every one of Account's Deals, Amount is more than 5 EUR"),
        ("count(account.deals where hot) > 2", "The number of Account's Deals (where Is hot is yes) is more than 2"),
        ("sum(account.deals: amount)", "The sum of Amount of Account's Deals"),
        ("max(account.deals where hot: amount)", "The largest Amount of Account's Deals (where Is hot is yes)"),
        ("any(tags as t: t = 'won')", "For at least one of Tags, it is Won"),
        (
            "any(account.deals as d: any(helpers as h: h = d.owner))",
            "For at least one of Account's Deals, for at least one of this record's Helpers, it is Owner of d",
        ),
    ],
)  # fmt: skip
def test_a_rule_is_said_as_a_sentence(text: str, sentence: str) -> None:
    assert said(text) == sentence


@settings(max_examples=150)
@given(tree=expressions())
def test_every_rule_has_a_reading(tree: Node) -> None:
    try:
        rule = check_tree(tree, "deal", World(), expect=None, variables=VARIABLES)
    except RuleError:
        return
    assert reading(rule.tree, World()).strip()
