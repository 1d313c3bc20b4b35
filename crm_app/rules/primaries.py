"""What the grammar does with each construct it finds. Every action takes the text, the place and the
tokens.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_app.rules import literals, words
from crm_app.rules.errors import RuleError
from crm_app.rules.fold import Operator, fold
from crm_app.rules.limits import misspelt
from crm_app.rules.tree import (
    QUANTIFIERS,
    UNTYPED,
    Call,
    Context,
    If,
    ListOf,
    Literal,
    Member,
    Name,
    Node,
    Quantifier,
    Root,
    Span,
)

_NAMES = re.compile(words.NAME)
_WORDS: dict[str, Root] = {"old": "old", "vars": "vars"}


@dataclass(frozen=True)
class Mark:
    """A bracket, kept for where it ends."""

    text: str
    span: Span


def mark(_text: str, at: int, tokens: Any) -> Mark:
    return Mark(tokens[0], (at, at + len(tokens[0])))


def prefix(_text: str, at: int, tokens: Any) -> list[Operator]:
    """`not` and `-`, any number of them in a row."""
    return [
        Operator(part.group(), (at + part.start(), at + part.end()), is_prefix=True)
        for part in re.finditer(r"not|-", tokens[0])
    ]


def infix(_text: str, at: int, tokens: Any) -> Operator:
    """`not in` and `is not` become the plain word, negated; gaps inside become one space."""
    parts = tokens[0].split()
    word = " ".join(part for part in parts if part != "not")
    return Operator(word, (at, at + len(tokens[0])), is_negated="not" in parts)


def folded(_text: str, _at: int, tokens: Any) -> Node:
    return fold(list(tokens))


def atom(_text: str, at: int, tokens: Any) -> Node:
    found: str = tokens[0]
    span = (at, at + len(found))
    if found[0] == "'":
        return literals.text_literal(found, span)
    if found[0] == "@":
        return literals.stamp_literal(found, span)
    if found[0].isdigit():
        make = literals.number_literal if found[-1].isdigit() else literals.money_literal
        return make(found, span)
    if re.fullmatch(words.DURATION, found):
        return literals.duration_literal(found, span)
    return path(found, at)


def path(found: str, at: int) -> Node:
    """A dotted name: the first part is a word of the language, a root or a field; each further one is a
    hop.
    """
    names = [(part.group(), at + part.end()) for part in _NAMES.finditer(found)]
    first, end = names[0]
    span = (at, end)
    if first in {"true", "false"}:
        return _hops(literals.bool_literal(is_true=first == "true", span=span), names[1:])
    if first == "null":
        return _hops(Literal(value=None, type=UNTYPED, span=span), names[1:])
    if first in words.CONTEXT:
        return _hops(Context(name=first, span=span), names[1:])
    if first in words.ROOTS and len(names) > 1:
        return _rooted(first, names, at)
    return _hops(Name(name=first, span=span), names[1:])


def _rooted(first: str, names: list[tuple[str, int]], at: int) -> Node:
    if first != "steps":
        name, end = names[1]
        return _hops(Name(root=_WORDS[first], name=name, span=(at, end)), names[2:])
    if len(names) < 3:  # noqa: PLR2004 - steps, its id, the output
        raise RuleError("An output of a step is written `steps.ID.name`.", (at, names[-1][1]), expected="a name")
    return _hops(Name(root="steps", step=names[1][0], name=names[2][0], span=(at, names[2][1])), names[3:])


def _hops(base: Node, names: Sequence[tuple[str, int]]) -> Node:
    for name, end in names:
        base = Member(base=base, name=name, span=(base.span[0], end))
    return base


def _closed(node: Node, start: int, close: Mark) -> Node:
    """Widens the span to the bracket, and follows the names after it."""
    bracket = close.text.index(")") + 1
    end = close.span[0] + bracket
    names = [(part.group(), end + part.end()) for part in _NAMES.finditer(close.text[bracket:])]
    return _hops(replace(node, span=(start, end)), names)


def listed(_text: str, at: int, tokens: Any) -> Node:
    return ListOf(items=tuple(tokens[1:-1]), span=(at, tokens[-1].span[1]))


def choice(_text: str, at: int, tokens: Any) -> Node:
    condition, then, otherwise = tokens
    return If(condition=condition, then=then, otherwise=otherwise, span=(at, otherwise.span[1]))


def group(_text: str, at: int, tokens: Any) -> Node:
    if tokens[2].text[0] != ")":
        raise RuleError("Only the source of a quantifier gets a name.", tokens[2].span, found="as")
    return _closed(tokens[1], at, tokens[2])


def call(_text: str, at: int, tokens: Any) -> Node:
    """`min(a, b)` is a function, `min(deals: amount)` a quantifier: the second has one source and maybe
    clauses.
    """
    name = tokens[0].text.rstrip("( \t\r\n")
    marks = [token for token in tokens[1:] if isinstance(token, Mark)]
    values = [token for token in tokens[1:] if isinstance(token, Node)]
    if name in QUANTIFIERS and len(values) > 0 and not any(mark.text == "," for mark in marks):
        return _closed(_quantifier(name, marks, values), at, tokens[-1])
    misplaced_clause = next((mark for mark in marks if mark.text[0] not in ",)"), None)
    if misplaced_clause is not None:
        known = ", ".join(QUANTIFIERS)
        raise RuleError(f"Only {known} take `as`, `where` and `:`, over one list.", misplaced_clause.span, found=name)
    return _closed(Call(name=name, arguments=tuple(values)), at, tokens[-1])


def _quantifier(name: str, marks: list[Mark], values: list[Node]) -> Node:
    """The clauses come as marks (`as d where`, `:`, `)`), each but the last with the value after it."""
    kinds = [":" if mark.text[-1] == ":" else "where" for mark in marks[:-1]]
    aliases = [mark.text.split()[1].rstrip(":)") for mark in marks if mark.text.startswith("as")]
    if kinds not in ([], ["where"], [":"], ["where", ":"]) or any(mark.text.startswith("as") for mark in marks[1:]):
        raise RuleError("The order is `as`, then `where`, then `:`.", marks[0].span, found=name)
    parts = dict(zip(kinds, values[1:], strict=True))
    return Quantifier(
        name=name,
        source=values[0],
        alias=aliases[0] if aliases else "",
        where=parts.get("where"),
        body=parts.get(":"),
    )


def misplaced(text: str, at: int) -> RuleError:
    """What stands where the parser stopped, and what could have stood there."""
    rest = words.TOKEN.match(text, at)
    while rest is not None and rest.lastgroup == "gap":
        at = rest.end()
        rest = words.TOKEN.match(text, at)
    if rest is None:
        return RuleError("The rule ends too early.", (len(text), len(text)), expected=expected_at(text, at))
    found = rest.group()
    expected = expected_at(text, at)
    hint = misspelt(found) or words.FOREIGN.get(found, "")
    return RuleError(
        f"Expected {expected}, found `{found}`.", rest.span(), expected=expected, found=found, suggestion=hint
    )


def expected_at(text: str, at: int) -> str:
    """A value follows an operator, an opening bracket or a word such as `if`; else an operator or the end
    does.
    """
    last = ""
    kind = ""
    for token in words.TOKEN.finditer(text, 0, at):
        if token.lastgroup != "gap":
            last, kind = token.group(), token.lastgroup or ""
    is_value = kind in {"text", "stamp", "money", "number", "duration", "close"} or (
        kind == "name" and (last not in words.KEYWORDS or last in {"true", "false", "null", *words.CONTEXT})
    )
    if is_value:
        return "an operator"
    return {".": "a name", "as": "a name", "is": "`empty`"}.get(last, "a value")
