"""The grammar. The only module that imports pyparsing.

Its shape keeps parsing linear, without packrat: every alternative is told by its first characters, what
must follow is demanded (`-`) rather than tried, and operators are one flat sequence whose precedence `fold`
applies.
"""

# pyright: reportUnknownMemberType=false
from typing import Any, cast

import pyparsing as pp

from crm_app.rules import limits, primaries, words
from crm_app.rules.errors import RuleError
from crm_app.rules.tree import Node

_KEYWORDS = "|".join(sorted(words.KEYWORDS - {"true", "false", "null", *words.CONTEXT}))
_FREE = rf"(?!(?:{_KEYWORDS})\b)"
_ATOM = (
    rf"{words.TEXT}|{words.STAMP}|{words.MONEY}|{words.NUMBER}|{words.DURATION}"
    rf"|{_FREE}{words.NAME}(?:{words.GAP}\.{words.GAP}{words.NAME})*(?![A-Za-z0-9_]|{words.GAP}[(])"
)
_ALIAS = rf"as{words.SPACE}{_FREE}{words.NAME}{words.GAP}"
_CALL = rf"{_FREE}{words.NAME}{words.GAP}\("
_CLAUSE = rf",|(?:{_ALIAS})?(?:where\b|:)"
_CLOSE = rf"(?:{_ALIAS})?\)(?:{words.GAP}\.{words.GAP}{words.NAME})*"


def _regex(pattern: str, action: Any = primaries.mark) -> pp.ParserElement:
    return pp.Regex(pattern).set_parse_action(action)


def _word(text: str) -> pp.ParserElement:
    return pp.Regex(rf"{text}\b").suppress()


def _build() -> pp.ParserElement:
    value = pp.Forward()
    arguments = pp.Opt(value + pp.ZeroOrMore(_regex(_CLAUSE) - value))
    call = (_regex(_CALL) - arguments - _regex(_CLOSE)).set_parse_action(primaries.call)
    group = (_regex(r"\(") - value - _regex(_CLOSE)).set_parse_action(primaries.group)
    items = pp.Opt(value + pp.ZeroOrMore(pp.Regex(",").suppress() - value))
    listed = (_regex(r"\[") - items - _regex(r"\]")).set_parse_action(primaries.listed)
    choice = _word("if") - value - _word("then") - value - _word("else") - value
    choice = choice.set_parse_action(primaries.choice)
    primary = [_regex(_ATOM, primaries.atom), group, call, listed, choice]
    prefixed = _regex(words.PREFIX, primaries.prefix) - pp.MatchFirst(primary)
    operand = pp.MatchFirst([*primary, prefixed])
    operation = _regex(words.INFIX, primaries.infix) - operand
    value <<= (operand + pp.ZeroOrMore(operation)).set_parse_action(primaries.folded)
    return (value + pp.StringEnd()).parse_with_tabs()


_GRAMMAR = _build()


def parse(text: str) -> Node:
    """The tree of a rule, without types. Refuses with `RuleError`; never recurses deeper than the limits
    allow.
    """
    try:
        limits.scan(text)
        tree = _parsed(text)
        limits.measure(tree)
    except RuleError as error:
        raise error.about(text) from None
    return tree


def _parsed(text: str) -> Node:
    if not text.strip():
        raise RuleError("A rule can't be empty.", (0, len(text)), expected="a value")
    try:
        return cast("Node", _GRAMMAR.parse_string(text)[0])
    except pp.ParseBaseException as error:
        raise primaries.misplaced(text, error.loc) from None
