"""Texts with tags, as steps that write to people have them."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from crm_app.automation.step_type import Place, StepRun
from crm_app.definitions.template import tag_place, tags, with_tags
from crm_app.fields.rule_type import RuleType
from crm_app.rules.value_words import Words
from crm_app.services.targets import names_of
from crm_app.services.unit_of_work import UnitOfWork

Escape = Callable[[str], str]
Say = Callable[[Any, RuleType], str]


def check_text(place: Place, at: str, text: str) -> None:
    """Every tag is an expression over what the step may name."""
    for index, expression in enumerate(tags(text)):
        place.rule(f"{at}/{tag_place(index)}", expression, None)


def _as_it_is(text: str) -> str:
    return text


def filled(step: StepRun, at: str, text: str, escape: Escape = _as_it_is) -> str:
    """The text with what the runner may see in the place of each tag; what is empty, or closed to them, is nothing."""
    return filled_by(step, at, text, lambda value, of: escape(spoken(step.work, value, of)))


def filled_by(step: StepRun, at: str, text: str, say: Say) -> str:
    """The same for whoever is no person: `say` gives a value's words."""

    def said(index: int, _expression: str) -> str:
        name = f"{at}/{tag_place(index)}"
        return say(step.values[name], step.types[name])

    return with_tags(text, said)


def spoken(work: UnitOfWork, value: Any, of: RuleType) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, str) and of.kind != "enum":
        return value
    if isinstance(value, (list, tuple)):
        item = of.item or RuleType("null")
        return ", ".join(spoken(work, each, item) for each in value)  # pyright: ignore[reportUnknownVariableType]
    return Words(work, partial(_called, work)).value(value, of)


def _called(work: UnitOfWork, name: str, identifier: UUID) -> str:
    return next(iter(names_of(work, [(name, identifier)])), "")
