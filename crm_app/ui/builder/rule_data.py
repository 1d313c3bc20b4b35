"""What the rule editor tells of a text: what is wrong with it, what it says, and what could come next."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypedDict
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.formula import FIELD_TYPE as FORMULA_TYPE
from crm_app.fields.rule_type import BOOL, RuleType
from crm_app.kernel.errors import NotFound
from crm_app.rules.check import check
from crm_app.rules.completion import complete
from crm_app.rules.errors import RuleError
from crm_app.rules.fixes import fix_of
from crm_app.rules.reading import reading
from crm_app.rules.rule import Rule
from crm_app.rules.value_words import NO_FIELDS, Words
from crm_app.services import drafts
from crm_app.services.computing import info_of, resolved
from crm_app.services.live import Schema
from crm_app.services.rule_trials import record_name
from crm_app.services.rulebook import Rulebook
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import View

MOST_TYPED = 20_000
_DEFAULT, _FORMULA = "default", "formula"


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


@dataclass(frozen=True)
class RuleDesk:
    """For one input of the builder: what its rule may name, which is all of the draft, and what it is to give
    (anything, where that is `None`). `is_field`: what it gives is the value of a field.
    """

    definition: ObjectDefinition
    expect: RuleType | None
    package: Package
    scope: Rulebook
    name_of: Callable[[str, UUID], str]
    is_field: bool = False

    @property
    def object(self) -> str:
        return self.definition.name

    @property
    def words(self) -> Words:
        return Words(self.scope, self.name_of)

    def checked(self, text: str) -> Rule:
        """Refuses with `RuleError`."""
        return check(text[:MOST_TYPED], self.object, self.scope, expect=self.expect)

    def gives(self, text: str) -> str:
        """Of a field's formula what its values are; refuses those that no field can show."""
        if not self.is_field:
            return ""
        field = FieldDefinition(name="formula", label="Formula", type=FORMULA_TYPE.name, config={"formula": text})
        info = info_of(self.object, field, self.package, self.scope)
        return resolved(self.object, field, info, self.package).result_words


def rule_desk(work: UnitOfWork, view: View, place: str) -> RuleDesk:
    """`place` is the setting that holds the rule; `config/where@deal_company` is about the records of that list."""
    setting, _, over = place.partition("@")
    package = drafts.drafted(work, drafts.read_draft(work)).live
    scope = Schema(0, package).rules
    name = _listed(scope, view.name, over) if over else view.name
    definition = next((each for each in package.objects if each.name == name), None)
    if definition is None:
        raise NotFound("There is no such object to write a rule about.")
    expect = _expected(definition, view, setting)
    return RuleDesk(definition, expect, package, scope, partial(record_name, work), is_field=_is_formula(setting))


def _listed(scope: Rulebook, owner: str, name: str) -> str:
    """The object whose records a list of the owner holds."""
    info = (scope.fields(owner) or NO_FIELDS).get(name)
    return info.type.item.object if info and info.type.item else ""


def _expected(definition: ObjectDefinition, view: View, setting: str) -> RuleType | None:
    if setting == _DEFAULT:
        field = definition.all_fields.get(view.chosen)
        return field.rule_type if field else None
    return None if _is_formula(setting) else BOOL


def _is_formula(setting: str) -> bool:
    return setting.rpartition("/")[2] == _FORMULA


def answer(desk: RuleDesk, text: str, caret: int) -> RuleAnswer:
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


def _suggest(found: RuleAnswer, desk: RuleDesk) -> None:
    tables = {each.name: each.label for each in desk.package.decisions if each.object == desk.object}
    completion = complete(found["text"], found["caret"], desk.object, desk.scope, decisions=tables)
    found["word_start"], found["word_end"] = completion.start, completion.end
    found["is_eager"] = completion.is_eager
    found["suggestions"] = [
        RuleSuggestion(text=each.text, label=each.label, kind=each.kind, detail=each.detail, note=each.note)
        for each in completion.suggestions
    ]
