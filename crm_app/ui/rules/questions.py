"""The rule editor's questions, for each page with rules: every one names the place of the rule; nothing is kept."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.ids import parse_id
from crm_app.services import lists
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.refusals import attempt
from crm_app.ui.rules.desk import MOST_TYPED, Desk, RuleAnswer, answer
from crm_app.ui.rules.rows import (
    NO_ROWS,
    RuleChoice,
    RuleField,
    RuleRows,
    field_target,
    operators_by_kind,
    rows_of,
    rule_fields,
    written,
)
from crm_app.ui.rules.trial import NO_TRIAL, RuleTrial, tried

_KEPT_ANSWERS = 12
_MOST_NAMES = 8
_MAX_WORDS = 100
Desks = Callable[[UnitOfWork, str], Desk]


class RuleQuestions(rx.State, mixin=True):
    """`answers` are the last ones, by setting; the rest belongs to the one rule that is open in full."""

    answers: rx.Field[dict[str, RuleAnswer]] = rx.field(default_factory=dict)
    rows: RuleRows = NO_ROWS
    fields: rx.Field[list[RuleField]] = rx.field(default_factory=list)
    operators: rx.Field[dict[str, list[RuleChoice]]] = rx.field(default_factory=dict)
    names: rx.Field[list[RuleChoice]] = rx.field(default_factory=list)
    trial: RuleTrial = NO_TRIAL

    @rx.event
    async def look(self, place: str, text: str, caret: int) -> Any:
        """While somebody types."""
        desk_of = await self._desks()
        setting, typed, at = _text(place), _text(text), caret if isinstance(caret, int) else -1
        found, refusal = await attempt(self, lambda work: answer(desk_of(work, setting), typed, at))
        if found is not None:
            self._keep(setting, found)
        return refusal

    @rx.event
    async def weigh(self, place: str, text: str) -> Any:
        """Whether the text can be shown as rows of conditions, and as which."""
        desk_of = await self._desks()
        setting, typed = _text(place), _text(text)

        def weighed(work: UnitOfWork) -> tuple[RuleRows, list[RuleField]]:
            desk = desk_of(work, setting)
            rows = rows_of(desk, typed)
            return rows, rule_fields(desk, rows)

        found, refusal = await attempt(self, weighed)
        if found is not None:
            self.rows = found[0]
            if self.fields != found[1]:
                self.fields = found[1]
            if not self.operators:
                self.operators = operators_by_kind()
        return refusal

    @rx.event
    async def assemble(self, place: str, turn: int, group: dict[str, Any]) -> Any:
        """The text that rows say."""
        desk_of = await self._desks()
        setting, number = _text(place), turn if isinstance(turn, int) else 0

        def assembled(work: UnitOfWork) -> tuple[RuleRows, RuleAnswer]:
            desk = desk_of(work, setting)
            rows = written(desk, group, number)
            return rows, answer(desk, rows["text"], -1)

        found, refusal = await attempt(self, assembled)
        if found is not None:
            self.rows = found[0]
            self._keep(setting, found[1])
        return refusal

    @rx.event
    async def suggest(self, place: str, field: str, text: str) -> Any:
        """Names of records for a field's value, or, without a field, of records to try the rule on."""
        desk_of = await self._desks()
        setting, path, words = _text(place), _text(field), _text(text)[:_MAX_WORDS]

        def suggested(work: UnitOfWork) -> list[RuleChoice]:
            desk = desk_of(work, setting)
            return names_of(work, field_target(desk, path) if path else desk.object, words)

        found, refusal = await attempt(self, suggested)
        self.names = found or []
        return refusal

    @rx.event
    async def try_on(self, place: str, text: str, record: str) -> Any:
        desk_of = await self._desks()
        setting, typed, identifier = _text(place), _text(text), parse_id(_text(record))
        if identifier is None:
            self.trial = NO_TRIAL
            return None
        found, refusal = await attempt(self, lambda work: tried(work, desk_of(work, setting), typed, identifier))
        self.trial = found or NO_TRIAL
        return refusal

    async def _desks(self) -> Desks:
        """What a page's rules are about, by the input's place."""
        raise NotImplementedError

    def _keep(self, place: str, found: RuleAnswer) -> None:
        others = [(key, value) for key, value in self.answers.items() if key != place]
        self.answers = {**dict(others[1 - _KEPT_ANSWERS :]), place: found}


def names_of(work: UnitOfWork, name: str, words: str) -> list[RuleChoice]:
    if name not in work.catalog.by_name or not work.access(name).allows("read"):
        return []
    found = lists.search_names(work, name, words.strip(), _MOST_NAMES)
    return [RuleChoice(value=str(each.id), label=each.name) for each in found]


def _text(given: object) -> str:
    return given[: MOST_TYPED + 1] if isinstance(given, str) else ""
