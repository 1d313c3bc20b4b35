"""The smallest set of clauses that made a rule what it was, held against trying every set."""

from collections.abc import Mapping
from itertools import combinations, product
from random import Random

import pytest

from crm_app.rules.check import check
from crm_app.rules.explain import Clause, Explanation, clauses_of, explain
from crm_app.rules.inputs import Inputs
from crm_app.rules.printer import print_rule
from crm_app.rules.smallest import MAX_REPEATED, smallest_change
from crm_app.rules.tree import If, Literal, Logic, Name, Node, Not
from tests.unit.rules.test_python import INPUTS
from tests.unit.rules.world import World

Outcomes = Mapping[Node, bool | None]


def why(text: str, *, wanted: bool, inputs: Inputs = INPUTS) -> Explanation:
    return explain(check(text, "deal", World()).tree, inputs, wanted=wanted)


def said(found: Explanation) -> list[tuple[str, bool | None, bool]]:
    return [(print_rule(clause.node), clause.value, clause.wanted) for clause in found.clauses]


@pytest.mark.parametrize(
    ("text", "wanted", "clauses"),
    [
        ("qty > 5 and rate > 9 and stage = 'lost'", True, [("rate > 9", False, True), ("stage = 'lost'", False, True)]),
        ("qty > 5 and rate < 10", False, [("qty > 5", True, False)]),
        ("qty > 9 or rate > 10", True, [("qty > 9", False, True)]),
        ("not (qty > 5 or hot)", True, [("qty > 5", True, False), ("hot", None, False)]),
        ("(qty > 9 and rate > 9) or stage = 'new'", True, [("stage = 'new'", False, True)]),
        ("if stage = 'won' then fee > 9 USD else qty > 1", True, [("stage = 'won'", True, False)]),
        ("if stage = 'won' then fee > 9 USD else qty > 8", True, [("fee > 9 USD", False, True)]),
        ("hot", True, [("hot", None, True)]),
        ("not hot", True, [("hot", None, False)]),
        ("amount > 5 USD", True, [("amount > 5 USD", None, True)]),
        ("qty > 5", True, []),
        ("qty > 5 and false", True, []),
        ("qty > 9 and rate > 9 or qty > 9 and stage = 'won'", True, [("qty > 9", False, True)]),
        ("qty > 5 or not qty > 5", False, []),
    ],
)  # fmt: skip
def test_the_clauses_that_made_it_so(text: str, *, wanted: bool, clauses: list[tuple[str, bool | None, bool]]) -> None:
    assert said(why(text, wanted=wanted)) == clauses


def test_a_clause_comes_with_the_values_that_decided_it() -> None:
    [clause] = why("qty * rate > 100 and owner.region = 'EU'", wanted=True).clauses
    assert [(print_rule(fact.node), fact.value) for fact in clause.facts] == [
        ("qty", 7),
        ("rate", INPUTS.record["rate"]),
    ]
    [clause] = why("count(account.deals where hot) > 3", wanted=True).clauses
    assert [(print_rule(fact.node), fact.value) for fact in clause.facts] == [("count(account.deals where hot)", 1)]


def _elements(clause: Clause) -> list[tuple[int, list[str]]]:
    return [
        (witness.element["id"].int, [print_rule(each.node) for each in witness.why.clauses])
        for witness in clause.witnesses
    ]


def test_a_quantifier_names_the_elements_that_made_it_so() -> None:
    [clause] = why("all(account.deals: qty > 2 and hot)", wanted=True).clauses
    assert _elements(clause) == [(11, ["qty > 2", "hot"]), (12, ["hot"])]
    [clause] = why("any(account.deals where stage = 'won': qty > 2)", wanted=False).clauses
    assert _elements(clause) == [(10, ["stage = 'won'"]), (12, ["stage = 'won'"])]
    [clause] = why("any(account.deals where stage = 'lost')", wanted=True).clauses
    assert not clause.witnesses
    [clause] = why("all(account.deals where stage = 'won': qty > 0)", wanted=False).clauses
    assert not clause.witnesses


CLAUSES = [Name(name=f"c{number}") for number in range(6)]


def random_tree(random: Random, depth: int) -> Node:
    kind = random.random() if depth else 1.0
    if kind < 0.35:
        operator = random.choice(("and", "or"))
        return Logic(
            operator=operator, terms=tuple(random_tree(random, depth - 1) for _ in range(random.choice((2, 3))))
        )
    if kind < 0.5:
        return Not(operand=random_tree(random, depth - 1))
    if kind < 0.62:
        parts = [random_tree(random, depth - 1) for _ in range(3)]
        return If(condition=parts[0], then=parts[1], otherwise=parts[2])
    if kind < 0.66:
        return Literal(value=random.choice((True, False, None)))
    return random.choice(CLAUSES)


def outcome(node: Node, known: Outcomes) -> bool | None:
    """SQL's logic, said once more and plainly."""
    match node:
        case Logic(operator=operator, terms=terms):
            values = [outcome(term, known) for term in terms]
            decisive = operator == "or"
            return decisive if decisive in values else None if None in values else not decisive
        case Not(operand=operand):
            value = outcome(operand, known)
            return None if value is None else not value
        case If(condition=condition, then=then, otherwise=otherwise):
            return outcome(then if outcome(condition, known) is True else otherwise, known)
        case Literal(value=value):
            return value if isinstance(value, bool) else None
        case _:
            return known[node]


def fewest(tree: Node, known: Outcomes, *, wanted: bool) -> list[Node] | None:
    clauses = list(known)
    for size in range(len(clauses) + 1):
        for chosen in combinations(clauses, size):
            for values in product((False, True), repeat=size):
                turned = {**known, **dict(zip(chosen, values, strict=True))}
                if (outcome(tree, turned) is True) is wanted:
                    return list(chosen)
    return None


@pytest.mark.parametrize("seed", range(8))
def test_no_set_is_smaller_than_the_one_found_and_the_one_found_is_enough(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable choice, not a secret
    for _ in range(120):
        tree = random_tree(random, 4)
        known = {clause: random.choice((True, False, None)) for clause in clauses_of(tree)}
        wanted = random.random() < 0.5
        found, is_smallest = smallest_change(tree, known, wanted=wanted)
        expected = fewest(tree, known, wanted=wanted)
        assert is_smallest
        assert [node for node, _ in found] == (expected or [])
        if expected is not None:
            assert (outcome(tree, {**known, **dict(found)}) is True) is wanted


def test_beyond_the_bound_the_set_is_still_enough_and_none_of_it_can_be_left_out() -> None:
    names = [Name(name=f"d{number}") for number in range(MAX_REPEATED + 3)]
    pairs = [Logic(operator="or", terms=(name, Not(operand=names[at - 1]))) for at, name in enumerate(names)]
    tree = Logic(operator="and", terms=(*pairs, Logic(operator="or", terms=(names[0], names[1]))))
    known: dict[Node, bool | None] = dict.fromkeys(names, False)
    found, is_smallest = smallest_change(tree, known, wanted=True)
    assert not is_smallest
    assert found == [] or outcome(tree, {**known, **dict(found)}) is True
    turned, _ = smallest_change(Not(operand=tree), dict.fromkeys(names, True), wanted=True)
    for left_out in turned:
        rest = {**dict.fromkeys(names, True), **dict(each for each in turned if each is not left_out)}
        assert outcome(Not(operand=tree), rest) is not True
