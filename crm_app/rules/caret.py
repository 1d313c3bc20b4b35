"""Where in an unfinished rule somebody is writing: the word, the path before it, the records in reach and what is
being compared. Works on tokens, because what is half written can't be parsed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_app.fields.rule_type import RuleType, ref
from crm_app.rules.checking import Frame
from crm_app.rules.scope import Scope
from crm_app.rules.tree import QUANTIFIERS
from crm_app.rules.words import KEYWORDS, TOKEN

SIGNS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_WORD = re.compile(r"[A-Za-z0-9_]*")
_REST_OF_TEXT = re.compile(r"[A-Za-z0-9_ ]*'")


@dataclass(frozen=True)
class Token:
    text: str
    kind: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        return self.kind == "name" and self.text not in KEYWORDS


@dataclass(frozen=True)
class Caret:
    """`word` is what is typed of the name or, where `is_text`, of the text at `start` to `end`; `path` are the names
    before it; `before` are the tokens before all that.
    """

    start: int
    end: int
    word: str
    path: tuple[str, ...]
    before: tuple[Token, ...]
    is_text: bool = False
    is_in_value: bool = False


def caret_at(text: str, at: int) -> Caret:
    """`is_in_value` in a number, a date or right after a text, where nothing can be completed."""
    at = max(0, min(at, len(text)))
    tokens = [Token(t.group(), t.lastgroup or "", *t.span()) for t in TOKEN.finditer(text, 0, at)]
    tokens = [token for token in tokens if token.kind != "gap"]
    quote = next((n for n, token in enumerate(tokens) if token.kind == "bad" and token.text == "'"), None)
    if quote is not None:
        return _in_text(text, at, tokens[: quote + 1])
    last = tokens[-1] if tokens and tokens[-1].end == at else None
    if last is not None and last.kind in {"number", "money", "stamp", "duration", "text", "foreign", "close"}:
        return Caret(at, at, "", (), tuple(tokens), is_in_value=True)
    word = ""
    if last is not None and last.kind == "name":
        word = tokens.pop().text
    names: list[str] = []
    while len(tokens) > 1 and tokens[-1].text == "." and tokens[-2].kind == "name":
        tokens.pop()
        names.insert(0, tokens.pop().text)
    rest = _WORD.match(text, at)
    return Caret(at - len(word), rest.end() if rest else at, word, tuple(names), tuple(tokens))


def _in_text(text: str, at: int, tokens: list[Token]) -> Caret:
    quote = tokens.pop()
    rest = _REST_OF_TEXT.match(text, at)
    end = rest.end() if rest else at
    return Caret(quote.start, end, text[quote.end : at], (), tuple(tokens), is_text=True)


@dataclass(frozen=True)
class Surroundings:
    """The records in reach, the innermost last, and what is open: `if`, or a quantifier whose list is being named."""

    frames: tuple[Frame, ...]
    is_in_if: bool
    is_in_source: bool


def surroundings(
    tokens: Sequence[Token],
    object: str,  # noqa: A002 - the product's word
    scope: Scope,
    variables: Mapping[str, RuleType],
) -> Surroundings:
    frames = [Frame(object, "", ref(object))]
    opened: list[_Open] = []
    for index, token in enumerate(tokens):
        if token.kind == "open" or token.text == "if":
            before = tokens[index - 1].text if index else ""
            kind = "if" if token.text == "if" else "list" if token.text == "(" and before in QUANTIFIERS else ""
            opened.append(_Open(kind, index + 1))
        elif token.kind == "close":
            _close(opened, frames)
        elif opened and opened[-1].kind == "list" and not opened[-1].has_frame:
            _note(opened[-1], tokens, index, frames, scope, variables)
    last = opened[-1] if opened else None
    is_in_source = last is not None and last.kind == "list" and not last.has_frame
    return Surroundings(tuple(frames), any(each.kind == "if" for each in opened), is_in_source)


@dataclass
class _Open:
    kind: str
    first: int
    alias_at: int = 0
    alias: str = ""
    has_frame: bool = False


def _close(opened: list[_Open], frames: list[Frame]) -> None:
    while opened and opened[-1].kind == "if":
        opened.pop()
    if opened and opened.pop().has_frame:
        frames.pop()


def _note(
    last: _Open,
    tokens: Sequence[Token],
    index: int,
    frames: list[Frame],
    scope: Scope,
    variables: Mapping[str, RuleType],
) -> None:
    """The alias of the elements, or the end of the list's name: from there on its elements are in reach."""
    token = tokens[index]
    if token.text == "as":
        last.alias_at = index
    elif last.alias_at and not last.alias and token.is_name:
        last.alias = token.text
    elif token.text in {"where", ":"}:
        names = [each.text for each in tokens[last.first : last.alias_at or index] if each.kind == "name"]
        found = path_type(names, tuple(frames), scope, variables)
        item = found.item if found is not None and found.item is not None else RuleType("null")
        last.has_frame = True
        is_record = item.kind == "ref"
        frames.append(Frame(item.object if is_record else "", last.alias or ("" if is_record else " "), item))


