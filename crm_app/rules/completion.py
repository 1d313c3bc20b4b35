"""What could stand where somebody is writing in a rule."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from crm_app.fields.rule_type import Kind, RuleType
from crm_app.rules.caret import (
    Caret,
    Surroundings,
    caret_at,
    compared_with,
    nearest_record,
    operand_before,
    path_type,
    surroundings,
)
from crm_app.rules.check import NO_VARIABLES
from crm_app.rules.check_decisions import DECISION
from crm_app.rules.coercion import comparable
from crm_app.rules.library import FUNCTIONS
from crm_app.rules.primaries import expected_at
from crm_app.rules.reading_tests import verb
from crm_app.rules.scope import FieldInfo, Scope

SuggestionKind = Literal["field", "function", "option", "value", "operator", "keyword"]
MOST = 40
NO_DECISIONS: Mapping[str, str] = MappingProxyType({})

_QUANTIFIERS = {
    "any": ("any(list where …: …)", "Whether one of them fulfils it, or whether there is one."),
    "all": ("all(list where …: …)", "Whether every one of them fulfils it."),
    "count": ("count(list where …)", "How many there are."),
    "sum": ("sum(list where …: value)", "The sum of the values."),
    "min": ("min(list where …: value)", "The smallest of the values."),
    "max": ("max(list where …: value)", "The largest of the values."),
    "avg": ("avg(list where …: value)", "The average of the values."),
}
_EMPTY = {"is empty": "has no value", "is not empty": "has a value"}
_ORDERED = ("=", "!=", "<", "<=", ">", ">=")
_TESTS: Mapping[str, tuple[str, ...]] = {
    "bool": ("and", "or", "=", *_EMPTY),
    "enum": ("=", "!=", "in", "not in", *_EMPTY),
    "text": ("=", "!=", "contains", "starts with", "ends with", "in", "not in", *_EMPTY, "&"),
    "ref": ("=", "!=", "in", *_EMPTY),
    "list": ("contains", "not contains", *_EMPTY),
    "json": tuple(_EMPTY),
}
_VALUES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "bool": (("true", "yes"), ("false", "no")),
    "date": (("today", "this day"), ("today + P30D", "in 30 days"), ("today - P30D", "30 days ago")),
    "datetime": (("now", "this moment"), ("now - PT24H", "24 hours ago")),
}
_KEYWORDS = {"not": "the opposite", "if": "if … then … else …", "old": "what a field was before the change"}


@dataclass(frozen=True)
class Suggestion:
    """`text` goes in the place of what is typed; `detail` is a type or a signature, `note` a line of help."""

    text: str
    label: str
    kind: SuggestionKind
    detail: str = ""
    note: str = ""


@dataclass(frozen=True)
class Completion:
    """What to choose from, the best first, for the text from `start` to `end`. `is_eager` where somebody surely looks
    for one of them: part of a name is typed, or a closed list is being compared with.
    """

    start: int
    end: int
    suggestions: tuple[Suggestion, ...] = ()
    is_eager: bool = False


def complete(
    text: str,
    caret: int,
    object: str,  # noqa: A002 - the product's word
    scope: Scope,
    *,
    variables: Mapping[str, RuleType] = NO_VARIABLES,
    decisions: Mapping[str, str] = NO_DECISIONS,
) -> Completion:
    """`decisions` are the labels of the decision tables that can be asked, by their names."""
    at = caret_at(text, caret)
    if at.is_in_value:
        return Completion(at.start, at.end)
    here = _Here(at, surroundings(at.before, object, scope, variables), scope, variables, decisions)
    place = expected_at(text, at.before[-1].end if at.before else 0)
    found = _best(at.word, here.offers(place))
    if [each.text for each in found] == [at.word]:
        found = ()
    is_closed = bool(found) and found[0].kind == "option"
    return Completion(at.start, at.end, found, bool(at.word or at.path or is_closed))


def _best(word: str, offers: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    ranked = [(rank, each) for each in offers if (rank := _rank(word.lower(), each)) is not None]
    return tuple(each for _, each in sorted(ranked, key=lambda pair: pair[0])[:MOST])


def _rank(word: str, offer: Suggestion) -> int | None:
    text, label = offer.text.strip("'").lower(), offer.label.lower()
    if text.startswith(word):
        return 0
    if label.startswith(word):
        return 1
    return 2 if word in text or word in label else None


def type_words(of: RuleType) -> str:
    match of.kind:
        case "ref":
            return f"→ {of.object or 'any record'}"
        case "list" if of.item is not None:
            return f"list of {of.item.object or type_words(of.item)}"
        case "enum":
            return "option"
        case _:
            return of.kind


@dataclass(frozen=True)
class _Here:
    at: Caret
    around: Surroundings
    scope: Scope
    variables: Mapping[str, RuleType]
    decisions: Mapping[str, str]

    def offers(self, place: str) -> Iterator[Suggestion]:
        target = self._type(compared_with(self.at.before))
        if self._is_table_asked():
            for name, label in self.decisions.items():
                yield Suggestion(f"'{name}'", label, "option", "decision table")
        elif self.at.is_text:
            yield from self._options(target)
        elif self.at.path:
            yield from self._members()
        elif self._is_after_is():
            yield from _operators(("empty", "not empty"), "null")
        elif place == "an operator" and not self._is_after_with():
            yield from self._operators()
        elif place != "a name":
            yield from self._values(target)

    def _type(self, names: list[str]) -> RuleType | None:
        return path_type(names, self.around.frames, self.scope, self.variables)

    def _is_table_asked(self) -> bool:
        return [token.text for token in self.at.before[-2:]] == [DECISION, "("]

    def _is_after_is(self) -> bool:
        return self.at.before[-1:] != () and self.at.before[-1].text == "is"

    def _is_after_with(self) -> bool:
        """`contains` and `starts with` are no keywords, so they look like names to the parser's errors."""
        return bool(self.at.before) and self.at.before[-1].text in {"contains", "with"}

    def _options(self, target: RuleType | None) -> Iterator[Suggestion]:
        of = target.item if target is not None and target.item is not None else target
        if of is None or of.kind != "enum":
            return
        info = (self.scope.fields(of.object) or {}).get(of.field)
        for name in of.options:
            label = info.options.get(name, name) if info else name
            yield Suggestion(f"'{name}'", label, "option", info.label if info else "")

    def _members(self) -> Iterator[Suggestion]:
        if self.at.path[0] in {"vars", "steps"}:
            start = "".join(f"{name}." for name in self.at.path).removeprefix("vars.")
            for name, found in self.variables.items():
                if name.startswith(start) and "." not in (rest := name.removeprefix(start)):
                    yield Suggestion(rest, rest, "field", type_words(found))
            return
        base = self._type(list(self.at.path))
        for part in base.parts if base else ():
            yield Suggestion(part.name, part.name, "field", type_words(part.type))
        if base is not None and base.kind == "ref":
            yield from _fields(self.scope.fields(base.object) or {}, None)

    def _values(self, target: RuleType | None) -> Iterator[Suggestion]:
        if target is not None:
            yield from self._options(target)
            yield from _literals(target)
        for frame in self.around.frames[1:]:
            if frame.alias.strip():
                yield Suggestion(frame.alias, frame.alias, "field", type_words(frame.item), "the element")
        yield from _fields(self.scope.fields(nearest_record(self.around.frames)) or {}, target)
        for name in sorted({"vars" if "." not in each else "steps" for each in self.variables}):
            yield Suggestion(f"{name}.", name, "keyword", "", "what the steps before have made")
        yield from _callables()
        if self.decisions:
            yield Suggestion(f"{DECISION}(", DECISION, "function", "decision('name')", "What a decision table says.")

    def _operators(self) -> Iterator[Suggestion]:
        names, start = operand_before(self.at.before)
        found = self._type(names)
        is_compared = bool(compared_with(self.at.before[:start])) if names else True
        if self.around.is_in_source:
            yield from _operators(("where", "as"), "null")
            yield Suggestion(": ", ":", "operator", "", "what is asked of each, or added up")
        if found is not None and not is_compared:
            numbers = (*_ORDERED, "between", *_EMPTY, "+", "-", "*", "/")
            yield from _operators(_TESTS.get(found.kind, numbers), found.kind)
        else:
            yield from _operators(("and", "or"), "null")
        if self.around.is_in_if:
            yield from _operators(("then", "else"), "null")


