"""What a row of a condition can ask of a field, in the language's words and in people's."""

from collections.abc import Mapping

from crm_app.fields.rule_type import Kind
from crm_app.rules.reading_tests import verb
from crm_app.rules.tree import COMPARISONS, TEXT_TESTS

ANY_CASE = " in any case"
_EMPTY = ("is empty", "is not empty")
_OFFERED: Mapping[str, tuple[str, ...]] = {
    "bool": ("is true", "is false", *_EMPTY),
    "enum": ("=", "!=", "in", "not in", *_EMPTY),
    "text": (f"contains{ANY_CASE}", f"starts with{ANY_CASE}", "=", "!=", "contains", "not contains", "starts with",
             "ends with", "in", "not in", *_EMPTY),
    "ref": ("=", "!=", *_EMPTY),
    "list": ("contains", "not contains", *_EMPTY),
    "json": _EMPTY,
}  # fmt: skip
_WORDS = {
    "is true": "is yes",
    "is false": "is no",
    "in": "is one of",
    "not in": "is none of",
    "between": "is between",
    "not between": "is not between",
}


def offered_operators(kind: Kind) -> list[tuple[str, str]]:
    """What a field of that kind can be asked, each with its words."""
    found = _OFFERED.get(kind, (*COMPARISONS, "between", *_EMPTY))
    return [(operator, operator_words(operator, kind)) for operator in found]


def operator_words(operator: str, kind: Kind) -> str:
    bare = operator.removesuffix(ANY_CASE)
    plain_operator = bare.removeprefix("not ")
    is_negated = plain_operator != bare and plain_operator in TEXT_TESTS
    words = _WORDS.get(bare) or verb(plain_operator if is_negated else bare, kind, is_negated=is_negated)
    return words + (ANY_CASE if bare != operator else "")
