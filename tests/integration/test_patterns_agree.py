"""RE2 and PostgreSQL decide alike on every pattern that is offered, and what is not offered is refused in words."""

import os
from random import Random
from time import process_time

import psycopg
import pytest

from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.inputs import Inputs
from crm_app.rules.pattern import BadPattern, translated
from crm_app.rules.python import compile_rule
from tests.unit.rules.world import World

PATTERNS = int(os.environ.get("TRELLIS_PATTERNS", "150"))
TEXTS = (
    "",
    "a",
    "b",
    "ab",
    "aab",
    "a\nb",
    "\n",
    "A1_",
    "é",
    "日本",
    "a-b]",
    "x y",
    "\u00a0",
    "0",
    "٣",
    "\U0001d4b3",
    "\\",
)
_ATOMS = ("a", "b", "é", ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "[ab]", "[^ab]", "[a-c0]", r"[\d_-]", "日",
          r"\.", r"\\", r"\n", "-", "]", "[^\\s]", "^", "$", r"\A", r"\z", "\U0001d4b3", "[é-日]")  # fmt: skip
_REPEATS = ("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?")


def pattern(random: Random, depth: int) -> str:
    branches: list[str] = []
    for _ in range(random.choice((1, 1, 2))):
        pieces: list[str] = []
        for _ in range(random.choice((0, 1, 2, 3))):
            is_group = depth > 0 and random.random() < 0.3
            atom = f"({random.choice(('', '?:'))}{pattern(random, depth - 1)})" if is_group else random.choice(_ATOMS)
            pieces.append(atom + random.choice(_REPEATS))
        branches.append("".join(pieces))
    return "|".join(branches)


def decide(written: str, text: str) -> bool:
    quoted = (part.replace("'", "''") for part in (text, written))
    rule = check("matches('{}', '{}')".format(*quoted), "deal", World())
    return compile_rule(rule)(Inputs(record={}))


def test_re2_and_postgresql_decide_alike(database_url: str) -> None:
    random = Random(os.environ.get("TRELLIS_RULE_SEED", "1"))  # noqa: S311 - test data
    offered = 0
    with psycopg.connect(database_url) as connection:
        for _ in range(PATTERNS):
            written = pattern(random, 3)
            try:
                sql = translated(written)
            except BadPattern:
                continue
            offered += 1
            query = "SELECT array(SELECT t ~ %s FROM unnest(%s::text[]) WITH ORDINALITY u (t, n) ORDER BY n)"
            row = connection.execute(query, (sql, list(TEXTS))).fetchone()
            assert row is not None
            assert row[0] == [decide(written, text) for text in TEXTS], written
    assert offered > PATTERNS // 3


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("(a", "a `)` is missing"),
        ("a)", "closes nothing"),
        ("[a", "ends too early"),
        ("[z-a]", "goes backwards"),
        ("*a", "repeats nothing"),
        ("a**", "a repetition is repeated"),
        ("a{2}{3}", "a repetition is repeated"),
        ("a{1000}", "a repetition such as"),
        ("a{3,2}", "goes up"),
        ("((a{1,99}){1,99}){1,99}", "come to too much"),
        (r"\bword", r"`\b` isn't offered"),
        (r"(a)\1", r"`\1` isn't offered"),
        (r"\pL", r"`\p` isn't offered"),
        ("(?i)a", "match `lower(…)`"),
        ("[[:alpha:]]", "is written `\\["),
        ("^*", "can't be repeated"),
        ("a" * 501, "at most 500 characters"),
    ],
)
def test_what_is_not_offered_is_refused_in_words(written: str, said: str) -> None:
    with pytest.raises(RuleError) as refusal:
        check(f"matches(name, '{written}')", "deal", World())
    assert said in refusal.value.message


def test_a_pattern_is_written_out() -> None:
    with pytest.raises(RuleError, match="`pattern` is a pattern, written out"):
        check("matches(name, note)", "deal", World())


def test_no_pattern_blows_up(database_url: str) -> None:
    text = "a" * 20_000 + "!"
    with psycopg.connect(database_url) as connection:
        connection.execute("SET statement_timeout = '5s'")
        for written in ("(a*)*b", "(a|aa)+$", "(.*a){20}", "(a?){50}(a){50}", "(x+x+)+y"):
            began = process_time()
            decide(written, text[:3000])
            assert process_time() - began < 1, written
            connection.execute("SELECT %s::text ~ %s", (text, translated(written)))
