"""What may be written, and what is said of what may not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_app.rules.errors import RuleError
from crm_app.rules.grammar import parse
from crm_app.rules.printer import print_rule
from crm_app.rules.tree import Node, walk
from tests.processor import milliseconds, slowness
from tests.unit.rules.expressions import expressions

MAX_MILLISECONDS = 50
CANONICAL = (
    "amount > 10000 EUR and stage = 'won' and owner.region = 'EU'",
    "not a = b or c is not empty",
    "x not in [1, 2.5, 50 EUR]",
    "a between 1 and 2 and b",
    "--x * 2 - (1 - y)",
    "(if a then b else c).name & 'it''s'",
    "if a then 1 else if b then 2 else 3",
    "steps.ok.outcome = vars.x and old.stage != stage",
    "me.manager.name not starts with 'A'",
    "any(deals as d where d.amount > 5 EUR: d.stage = 'won')",
    "count(deals where open) > min(a, b)",
    "created_at + P1DT2H30M5.000001S > @2026-01-31T09:00Z",
    "(a or b) and c",
    "(a = b) = (c is empty)",
    "count + min + contains = starts",
    "empty is empty and empty.empty is not empty",
)
REFUSED = (
    ("", "A rule can't be empty.", ""),
    ("a = b = c", "Comparisons don't chain", ""),
    ("a == b", "'==' has no meaning here.", "="),
    ("a && b", "'&&' has no meaning here.", "and"),
    ("a AND b", "Expected an operator, found `AND`.", "and"),
    ('a = "b"', "Texts stand in single quotes.", "'…'"),
    ("a = 'b", "This text has no closing quote.", ""),
    ("a = 50k", "'50k' is neither a number nor a name.", ""),
    ("1 +", "The rule ends too early.", ""),
    ("(a", "The rule ends too early.", ""),
    ("a)", "Expected an operator, found `)`.", ""),
    ("a b", "Expected an operator, found `b`.", ""),
    ("a + not b", "`not` here needs parentheses", ""),
    ("a between 1", "`between` needs two ends", ""),
    ("@2026-02-30", "'@2026-02-30' is not a date", ""),
    ("@2026-01-31T09:00", "A time of day says which zone it is in.", "@2026-01-31T09:00Z"),
    ("P1M", "a month or a year has no fixed length", "P30D"),
    ("P9999999D", "A duration is at most 9,999 years.", ""),
    ("min(a, b where c)", "take `as`, `where` and `:`", ""),
    ("any(a: b where c)", "The order is `as`, then `where`, then `:`.", ""),
    ("a is 5", "After `is` stands `empty` or `not empty`.", "="),
    ("a is", "The rule ends too early.", ""),
    ("()", "Expected a value, found `)`.", ""),
    ("(a, b)", "Expected an operator, found `,`.", ""),
    ("(a as b)", "Only the source of a quantifier gets a name.", ""),
    ("steps.x", "An output of a step is written `steps.ID.name`.", ""),
    ("'\x00'", "NUL", ""),
    ("'\ud800'", "half of a character", ""),
)


@pytest.mark.parametrize("text", CANONICAL)
def test_canonical_text_is_printed_as_it_is_written(text: str) -> None:
    assert print_rule(parse(text)) == text


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("  a=1   and\tnot(b)", "a = 1 and not b"),
        ("(((a)))", "a"),
        ("(a or b) or c", "a or b or c"),
        ("a*(b*c)", "a * (b * c)"),
        ("a not  in[1]", "a not in [1]"),
        ("a is\nnot empty", "a is not empty"),
        ("@2026-01-31T10:00+01:00", "@2026-01-31T09:00Z"),
        ("P2W", "P14D"),
        ("1EUR", "1 EUR"),
    ],
)
def test_one_meaning_has_one_text(written: str, canonical: str) -> None:
    assert print_rule(parse(written)) == canonical


@pytest.mark.parametrize(("text", "message", "suggestion"), REFUSED)
def test_a_mistake_is_explained(text: str, message: str, suggestion: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse(text)
    assert message in refused.value.message
    assert refused.value.suggestion == suggestion


def test_a_mistake_is_shown_under_the_text() -> None:
    with pytest.raises(RuleError) as refused:
        parse("amount > 5 EUR\n  and stage == 'won'")
    assert refused.value.render().splitlines()[:2] == ["  and stage == 'won'", "            ^^"]


def test_every_part_knows_its_place() -> None:
    text = "not (a + 1 > 2) and lower( name ).b in [ 'x' ]"
    for node in walk(parse(text)):
        start, end = node.span
        assert parse(text[start:end]) == node


@given(expressions())
@settings(max_examples=200, deadline=None, database=None)
def test_parsing_what_was_printed_gives_the_same_tree(tree: Node) -> None:
    text = print_rule(tree)
    assert parse(text) == tree
    assert print_rule(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a" * 4097, "at most 4096 bytes"),
        (" or ".join(["a"] * 501), "at most 500 parts"),
        (" or ".join(["(a)"] * 251), "at most 500 parts"),
        ("(" * 33 + "a" + ")" * 33, "at most 32 deep"),
        ("not " * 33 + "a", "at most 32 deep"),
        ("if a then b else " * 33 + "c", "at most 32 deep"),
        ("+".join(["a"] * 40), "at most 32 deep"),
        ("any(a: any(b: any(c: any(d: e))))", "At most 3 of"),
        ("any(" * 4 + "a" + ")" * 4, "At most 3 of"),
    ],
)
def test_a_rule_has_limits(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        parse(text)


HEAVY = (
    " or ".join(["a"] * 499),
    "[" + ",".join(["1"] * 499) + "]",
    "f(f(f(a)))and " * 100 + "a",
    "(" * 31 + " or ".join(["(a)"] * 400) + ")" * 31,
    "(" * 30 + " or ".join(["(a)"] * 235) + ")" * 30,
    "(" * 31 + " or ".join(["a"] * 468) + ")" * 31,
    "or ".join(["any(a as b where c: d)"] * 120),
    "(((a)))or" * 160 + " a",
    "(((a)))or" * 124 + " a",
    "f(" * 30 + "1" + ")" * 30,
    "[]" * 2000,
    "'" * 4096,
    "-" * 4096,
    "a.b.c or " * 400 + "a",
    "not not not -a or " * 200 + "a",
    "if a then b else " * 31 + "c",
    "(" * 4096,
    "x between 1 and 2 and " * 90 + "x",
)


@pytest.mark.parametrize("text", HEAVY, ids=range(len(HEAVY)))
def test_no_text_takes_longer_than_50_ms(text: str) -> None:
    assert min(milliseconds(lambda: _outcome(text)) / slowness() for _ in range(5)) < MAX_MILLISECONDS


def _survives(text: str) -> None:
    tree, refused = _outcome(text)
    if tree is not None:
        assert parse(print_rule(tree)) == tree
    if refused is not None:
        assert refused.message
        assert 0 <= refused.span[0] <= refused.span[1] <= len(text)
        assert refused.render()


def _outcome(text: str) -> tuple[Node | None, RuleError | None]:
    try:
        return parse(text), None
    except RuleError as refused:
        return None, refused


PIECES = (
    *(
        "a",
        "b",
        "deals",
        "amount",
        "me",
        "now",
        "null",
        "true",
        "old",
        "vars.x",
        "steps.a.b",
        "1",
        "2.5",
        "5 EUR",
        "'t'",
    ),
    *(
        "@2026-01-31",
        "@2026-01-31T09:00Z",
        "P30D",
        "PT5S",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        ".",
        "+",
        "-",
        "*",
        "/",
        "%",
        "&",
    ),
    *("=", "!=", "<", "<=", "and", "or", "not", "in", "between", "is empty", "is not empty", "contains", "starts with"),
    *("if", "then", "else", "any(", "count(", "min(", "where", "as", "lower(", "'", '"', "@", "==", "\n", "€", "\x00"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(("", " ")))
@settings(max_examples=300, deadline=None, database=None)
def test_no_soup_of_words_crashes_the_parser(pieces: list[str], gap: str) -> None:
    _survives(gap.join(pieces))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None, database=None)
def test_no_text_crashes_the_parser(text: str) -> None:
    _survives(text)


@pytest.mark.parametrize(
    "text",
    [
        "sum(deals where close_date = @2026-03-29: amount)",
        "close_date = @2026-03-31-P1D",
        "at < @2026-03-31T09:00Z-PT1H",
    ],
)
def test_a_date_ends_where_the_next_sign_begins(text: str) -> None:
    tree = parse(text)
    assert parse(print_rule(tree)) == tree
