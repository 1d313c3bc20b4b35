"""`python -m tests.fuzz_rules --texts 1000000`: no text crashes the rule language, holds it up or runs host code.

Texts are rules that the language prints, mutated by someone who knows its grammar, and soups of words, of Unicode
and of bytes. Whatever is accepted is printed, read again and evaluated on a record.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from typing import Any

from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.grammar import parse
from crm_app.rules.inputs import Inputs
from crm_app.rules.printer import print_rule
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.words import TOKEN
from tests.processor import slowness
from tests.unit.rules import world
from tests.unit.rules.expressions import expression

MAX_MILLISECONDS = 50
ATTEMPTS = 3
SEEDS = 400
LONGEST = 20_000
HOST = ("exec", "compile", "import", "open", "os.", "subprocess.", "socket.", "ctypes.", "code.", "shutil.")
WORDS = (
    *("and", "or", "not", "in", "between", "is", "empty", "contains", "starts with", "ends with", "if", "then", "else"),
    *("any(", "all(", "count(", "sum(", "min(", "max(", "avg(", "where", "as x", ":", ",", ".", "(", ")", "[", "]"),
    *("+", "-", "*", "/", "%", "&", "=", "!=", "<", "<=", ">", ">=", "==", "&&", "||", "!", "^", "**", "?", ";", "\\"),
    *("1", "0", "2.5", "1e9", "0x10", "5 EUR", "5EUR", "99999999999999999999", "'t'", "''", "'", '"', "`", "#", "$"),
    *("@2026-01-31", "@2026-02-30", "@9999-12-31", "@0001-01-01T00:00Z", "@24:00", "@", "P30D", "P1Y", "PT", "-P9W"),
    *("amount", "stage", "name", "qty", "rate", "owner.region", "account.deals", "tags", "old.qty", "vars.word"),
    *("steps.first.total", "steps.", "me", "today", "now", "null", "true", "false", "id", "__class__", "self"),
    *("lower(", "round(", "coalesce(", "len(", "__import__('os')", "eval(", "open('/etc/passwd')", "{{7*7}}", "${x}"),
    *("\n", "\t", "\r", "\x00", "\x0b", "\u00a0", "\u200b", "\u202e", "\ufeff", "\ud800", "\U0001f4a9", "İ", "ß", "é"),
)


@dataclass
class Findings:
    """What went wrong, and how much was tried."""

    texts: int = 0
    accepted: int = 0
    slowest_milliseconds: float = 0.0
    problems: list[str] = field(default_factory=list[str])


class HostWatch:
    """Hears of whatever Python compiles, opens, imports or starts while a text is worked on."""

    def __init__(self) -> None:
        self.is_on = False
        self.heard: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_on and event.startswith(HOST):
            self.heard.append(f"{event} {arguments!r:.100}")


@cache
def _watch() -> HostWatch:
    """Made when it is first needed: it can never be taken off again, and hears of everything."""
    return HostWatch()


def fuzz(texts: int, seed: int, *, tell: Callable[[Findings], None] = lambda _findings: None) -> Findings:
    """The same texts for the same seed."""
    random = Random(seed)  # noqa: S311 - reproducible, not secret
    data = world.data(random, 10)
    record = next(iter(data.records["deal"].values()))
    inputs = replace(world.inputs(data, record, random), time_zone="UTC")
    findings = Findings()
    written = _texts(random)
    _try_one("year(now) = 1 and today > @2026-01-01", inputs, Findings())
    for _ in range(texts):
        _try_one(next(written), inputs, findings)
        findings.texts += 1
        if findings.texts % 20_000 == 0:
            tell(findings)
    return findings


def _try_one(text: str, inputs: Inputs, findings: Findings) -> None:
    milliseconds = _timed(text, inputs, findings)
    for _ in range(ATTEMPTS - 1):  # the garbage collector may have been at work
        if milliseconds > MAX_MILLISECONDS:
            milliseconds = min(milliseconds, _timed(text, inputs, findings) / slowness())
    findings.slowest_milliseconds = max(findings.slowest_milliseconds, milliseconds)
    if milliseconds > MAX_MILLISECONDS:
        findings.problems.append(f"{milliseconds:.0f} ms: {text!r}")


def _timed(text: str, inputs: Inputs, findings: Findings) -> float:
    """Milliseconds of processor time that reading and checking took, refusals included."""
    watch = _watch()
    watch.is_on = True
    start = time.thread_time()
    try:
        rule = _checked(text, findings)
        milliseconds = (time.thread_time() - start) * 1000
        if rule is not None:
            findings.accepted += 1
            _survives(rule, inputs)
    except Exception as crash:  # noqa: BLE001 - whatever it is, it is a finding
        milliseconds = 0.0
        findings.problems.append(f"{type(crash).__name__} {crash}: {text!r}")
    finally:
        watch.is_on = False
    if watch.heard:
        findings.problems.append(f"host code ({watch.heard[0]}): {text!r}")
        watch.heard.clear()
    return milliseconds


def _checked(text: str, findings: Findings) -> Rule | None:
    try:
        return check(text, "deal", world.World(), expect=None, variables=world.VARIABLES)
    except RuleError as refused:
        if not (refused.message and refused.render()) or not 0 <= refused.span[0] <= refused.span[1] <= len(text):
            findings.problems.append(f"a refusal that says nothing or points nowhere: {text!r}")
        return None


def _survives(rule: Rule, inputs: Inputs) -> None:
    again = parse(rule.text)
    if print_rule(again) != rule.text or parse(print_rule(again)) != again:
        raise AssertionError(f"printed as {rule.text!r}, then as {print_rule(again)!r}")
    compile_rule(rule)(inputs)


def _texts(random: Random) -> Iterator[str]:
    seeds = [print_rule(expression(random.randrange, random.choice((2, 3, 4)))) for _ in range(SEEDS)]
    while True:
        text = random.choice(seeds)
        for _ in range(random.choice((0, 1, 1, 1, 2, 3, 6))):
            text = random.choice(_MUTATIONS)(text, random, seeds)[:LONGEST]
        yield text


def _pieces(text: str) -> list[str]:
    return [token.group() for token in TOKEN.finditer(text)] or [""]


def _without_a_word(text: str, random: Random, _seeds: list[str]) -> str:
    pieces = _pieces(text)
    del pieces[random.randrange(len(pieces))]
    return "".join(pieces)


def _with_a_word(text: str, random: Random, _seeds: list[str]) -> str:
    pieces = _pieces(text)
    pieces.insert(random.randrange(len(pieces) + 1), f" {random.choice(WORDS)} ")
    return "".join(pieces)


def _another_word(text: str, random: Random, seeds: list[str]) -> str:
    pieces = _pieces(text)
    words = WORDS if random.randrange(2) else _pieces(random.choice(seeds))
    pieces[random.randrange(len(pieces))] = random.choice(words)
    return "".join(pieces)


def _swapped(text: str, random: Random, _seeds: list[str]) -> str:
    pieces = _pieces(text)
    first, second = random.randrange(len(pieces)), random.randrange(len(pieces))
    pieces[first], pieces[second] = pieces[second], pieces[first]
    return "".join(pieces)


def _spliced(text: str, random: Random, seeds: list[str]) -> str:
    other = _pieces(random.choice(seeds))
    pieces = _pieces(text)
    return "".join(pieces[: random.randrange(len(pieces))] + other[random.randrange(len(other)) :])


def _joined(text: str, random: Random, seeds: list[str]) -> str:
    return f"{text} {random.choice(('and', 'or', '=', '+', '&', 'in', ','))} {random.choice(seeds)}"


def _nested(text: str, random: Random, _seeds: list[str]) -> str:
    opening, closing = random.choice((
        ("(", ")"), ("[", "]"), ("not ", ""), ("-", ""), ("if ", " then a else b"), ("any(deals where ", ")"),
        ("lower(", ")"), ("count(", ")"), ("if true then ", " else 1"), ("sum(tags as x: ", ")"), ("a.", ""),
    ))  # fmt: skip
    times = random.choice((1, 2, 5, 20, 31, 32, 33, 100, 1500))
    return opening * times + text + closing * random.choice((times, times, times - 1, 0))


def _long(text: str, random: Random, _seeds: list[str]) -> str:
    pieces = _pieces(text)
    at = random.randrange(len(pieces))
    pieces[at] = pieces[at][:100] * random.choice((2, 3, 50, 1000, 4096))
    return "".join(pieces)


def _with_marks(text: str, random: Random, _seeds: list[str]) -> str:
    marks = "".join(chr(random.choice((random.randrange(128), random.randrange(0x110000)))) for _ in range(3))
    at = random.randrange(len(text) + 1)
    return text[:at] + marks + text[at + random.randrange(4) :]


def _soup_of_words(_text: str, random: Random, _seeds: list[str]) -> str:
    return random.choice((" ", "")).join(random.choice(WORDS) for _ in range(random.randrange(60)))


def _soup_of_bytes(_text: str, random: Random, _seeds: list[str]) -> str:
    encoding = random.choice(("utf-8", "latin-1", "utf-16-le"))
    return random.randbytes(random.randrange(200)).decode(
        encoding, "surrogateescape" if encoding == "utf-8" else "replace"
    )


_MUTATIONS: tuple[Callable[[str, Random, list[str]], str], ...] = (
    *(_without_a_word, _with_a_word, _another_word, _another_word, _swapped, _spliced, _joined, _nested),
    *(_long, _with_marks, _soup_of_words, _soup_of_bytes),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_rules", description=__doc__)
    parser.add_argument("--texts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    findings = fuzz(arguments.texts, arguments.seed, tell=_tell)
    _tell(findings)
    return 1 if findings.problems else 0


def _tell(findings: Findings) -> None:
    shown = "".join(f"\n  {problem[:300]}" for problem in findings.problems[:20])
    sys.stdout.write(
        f"{findings.texts:,} texts, {findings.accepted:,} of them rules, "
        f"slowest {findings.slowest_milliseconds:.1f} ms, {len(findings.problems)} problems{shown}\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