def _callables() -> Iterator[Suggestion]:
    for name, (signature, description) in _QUANTIFIERS.items():
        yield Suggestion(f"{name}(", name, "function", signature, description)
    for each in FUNCTIONS:
        if each.name not in _QUANTIFIERS:
            yield Suggestion(f"{each.name}(", each.name, "function", each.signature, each.description)
    for word, note in _KEYWORDS.items():
        yield Suggestion("old." if word == "old" else f"{word} ", word, "keyword", "", note)


def _operators(names: Iterable[str], kind: Kind) -> Iterator[Suggestion]:
    for name in names:
        words = verb(name, kind)
        note = _EMPTY.get(name, "" if words == name else words)
        yield Suggestion(name if name.endswith("empty") else f"{name} ", name, "operator", "", note)


def _literals(target: RuleType) -> Iterator[Suggestion]:
    for text, note in _VALUES.get(target.kind, ()):
        yield Suggestion(text, text, "value", "", note)
    if target.kind == "ref" and target.object == "user":
        yield Suggestion("me", "me", "value", "", "the current user")


def _fields(fields: Mapping[str, FieldInfo], target: RuleType | None) -> Iterator[Suggestion]:
    """Those that can be compared with what is on the left first; related records last."""

    def order(info: FieldInfo) -> tuple[bool, bool]:
        return (target is not None and not comparable(target, info.type), bool(info.inverse))

    for info in sorted(fields.values(), key=order):
        label = info.label or info.name
        yield Suggestion(info.name, label, "field", type_words(info.type))