def path_type(
    names: Sequence[str], frames: tuple[Frame, ...], scope: Scope, variables: Mapping[str, RuleType]
) -> RuleType | None:
    """Of `owner.manager.name`; `None` where it leads nowhere."""
    if not names:
        return None
    first, *hops = names
    found = _first_type(first, frames, scope)
    if first in {"vars", "steps"} and found is None:
        return variables.get(".".join(names)) or variables.get(".".join(hops))
    if first == "old":
        found = ref(frames[0].object)
    for hop in hops:
        if found is None:
            return None
        found = _next_type(found, hop, scope)
    return found


def _next_type(base: RuleType, hop: str, scope: Scope) -> RuleType | None:
    """Of a field of the record that is pointed at, or of a part, as of an address."""
    if base.kind != "ref":
        return next((part.type for part in base.parts if part.name == hop), None)
    info = (scope.fields(base.object) or {}).get(hop)
    return info.type if info else None


def _first_type(name: str, frames: tuple[Frame, ...], scope: Scope) -> RuleType | None:
    aliased = next((frame for frame in reversed(frames[1:]) if frame.alias == name), None)
    if aliased is not None:
        return aliased.item
    info = (scope.fields(nearest_record(frames)) or {}).get(name)
    return info.type if info else None


def nearest_record(frames: tuple[Frame, ...]) -> str:
    """Whose fields bare names are."""
    return next(frame.object for frame in reversed(frames) if not frame.alias)


def operand_before(tokens: Sequence[Token]) -> tuple[list[str], int]:
    """The path that ends the tokens, and how many tokens are before it; no names where something else ends them."""
    names: list[str] = []
    at = len(tokens)
    while at and tokens[at - 1].is_name:
        names.insert(0, tokens[at - 1].text)
        at -= 1
        if not (at and tokens[at - 1].text == "."):
            break
        at -= 1
    return names, at


def compared_with(tokens: Sequence[Token]) -> list[str]:
    """The path on the left of the comparison whose right side comes next: `stage` after `stage = ` or
    `stage in ['won', `.
    """
    at = len(tokens)
    if at and tokens[at - 1].text in {"[", ","}:
        while at and tokens[at - 1].text != "[":
            at -= 1
        at -= 1
    elif at and tokens[at - 1].text == "and":
        start = next((n for n in range(at - 2, -1, -1) if tokens[n].text in {"between", "and", "or"}), -1)
        at = start + 1 if start >= 0 and tokens[start].text == "between" else 0
    at = _before_operator(tokens, at)
    return operand_before(tokens[:at])[0] if at > 0 else []


def _before_operator(tokens: Sequence[Token], at: int) -> int:
    """How many tokens stand before the operator that ends the first `at` tokens; 0 where none does."""
    last = tokens[at - 1].text if at > 0 else ""
    if last in SIGNS:
        return at - 1
    if last == "with":
        at -= 1
    elif last not in {"in", "between", "contains"}:
        return 0
    at -= 1
    return at - 1 if at > 0 and tokens[at - 1].text == "not" else at
