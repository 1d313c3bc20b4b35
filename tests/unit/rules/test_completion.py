"""What is offered where somebody writes; the caret stands at `|`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_app.rules.completion import Completion, Suggestion, complete
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import Node
from tests.unit.rules.expressions import expressions
from tests.unit.rules.test_reading import Labelled
from tests.unit.rules.world import VARIABLES


def at(text: str) -> Completion:
    before, _, after = text.partition("|")
    return complete(before + after, len(before), "deal", Labelled(), variables=VARIABLES)


def offered(text: str) -> list[str]:
    return [each.text for each in at(text).suggestions]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("am|", ["amount"]),
        ("Clos|", ["close_date"]),
        ("owner.|", ["id", "name", "region", "level", "manager"]),
        ("owner.manager.na|", ["name"]),
        ("old.sta|", ["stage"]),
        ("office.|", ["latitude", "longitude"]),
        ("account.home.lon|", ["longitude"]),
        ("stage = |", ["'new'", "'open'", "'won'", "'lost'"]),
        ("stage = 'w|", ["'won'", "'new'"]),
        ("stage = 'o|' and hot", ["'open'", "'won'", "'lost'"]),
        ("stage in ['won', |", ["'new'", "'open'"]),
        ("stage not in [|]", ["'new'", "'open'"]),
        ("tags contains |", ["'new'"]),
        ("account.owner = |", ["me", "owner"]),
        ("hot = |", ["true", "false", "hot"]),
        ("close_date >= |", ["today", "today + P30D", "today - P30D", "close_date"]),
        ("close_date between today and |", ["today"]),
        ("created_at > |", ["now"]),
        ("stage |", ["= ", "!= ", "in ", "not in ", "is empty"]),
        ("name |", ["= ", "!= ", "contains ", "starts with "]),
        ("amount |", ["= ", "!= ", "< "]),
        ("name starts with |", ["name", "note", "stage"]),
        ("stage = 'won' |", ["and ", "or "]),
        ("stage = account.name |", ["and ", "or "]),
        ("hot |", ["and ", "or ", "= "]),
        ("note is |", ["empty", "not empty"]),
        ("if hot |", ["and ", "or "]),
        ("lo|", ["lower("]),
        ("coal|", ["coalesce("]),
        ("any(account.|", ["id", "name"]),
        ("any(account.deals |", ["where ", "as ", ": "]),
        ("any(account.deals where st|", ["stage", "starts"]),
        ("any(account.deals as d where d.st|", ["stage", "starts"]),
        ("any(account.deals as dl: d|", ["dl"]),
        ("any(owner.reports: le|", ["level", "len("]),
        ("any(owner.reports: level > 1) and clo|", ["close_date"]),
        ("vars.bu|", ["budget"]),
        ("steps.first.|", ["total"]),
    ],
)
def test_the_best_comes_first(text: str, first: list[str]) -> None:
    assert offered(text)[: len(first)] == first


@pytest.mark.parametrize("text", ["amount > 5|", "amount > 50000 EUR|", "close_date > @2026|", "name = 'x'|", "a.b.c.|",
                                  "name = 'wo|", "(hot)|", "note as |", "close_date|"])  # fmt: skip
def test_nothing_is_offered_where_nothing_fits(text: str) -> None:
    assert offered(text) == []


def test_a_suggestion_replaces_the_whole_word() -> None:
    found = at("hot and sta|x = 'won'")
    assert (found.start, found.end, found.is_eager) == (8, 12, True)
    found = at("stage = 'w|on'")
    assert (found.start, found.end) == (8, 13)
    assert found.suggestions[0] == Suggestion("'won'", "Won", "option")


def test_functions_show_how_they_are_called() -> None:
    found = next(each for each in at("roun|").suggestions if each.text == "round(")
    assert found.detail.startswith("round(number")
    assert found.note.endswith(".")
    assert {"any(", "count("} <= set(offered("|"))


def test_a_list_that_nobody_asked_for_does_not_insist() -> None:
    assert not at("amount |").is_eager
    assert at("stage = |").is_eager
    assert at("owner.|").is_eager


def test_decision_tables_are_offered_by_name() -> None:
    def offered_of(text: str) -> list[str]:
        found = complete(text, len(text), "deal", Labelled(), decisions={"discount": "Discount"})
        return [each.text for each in found.suggestions]

    assert "decision(" in offered_of("deci")
    assert offered_of("decision(") == ["'discount'"]
    assert offered_of("decision('dis") == ["'discount'"]
    assert offered("decision('dis|") == []


@settings(max_examples=60)
@given(tree=expressions(), part=st.floats(0, 1))
def test_half_a_rule_never_breaks_it(tree: Node, part: float) -> None:
    text = print_rule(tree)
    cut = int(len(text) * part)
    found = complete(text, cut, "deal", Labelled(), variables=VARIABLES)
    assert 0 <= found.start <= found.end <= len(text)
    complete(text[:cut], cut, "deal", Labelled())


@settings(max_examples=100)
@given(text=st.text("abo'([.,:) =ifx-1@" + "\n", max_size=40), caret=st.integers(-5, 60))
def test_any_text_can_be_completed(text: str, caret: int) -> None:
    complete(text, caret, "deal", Labelled(), variables=VARIABLES)
