"""The words and marks of the language, and what people write instead of them."""

import re

KEYWORDS = frozenset({
    "and", "or", "not", "in", "between", "is", "if", "then", "else", "true", "false", "null",
    "me", "today", "now", "where", "as",
})  # fmt: skip
ROOTS = ("old", "vars", "steps")
CONTEXT = ("me", "today", "now")

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
GAP = r"[ \t\r\n]*"
SPACE = r"[ \t\r\n]+"
TEXT = r"'(?:[^']|'')*'"
# A whole date or time where there is one, so that `@2026-01-31: total` and `@2026-01-31-P1D` end where they should;
# else whatever looks like one, for the message to show.
STAMP = (
    r"@[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+\-][0-9]{2}:[0-9]{2})?)?(?![0-9T.Z])"
    r"|@[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?![0-9T.Z])"
    r"|@[0-9][0-9T:Z.+\-]*"
)
CODE = r"(?!AND\b|NOT\b)[A-Z]{3}\b"
NUMBER = r"[0-9]+(?:\.[0-9]+)?(?![A-Za-z0-9_])"
MONEY = rf"[0-9]+(?:\.[0-9]+)?{GAP}{CODE}"
DURATION = r"P(?=[0-9]|T[0-9])(?:[0-9]+[YMWD])*(?:T(?:[0-9]+(?:\.[0-9]+)?[HMS])+)?(?![A-Za-z0-9_])"
PREFIX = rf"(?:(?:not\b|-){GAP})+"
INFIX = (
    rf"(?:!=|<=|>=|=|<|>|\+|-|&|\*|/|%|(?:and|or)\b|is\b(?:{SPACE}not\b)?"
    rf"|(?:not{SPACE})?(?:in\b|between\b|contains\b|starts{SPACE}with\b|ends{SPACE}with\b))"
)

TOKEN = re.compile(
    rf"(?P<gap>[ \t\r\n]+)|(?P<text>{TEXT})|(?P<stamp>{STAMP})|(?P<money>{MONEY})|(?P<number>{NUMBER})"
    rf"|(?P<duration>{DURATION})|(?P<name>{NAME})|(?P<open>[(\[])|(?P<close>[)\]])"
    r"|(?P<foreign>==+|&&|\|\||<>|!(?!=)|=>|[0-9][A-Za-z0-9_]*)|(?P<mark>!=|<=|>=|[=<>+\-&*/%.,:])"
    r"|(?P<bad>.)",
    re.DOTALL,
)
FOREIGN = {"==": "=", "===": "=", "&&": "and", "||": "or", "<>": "!=", "!": "not", "=>": ">="}
MISSPELT = {
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "True": "true",
    "False": "false",
    "None": "null",
    "NULL": "null",
}
