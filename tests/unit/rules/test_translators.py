"""What the conformance suites stand on, where their files are not beside the project: other languages' expressions
become rules.
"""

from decimal import Decimal
from typing import Any

import pytest

from tests.conformance import cel, cel_grammar, feel, feel_grammar, feel_tokens, zen, zen_grammar
from tests.conformance.runner import Outcome, run
from tests.conformance.source import ERROR, Case

ROWS = {"rows": [{"price": 15, "tags": ["a"]}, {"price": 5, "tags": []}]}


def outcome(language: str, text: str, expected: Any = None) -> Outcome:
    if language == "zen":
        case = Case("zen", text, text, expected, lambda: zen_grammar.parse(text), ROWS)
        return run(case, zen.DIALECT, zen.same)
    if language == "feel":
        read = lambda: feel_grammar.parse(text, feel_tokens.BUILT_IN)  # noqa: E731 - as the others
        return run(Case("tck", text, text, expected, read, is_null_error=expected is None), feel.DIALECT, feel.same)
    return run(Case("cel", text, text, expected, lambda: cel_grammar.parse(text)), cel.DIALECT, cel.same)


@pytest.mark.parametrize(
    ("language", "text", "rule", "expected"),
    [
        (
            "zen",
            "sum(map(filter(rows, #.price > 10), #.price))",
            "sum(rows as each1 where each1.price_ > 10: each1.price_)",
            15,
        ),
        ("zen", "5 not in (5..9]", "not (5 > 5 and 5 <= 9)", True),
        ("zen", "'a' + 'b' == 'ab' ? 1 / 2 : 2", "if 'a' & 'b' = 'ab' then 1.0 / 2 else 2", Decimal("0.5")),
        ("feel", "every x in [1, 2] satisfies x < 3", "all([1, 2] as each1: each1 < 3)", True),
        ("feel", "null = 1", "1 is empty", False),
        ("feel", "2 in (< 1, [2..4])", "2 < 1 or 2 between 2 and 4", True),
        (
            "cel",
            "[1, 2].exists(e, e == 2) && !('x' in ['y'])",
            "any([1, 2] as each1: each1 = 2) and not 'x' in ['y']",
            True,
        ),
        ("cel", "7 / 2", "7 / 2", 3),
    ],
)
def test_an_expression_becomes_a_rule(language: str, text: str, rule: str, expected: Any) -> None:
    found = outcome(language, text, expected)
    assert found.rule is not None, found.reason
    assert (found.rule.text, found.status) == (rule, "passed"), found.reason


def test_what_errs_when_it_runs_is_refused_before_it_is_saved() -> None:
    assert outcome("feel", '1 + "x"').status == "refused"
    assert outcome("cel", "nobody == 1", ERROR).status == "refused"
    assert outcome("cel", "1 / 0", ERROR).status == "passed"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zen", "map([1, 2], # * 2)[0] + a"),
        ("feel", "5 instance of number"),
        ("cel", "b'x' == b'x'"),
        ("cel", "{'a': 1}"),
    ],
)
def test_what_rules_lack_on_purpose_is_told(language: str, text: str) -> None:
    assert outcome(language, text, 1).status == "untranslatable"
