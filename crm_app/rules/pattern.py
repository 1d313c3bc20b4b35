"""Patterns of `matches`: the part of RE2's language that PostgreSQL's engine decides alike, translated to it.

Neither engine backtracks over it. What is left out means something else there, or nothing: word boundaries, flags,
named classes of letters, references.
"""

from dataclasses import dataclass

MAX_LENGTH = 500
MAX_REPEATS = 100
MAX_SIZE = 1000
_CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\u0009\u000A\u000C\u000D\u0020"}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_ANCHORS = {"A": "^", "z": "$"}


class BadPattern(ValueError):
    """The message goes on from: the pattern can't be `…`."""


@dataclass(frozen=True)
class _Piece:
    """`size` is what it comes to with every repetition written out."""

    text: str
    size: int = 1
    is_anchor: bool = False


def translated(pattern: str) -> str:
    """As PostgreSQL's advanced regular expression. Refuses with `BadPattern`."""
    if len(pattern) > MAX_LENGTH:
        raise BadPattern(f"a pattern has at most {MAX_LENGTH} characters")
    reader = _Reader(pattern)
    whole = reader.alternatives()
    if not reader.is_done:
        raise BadPattern("a `)` closes nothing; a bracket that is meant itself is written `\\)`")
    return whole.text


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._pattern)

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self, wanted: str) -> bool:
        is_there = self._pattern.startswith(wanted, self._at)
        self._at += len(wanted) * is_there
        return is_there

    def _next(self) -> str:
        if self.is_done:
            raise BadPattern("it ends too early")
        self._at += 1
        return self._pattern[self._at - 1]

    def alternatives(self) -> _Piece:
        branches = [self._branch()]
        while self._take("|"):
            branches.append(self._branch())
        if len(branches) == 1:
            return branches[0]
        return _sized("(?:" + "|".join(branch.text for branch in branches) + ")", sum(b.size for b in branches))

    def _branch(self) -> _Piece:
        pieces: list[_Piece] = []
        while self._peek() not in {"", "|", ")"}:
            pieces.append(self._repeated())
        text = "".join(piece.text for piece in pieces) or "(?:)"
        return _sized(text, sum(piece.size for piece in pieces))

    def _repeated(self) -> _Piece:
        piece = self._atom()
        low_high = self._repetition()
        if low_high is None:
            return piece
        if piece.is_anchor:
            raise BadPattern("`^` and `$` can't be repeated")
        self._take("?")
        if self._peek() in {"*", "+", "?"} or self._repetition() is not None:
            raise BadPattern("a repetition is repeated; put what is repeated into brackets")
        text, times = low_high
        return _sized(f"(?:{piece.text}){text}", piece.size * times)

    def _repetition(self) -> tuple[str, int] | None:
        """How it is written, and how often it stands there at most, as far as that is bounded."""
        for mark in ("*", "+", "?"):
            if self._take(mark):
                return mark, 2
        if not self._take("{"):
            return None
        low, comma, high = self._until("}").partition(",")
        bounds = [low, *([high] if high else [])]
        if not all(bound.isascii() and bound.isdigit() and len(bound) <= len(str(MAX_REPEATS)) for bound in bounds):
            raise BadPattern("`{` starts a repetition such as `{2}` or `{2,5}`; a brace itself is written `\\{`")
        most = max(int(bound) for bound in bounds)
        if most > MAX_REPEATS or (high and int(high) < int(low)):
            raise BadPattern(f"a repetition goes up, to {MAX_REPEATS} at most")
        return f"{{{int(low)}{comma}{int(high) if high else ''}}}", most + 1

    def _until(self, end: str) -> str:
        stop = self._pattern.find(end, self._at)
        if stop < 0:
            raise BadPattern(f"a `{end}` is missing")
        found = self._pattern[self._at : stop]
        self._at = stop + 1
        return found

    def _atom(self) -> _Piece:
        match self._next():
            case "(":
                return self._group()
            case "[":
                return self._class()
            case ".":
                return _Piece(r"[^\u000A]")
            case "^" | "$" as anchor:
                return _Piece(anchor, is_anchor=True)
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{" as mark:
                raise BadPattern(f"`{mark}` repeats nothing; the character itself is written `\\{mark}`")
            case mark:
                return _Piece(_character(mark))

    def _group(self) -> _Piece:
        if self._take("?") and not self._take(":"):
            raise BadPattern("`(?` with flags or names isn't offered; to ignore case, match `lower(…)`")
        inner = self.alternatives()
        if not self._take(")"):
            raise BadPattern("a `)` is missing")
        return _Piece(f"(?:{inner.text})", inner.size)

    def _escape(self) -> _Piece:
        mark = self._next()
        if mark in _ANCHORS:
            return _Piece(_ANCHORS[mark], is_anchor=True)
        if mark.lower() in _CLASSES:
            return _Piece(f"[{'^' * mark.isupper()}{_CLASSES[mark.lower()]}]")
        return _Piece(_character(_literal(mark)))

    def _class(self) -> _Piece:
        negation = "^" if self._take("^") else ""
        parts: list[str] = []
        while not self._take("]"):
            parts.append(self._member())
        if not parts:
            raise BadPattern("`[]` holds nothing; a bracket itself is written `\\]`")
        return _Piece(f"[{negation}{''.join(parts)}]")

    def _member(self) -> str:
        r"""One character, a range of them, or one of `\d`, `\w` and `\s`."""
        first = self._next()
        if first == "[":
            raise BadPattern("a `[` between square brackets is written `\\[`")
        if first == "\\" and self._peek() in _CLASSES:
            return _CLASSES[self._next()]
        low = _literal(self._next()) if first == "\\" else first
        if self._peek() != "-" or self._pattern[self._at + 1 : self._at + 2] in {"]", ""}:
            return _character(low)
        self._at += 1
        high = self._next()
        high = _literal(self._next()) if high == "\\" else high
        if high < low or high == "[":
            raise BadPattern(f"the range `{low}-{high}` goes backwards")
        return f"{_character(low)}-{_character(high)}"


def _literal(mark: str) -> str:
    if mark in _ESCAPED:
        return _ESCAPED[mark]
    if mark.isascii() and not mark.isalnum() and mark.isprintable() and mark != " ":
        return mark
    raise BadPattern(f"`\\{mark}` isn't offered")


def _character(mark: str) -> str:
    if mark.isascii() and mark.isalnum():
        return mark
    code = ord(mark)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"  # noqa: PLR2004 - the end of the first plane


def _sized(text: str, size: int) -> _Piece:
    if size > MAX_SIZE:
        raise BadPattern("its repetitions come to too much")
    return _Piece(text, size)
