"""Decision tables are rules: what they answer, and what is said of tables that can't be right."""

from datetime import date
from itertools import combinations, product
from random import Random
from typing import Any

import pytest

from crm_app.definitions.decision import DecisionDefinition, cell_rule
from crm_app.definitions.load import load_definition
from crm_app.kernel.money import Money
from crm_app.rules.check import check
from crm_app.rules.decision_analysis import Analysis, analysed
from crm_app.rules.errors import RuleError
from crm_app.rules.inputs import Inputs
from crm_app.rules.printer import print_rule
from crm_app.rules.python import compile_rule
from crm_app.rules.tree_json import from_json, to_json
from tests.unit.rules.world import STAGES, World

INPUTS = ("qty", "stage")
ROWS = ((">= 100", "'won', 'lost'", "1"), ("between 10 and 99", "-", "2"), ("-", "'open'", "3"))


def table(*rows: tuple[str, ...], inputs: tuple[str, ...] = INPUTS, name: str = "d", **more: Any) -> DecisionDefinition:
    body = {
        "format_version": 1,
        "name": name,
        "label": "D",
        "object": "deal",
        "inputs": [{"rule": each} for each in inputs],
        "rows": [{"when": list(row[:-1]), "then": row[-1]} for row in rows],
        **more,
    }
    return load_definition(DecisionDefinition, body)


class Deciding(World):
    def __init__(self, *tables: DecisionDefinition) -> None:
        self._tables = {each.name: each for each in tables}

    def decision(self, name: str, /) -> DecisionDefinition | None:
        return self._tables.get(name)


def answer(found: DecisionDefinition, text: str = "decision('d')", /, **values: Any) -> Any:
    rule = check(text, "deal", Deciding(found), expect=None)
    assert rule.text == text
    assert from_json(to_json(rule.tree)) == rule.tree
    return compile_rule(rule)(Inputs(record=values))


def test_the_first_row_that_hits_answers_and_else_the_otherwise() -> None:
    discount = table(*ROWS, otherwise="0")
    assert answer(discount, qty=150, stage="won") == 1
    assert answer(discount, qty=50, stage="open") == 2
    assert answer(discount, qty=150, stage="open") == 3
    assert answer(discount, qty=150, stage="new") == 0
    assert answer(discount) == 0
    assert answer(table(*ROWS), qty=1, stage="new") is None


def test_cells_are_tests_values_anything_or_rules() -> None:
    cells = table(
        ("is empty", "-", "'none'"),
        ("if qty > 5 and hot", "-", "'hot'"),
        ("not in [1, 2]", "in ['won']", "'other'"),
        ("", "'open'", "name"),
    )
    assert answer(cells) == "none"
    assert answer(cells, qty=6, hot=True) == "hot"
    assert answer(cells, qty=3, stage="won") == "other"
    assert answer(cells, qty=1, stage="open", name="Ann") == "Ann"


def test_a_long_table_of_amounts_says_what_its_rows_say() -> None:
    rows = [(str(number), "-", f"{number * 10} EUR") for number in range(200)]
    long = table(*rows, otherwise="5 EUR")
    for number in (0, 15, 16, 17, 31, 32, 150, 199):
        assert answer(long, qty=number) == Money(number * 10, "EUR")  # pyright: ignore[reportArgumentType]
    assert answer(long, qty=200) == Money(5, "EUR")  # pyright: ignore[reportArgumentType]


def test_what_all_rows_give_is_collected() -> None:
    rows = ((">= 1", "-", "2"), (">= 5", "-", "3"), (">= 9", "-", "7"))
    assert answer(table(*rows, hit="collect"), qty=6) == [2, 3]
    assert answer(table(*rows, hit="collect"), "decision('d') contains 7", qty=6) is False
    for combine, expected in (("sum", 5), ("min", 2), ("max", 3), ("count", 2)):
        assert answer(table(*rows, hit="collect", combine=combine), qty=6) == expected
    assert answer(table(*rows, hit="collect"), qty=0) == []


def test_a_table_is_part_of_any_rule_and_its_fields_are_what_the_rule_depends_on() -> None:
    rule = check("decision('d') >= 2 and hot", "deal", Deciding(table(*ROWS)))
    assert {name for _, name in rule.dependencies.fields} == {"qty", "stage", "hot"}
    assert print_rule(rule.tree) == "decision('d') >= 2 and hot"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("decision('x') = 1", "There is no decision table 'x' of deal."),
        ("any(account.owner.deals as o where o.qty = 1: decision('d') = 1)", ""),
        ("any(account.owner.reports where decision('d') = 1)", "There is no decision table 'd' of user."),
        ("decision(name) = 1", "takes the name of a decision table, written out"),
        ("decision('d', 1) = 1", "takes the name of a decision table, written out"),
        ("decision('d') = 'x'", "is int"),
    ],
)
def test_a_table_is_asked_by_its_name_about_its_own_object(text: str, said: str) -> None:
    if not said:
        check(text, "deal", Deciding(table(*ROWS)))
        return
    with pytest.raises(RuleError, match=said):
        check(text, "deal", Deciding(table(*ROWS)))
    with pytest.raises(RuleError, match="no decision table"):
        check("decision('d') = 1", "deal", World())


def test_tables_that_ask_each_other_in_a_circle_are_refused() -> None:
    one = table(("if decision('e') = 1", "1"), inputs=("qty",))
    other = table(("if decision('d') = 1", "1"), inputs=("qty",), name="e")
    with pytest.raises(RuleError, match="circle: d → e → d"):
        check("decision('d') = 1", "deal", Deciding(one, other))


