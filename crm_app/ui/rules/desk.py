"""What the rule editor tells of a text: what is wrong with it, what it says, and what could come next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict
from uuid import UUID

from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.rule_type import RuleType
from crm_app.rules.check import check
from crm_app.rules.completion import complete
from crm_app.rules.errors import RuleError
from crm_app.rules.fixes import fix_of
from crm_app.rules.reading import reading
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.rules.value_words import Words

MOST_TYPED = 20_000


class RuleSuggestion(TypedDict):
    text: str
    label: str
    kind: str
    detail: str
    note: str


class RuleAnswer(TypedDict):
    """About `text`; `gives` is what values a field with that formula has. It is wrong from `start` to `end`, and `fix`
    goes from `fix_start` to `fix_end`. Of the place `caret`: the suggestions go from `word_start` to `word_end`.
    """

    text: str
    message: str
    start: int
    end: int
    fix: str
    fix_start: int
    fix_end: int
    reading: str
    gives: str
    caret: int
    word_start: int
    word_end: int
    suggestions: list[RuleSuggestion]
    is_eager: bool


def _nothing(_text: str) -> str:
    return ""


@dataclass(frozen=True)
class Desk:
    """For one input of a page: what its rule may name, and what it is to give (anything, where that is `None`).
    `tables` are the labels of the decision tables that fit; `gives` says what values a field with that formula has;
    `variables` are what a step may name besides fields.
    """

    definition: ObjectDefinition
    expect: RuleType | None
    scope: Scope
    name_of: Callable[[str, UUID], str]
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    gives: Callable[[str], str] = _nothing
    variables: Mapping[str, RuleType] = field(default_factory=dict[str, RuleType])

    @property
    def object(self) -> str:
        return self.definition.name

    @property
    def words(self) -> Words:
        return Words(self.scope, self.name_of)

    def checked(self, text: str) -> Rule:
        """Refuses with `RuleError`."""
        return check(text[:MOST_TYPED], self.object, self.scope, expect=self.expect, variables=self.variables)


def answer(desk: Desk, text: str, caret: int) -> RuleAnswer:
    """A `caret` below zero asks for no suggestions. An empty text is no rule, and nothing is wrong with it."""
    found = RuleAnswer(
        text=text, message="", start=0, end=0, fix="", fix_start=0, fix_end=0, reading="", gives="", caret=caret,
        word_start=0, word_end=0, suggestions=[], is_eager=False,
    )  # fmt: skip
    if text.strip():
        try:
            found["reading"] = reading(desk.checked(text).tree, desk.words)
            found["gives"] = desk.gives(text)
        except RuleError as error:
            _tell(found, error)
    if 0 <= caret <= len(text) < MOST_TYPED:
        _suggest(found, desk)
    return found


def _tell(found: RuleAnswer, error: RuleError) -> None:
    found["message"], (found["start"], found["end"]) = error.message, error.span
    fix = fix_of(error)
    if fix is not None:
        found["fix"], (found["fix_start"], found["fix_end"]) = fix.text, fix.span


def _suggest(found: RuleAnswer, desk: Desk) -> None:
    completion = complete(
        found["text"], found["caret"], desk.object, desk.scope, variables=desk.variables, decisions=desk.tables
    )
    found["word_start"], found["word_end"] = completion.start, completion.end
    found["is_eager"] = completion.is_eager
    found["suggestions"] = [
        RuleSuggestion(text=each.text, label=each.label, kind=each.kind, detail=each.detail, note=each.note)
        for each in completion.suggestions
    ]
