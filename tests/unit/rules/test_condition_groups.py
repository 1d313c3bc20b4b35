"""Rows of conditions and the text of a rule, each made of the other."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_app.fields.rule_type import RuleType
from crm_app.rules.check import check, check_tree
from crm_app.rules.condition_groups import (
    MAX_DEPTH,
    Group,
    Row,
    group_from,
    group_of,
    text_of,
)
from crm_app.rules.condition_operators import offered_operators
from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Node
from tests.unit.rules.expressions import expressions
from tests.unit.rules.world import TYPES, VARIABLES, World

ID = "00000000-0000-0000-0000-000000000007"
VALUES: dict[str, list[str]] = {
    "bool": ["true", "false"],
    "int": ["3", "-12"],
    "decimal": ["2.5", "-0.25"],
    "money": ["50000 EUR", "-2.5 EUR"],
    "text": ["x", "it's", "%", "ﬁ ΑΣ"],
    "enum": ["won", "lost"],
    "date": ["2026-01-31", "today", "today + P30D", "today - P1D"],
    "datetime": ["2026-01-31T09:00Z", "now", "now - PT2H"],
    "time": ["09:30", "23:59:59.5"],
    "duration": ["P30D", "-PT2H"],
    "ref": [ID],
}


def rows(text: str) -> Group | None:
    return group_of(check(text, "deal", World(), variables=VARIABLES), World())


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("amount > 50000 EUR", Group("and", (Row("amount", ">", ("50000 EUR",)),))),
        ("not hot", Group("and", (Row("hot", "is false"),))),
        (
            "stage = 'won' and (owner = me or owner.region = 'EU')",
            Group("and", (Row("stage", "=", ("won",)),
                          Group("or", (Row("owner", "=", ("me",)), Row("owner.region", "=", ("EU",)))))),
        ),
        ("stage in ['won', 'lost'] or note is empty",
         Group("or", (Row("stage", "in", ("won", "lost")), Row("note", "is empty")))),
        ("lower(name) contains 'acme'", Group("and", (Row("name", "contains in any case", ("acme",)),))),
        ("close_date between today and today + P30D",
         Group("and", (Row("close_date", "between", ("today", "today + P30D")),))),
        ("tags contains 'won'", Group("and", (Row("tags", "contains", ("won",)),))),
    ],
)  # fmt: skip
def test_simple_rules_are_rows(text: str, group: Group) -> None:
    assert rows(text) == group
    assert text_of(group, "deal", World()) == text


@pytest.mark.parametrize(
    "text",
    [
        "amount > fee",
        "amount * 2 > 5 EUR",
        "not (hot and qty = 1)",
        "old.stage = 'won'",
        "any(account.deals: amount > 5 EUR)",
        "lower(name) contains 'Acme'",
        "name = ''",
        "if hot then hot else hot",
        "5 < qty",
        "vars.flag",
        "true",
    ],
)
def test_what_rows_can_not_say_is_left_to_the_text(text: str) -> None:
    assert rows(text) is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (Row("amont", "=", ("5",)), "no field 'amont'"),
        (Row("name or true", "=", ("x",)), "no field"),
        (Row("qty", "=", ("many",)), "'many' is not a whole number"),
        (Row("qty", "=", ("1 or true",)), "is not a whole number"),
        (Row("close_date", "=", ("2026-99-99",)), "is not a date"),
        (Row("qty", "~", ("1",)), "no comparison '~'"),
    ],
)
def test_a_bad_row_is_refused_with_a_sentence(row: Row, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        text_of(Group("and", (row,)), "deal", World())


def test_rows_that_are_not_filled_in_yet_say_nothing() -> None:
    begun = Group("or", (Row("", ""), Row("qty", "between", ("1",)), Row("note", "is empty"), Group("and", ())))
    assert text_of(begun, "deal", World()) == "note is empty"
    assert text_of(Group("and", ()), "deal", World()) == ""


@pytest.mark.parametrize("raw", [None, 7, "x", [], {"items": [[]]}, {"items": [None]}, {"items": "x", "join": {}},
                                 {"field": {}, "operator": [], "values": {"a": 1}}])  # fmt: skip
def test_nothing_that_a_browser_sends_is_believed(raw: object) -> None:
    with suppress(RuleError):
        text_of(group_from(raw), "deal", World())


def test_conditions_nest_only_so_deep() -> None:
    raw: dict[str, Any] = {"field": "hot", "operator": "is true"}
    for _ in range(MAX_DEPTH + 2):
        raw = {"join": "and", "items": [raw]}
    with pytest.raises(RuleError):
        group_from(raw)


def _field(of: RuleType) -> RuleType:
    return of.item if of.item is not None else of


@st.composite
def _rows(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Row:
    name = draw(st.sampled_from([name for name, of in TYPES["deal"].items() if of.kind != "json"]))
    of = TYPES["deal"][name]
    operator = draw(st.sampled_from([operator for operator, _ in offered_operators(of.kind)]))
    if operator.startswith("is "):
        return Row(name, operator)
    count = 2 if operator.endswith("between") else draw(st.integers(1, 3)) if operator.endswith("in") else 1
    one = st.sampled_from(VALUES[_field(of).kind])
    values = tuple(draw(st.lists(one, min_size=count, max_size=count)))
    return Row(name, operator, tuple(value.lower() for value in values) if operator.endswith("case") else values)


def _groups(depth: int) -> st.SearchStrategy[Group]:
    """Of two or more, each level joined otherwise: anything else has a shorter form."""
    item = st.one_of(_rows(), _groups(depth - 1)) if depth else _rows()
    items = st.lists(item, min_size=2, max_size=4).map(tuple)
    return items.map(lambda found: Group("and" if depth % 2 else "or", found))


@settings(max_examples=80, deadline=None)
@given(group=_groups(2))
def test_rows_become_text_and_rows_again(group: Group) -> None:
    text = text_of(group, "deal", World())
    rule = check(text, "deal", World())
    found = group_of(rule, World())
    assert found is not None
    assert text_of(found, "deal", World()) == rule.text == text
    assert check(text, "deal", World()).tree == rule.tree
    assert _flat(found) == _flat(group)


def _flat(group: Group) -> Group:
    """As the language knows it: `and` within `and` is one."""
    items: list[Row | Group] = []
    for each in group.items:
        found = _flat(each) if isinstance(each, Group) else each
        items.extend(found.items if isinstance(found, Group) and found.join == group.join else (found,))
    return Group(group.join, tuple(items))


@settings(max_examples=80, deadline=None)
@given(tree=expressions(depth=3))
def test_whatever_is_shown_as_rows_says_the_same(tree: Node) -> None:
    try:
        rule = check_tree(tree, "deal", World(), variables=VARIABLES)
    except RuleError:
        return
    found = group_of(rule, World())
    assert found is None or check(text_of(found, "deal", World()), "deal", World()).tree == rule.tree