def found(*rows: tuple[str, ...], inputs: tuple[str, ...] = INPUTS) -> Analysis:
    return analysed(table(*rows, inputs=inputs), World())


def test_rows_that_hit_together_are_found_with_an_example() -> None:
    both = found(("< 10", "-", "1"), ("between 5 and 20", "'won'", "2"), ("> 20", "-", "3"))
    [overlap] = both.overlaps
    assert (overlap.first, overlap.second) == (0, 1)
    assert dict(overlap.example or ()) == {"qty": 5, "stage": "won"}
    assert not found(("< 10", "-", "1"), (">= 10", "-", "2")).overlaps
    assert not found(("<= 10", "-", "1"), (">= 11", "-", "2")).overlaps
    assert found(("<= 10", "-", "1"), (">= 11", "-", "2"), inputs=("rate", "stage")).gap is not None


def test_a_gap_is_found_with_an_example_and_no_gap_is_said_where_there_is_none() -> None:
    assert dict(found(("< 10", "-", "1"), ("> 10", "-", "2")).gap or ()) == {"qty": 10, "stage": "new"}
    assert dict(found(("< 10", "-", "1"), (">= 10", "-", "2")).gap or ()) == {"qty": None, "stage": "new"}
    whole = found(("< 10", "-", "1"), (">= 10", "-", "2"), ("is empty", "-", "3"))
    assert (whole.gap, whole.is_gap_known) == (None, True)
    stages = found(("'new', 'open', 'won'", "1"), ("'lost'", "2"), inputs=("stage",))
    assert dict(stages.gap or ()) == {"stage": None}
    assert found(("true", "1"), ("false", "2"), ("is empty", "3"), inputs=("hot",)).gap is None
    amounts = found((">= 0 EUR", "1"), ("< 0 EUR", "2"), ("is empty", "3"), inputs=("amount",))
    assert dict(amounts.gap or ())["amount"].currency != "EUR"
    days = found(("< @2026-01-01", "1"), ("> @2026-01-01", "2"), ("is empty", "3"), inputs=("close_date",))
    assert dict(days.gap or ()) == {"close_date": date(2026, 1, 1)}


def test_a_row_that_those_before_it_take_everything_from_is_never_reached() -> None:
    assert found(("< 10", "-", "1"), ("-", "'won'", "2"), ("< 5", "'won'", "3")).unreached == (2,)


@pytest.mark.parametrize(
    ("rows", "inputs"),
    [
        ((("if qty > 5", "1"), ("if qty < 9", "2")), ("qty",)),
        (((">= rate", "1"), ("-", "2")), ("qty",)),
        (((">= 5", "1"), ("< 9", "2")), ("qty * 2",)),
        (((">= 5", "'x'", "1"), ("< 9", "-", "2")), ("account.size", "account.name")),
        ((("contains 'a'", "1"), ("contains 'b'", "2")), ("name",)),
        ((("< 1 EUR", "1"), ("> 0 USD", "2")), ("amount",)),
    ],
)
def test_what_can_not_be_decided_is_never_said_to_be_found(
    rows: tuple[tuple[str, ...], ...], inputs: tuple[str, ...]
) -> None:
    analysis = found(*rows, inputs=inputs)
    assert [overlap.example for overlap in analysis.overlaps] == [None]
    assert analysis.gap is None
    assert not analysis.is_gap_known or inputs != ("qty * 2",)


CELLS = ("-", "-", "< 3", ">= 3", "between 2 and 5", "4", "not in [1, 4]", "!= 2", "is empty", "is not empty")
STAGE_CELLS = ("-", "-", "'won'", "'new', 'open'", "!= 'lost'", "is empty", "not in ['won']")


@pytest.mark.parametrize("seed", range(4))
def test_overlaps_and_gaps_are_those_that_trying_every_record_finds(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable choice, not a secret
    for _ in range(25):
        rows = [(random.choice(CELLS), random.choice(STAGE_CELLS), "1") for _ in range(random.randrange(1, 5))]
        definition = table(*rows)
        conditions = [compile_rule(check(_whole(definition, row), "deal", World())) for row in range(len(rows))]
        hits: list[set[int]] = []
        for qty, stage in product((None, *range(-2, 9)), (None, *STAGES)):
            inputs = Inputs(record={"qty": qty, "stage": stage})
            hits.append({row for row, holds in enumerate(conditions) if holds(inputs) is True})
        analysis = analysed(definition, World())
        pairs = {pair for hit in hits for pair in combinations(sorted(hit), 2)}
        assert {(overlap.first, overlap.second) for overlap in analysis.overlaps} == pairs
        assert (analysis.gap is not None) == (set() in hits)
        assert set(analysis.unreached) == {
            row for row in range(len(rows)) if all(min(hit) < row for hit in hits if row in hit)
        }
        for example, wanted in [
            *((overlap.example, {overlap.first, overlap.second}) for overlap in analysis.overlaps),
            *([(analysis.gap, set[int]())] if analysis.gap else []),
        ]:
            holds_of = {
                row for row, holds in enumerate(conditions) if holds(Inputs(record=dict(example or ()))) is True
            }
            assert holds_of >= wanted
            assert wanted or not holds_of


def _whole(definition: DecisionDefinition, row: int) -> str:
    cells = [cell_rule(c.rule, cell) for c, cell in zip(definition.inputs, definition.rows[row].when, strict=True)]
    return " and ".join(f"({cell})" for cell in cells if cell) or "true"
