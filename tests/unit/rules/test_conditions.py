"""Filters of lists become the rules that a person would write."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from crm_app.kernel.errors import Invalid
from crm_app.kernel.money import Money
from crm_app.rules.check import check, check_tree
from crm_app.rules.conditions import OPERATORS, Condition, condition_tree
from tests.unit.rules.world import World

SOMEBODY = UUID(int=7)


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ([], "true"),
        ([("stage", "eq", "won")], "stage = 'won'"),
        ([("name", "ne", "it's")], "name != 'it''s'"),
        ([("qty", "lt", -3), ("qty", "gt", -9)], "qty < -3 and qty > -9"),
        ([("amount", "ge", Money(Decimal(-5), "EUR"))], "amount >= -5 EUR"),
        ([("rate", "le", Decimal("2.5"))], "rate <= 2.5"),
        ([("stage", "in", ["won", "lost"])], "stage in ['won', 'lost']"),
        ([("owner", "not_in", [SOMEBODY])], f"owner not in ['{SOMEBODY}']"),
        ([("account.name", "contains", "x")], "account.name contains 'x'"),
        ([("name", "starts_with", "x")], "name starts with 'x'"),
        ([("name", "ends_with", "x")], "name ends with 'x'"),
        ([("tags", "contains", "won")], "tags contains 'won'"),
        (
            [("close_date", "between", (date(2026, 1, 1), date(2026, 2, 1)))],
            "close_date between @2026-01-01 and @2026-02-01",
        ),
        ([("note", "is_empty", None), ("hot", "is_not_empty", None)], "note is empty and hot is not empty"),
    ],
)
def test_conditions_read_as_a_rule(wanted: list[Condition], text: str) -> None:
    rule = check_tree(condition_tree(wanted), "deal", World())
    assert rule.text == text
    assert check(rule.text, "deal", World()) == rule


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        (("stage", "eq", "wno"), "not one of the options"),
        (("amont", "eq", 1), "Did you mean `amount`"),
        (("amount", "eq", 5), "Did you mean `5 EUR`"),
        (("name", "eq", None), "Did you mean `name is empty`"),
        (("name", "equals", "x"), "There is no operator 'equals'"),
        (("stage", "in", "won"), "takes a list"),
        (("qty", "between", [1]), "takes two values"),
        (("qty", "eq", 1.5), "can't compare with a float"),
        (("name", "eq", {"a": 1}), "can't compare with a dict"),
        (("a b", "eq", 1), "has no field 'a b'"),
        (("name or true", "eq", "x"), "has no field"),
    ],
)
def test_a_bad_condition_is_refused(condition: tuple[str, str, Any], message: str) -> None:
    with pytest.raises(Invalid, match=message):
        check_tree(condition_tree([condition]), "deal", World())


def test_every_operator_of_field_types_is_known() -> None:
    assert {"eq", "ne", "lt", "le", "gt", "ge", "in", "not_in", "contains", "is_empty", "is_not_empty"} <= set(
        OPERATORS
    )
