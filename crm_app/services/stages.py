"""What a write does to a record's stages: the one place where gates open or stay closed. Every way to write a record
comes through here, because `services/records.py` does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crm_app.definitions.pipeline import entry_fields
from crm_app.kernel.errors import Problem
from crm_app.services.processes import DrivenField, Position
from crm_app.services.record_checks import UNSEEN, about
from crm_app.services.record_rules import RecordRules
from crm_app.services.stage_gates import Crossing
from crm_app.services.unit_of_work import UnitOfWork

Values = Mapping[str, Any]
_UNSEEN_STAGE = "This would bring it to a stage that you may not see and that is not open to it. Ask somebody who may."


@dataclass
class Passage:
    """What follows from a write: the values that it fills in, and why it may not happen. `needs` are fields that have
    to hold something first; `problems` speaks of each of them, too. `turns` are fields whose values keep a gate closed.
    """

    filled: dict[str, Any] = field(default_factory=dict[str, Any])
    problems: list[Problem] = field(default_factory=list[Problem])
    needs: list[str] = field(default_factory=list[str])
    turns: list[str] = field(default_factory=list[str])

    def details(self, problems: Sequence[Problem]) -> dict[str, list[str]]:
        """For a page that asks: what is needed where only that is missing, else what would open a closed gate."""
        if {problem.path for problem in problems} <= set(self.needs):
            return {"needs": self.needs}
        if self.turns and all(problem in self.problems for problem in problems):
            return {"turns": list(dict.fromkeys((*self.needs, *self.turns)))}
        return {}


class Gatekeeper:
    """For the records of one object in one unit of work; `now` is when their moves happen."""

    def __init__(self, work: UnitOfWork, rules: RecordRules, now: datetime) -> None:
        self._work = work
        self._definition = rules.definition
        self._now = now
        self._driven = work.schema.driven(rules.definition.name)
        self._rules = rules

    def create(self, values: Values) -> Passage:
        """A new record with all its values. It is not moved, so nothing but the time is filled in: a record of the
        past keeps the dates it came with.
        """
        passage = Passage()
        for driven in self._driven:
            new = Position.of(driven, values)
            passage.filled[driven.since] = None if new.value is None else self._now
            if new.value is not None:
                self._cross(passage, Crossing(driven, None, new, values, None), None)
        return passage

    def change(self, record: UUID, before: Values, changes: Values) -> Passage:
        """A record that becomes `{**before, **changes}`."""
        passage = Passage()
        for driven in self._driven:
            old, new = Position.of(driven, before), Position.of(driven, {**before, **changes})
            if old.is_like(new):
                self._stay(passage, new, changes)
                continue
            passage.filled |= self._follow_up(driven, old, new, changes)
            after = {**before, **changes, **passage.filled}
            self._cross(passage, Crossing(driven, old, new, after, before), record)
        return passage

    def _follow_up(self, driven: DrivenField, old: Position, new: Position, changes: Values) -> dict[str, Any]:
        """Since when it is there; the date on which it closed; and no reason for a loss that is none any more. What
        the writer says goes before.
        """
        filled: dict[str, Any] = {driven.since: None if new.value is None else self._now}
        reason = old.process.pipeline.lost_reason if old.process and old.kind == "lost" and new.kind != "lost" else ""
        if reason and reason not in changes:
            filled[reason] = None
        closing = new.process.pipeline.closing_date(new.stage) if new.process and new.stage else ""
        if closing and changes.get(closing) is None:
            is_day = self._definition.all_fields[closing].type == "date"
            filled[closing] = self._now.astimezone(ZoneInfo(self._work.who.time_zone)).date() if is_day else self._now
        return filled

    def _cross(self, passage: Passage, crossing: Crossing, record: UUID | None) -> None:
        """What a stage is called tells what its field holds, so whoever may not know that is told of none. Where no
        way leads, gates aren't asked: their answers would tell of fields that the actor may not see.
        """
        is_closed = crossing.driven.name in self._work.closed(self._definition.name)
        barred = list(crossing.barriers(self._work))
        if not barred:
            missing = crossing.missing()
            passage.needs += [name for name in missing if name not in {*passage.needs, *self._rules.hidden}]
            asked = list(crossing.asks_for(missing))
            closed = list(crossing.closed_gates(self._rules, record, missing))
            if is_closed:
                asked = [(name, f"{self._definition.all_fields[name].label} is needed for this.") for name, _ in asked]
            else:
                unasked = {crossing.driven.name, *self._rules.hidden}
                passage.turns += sorted({name for _, names in closed for name in names} - unasked)
            passage.problems += (about(self._rules, name, text, UNSEEN) for name, text in asked)
            barred = [problem for problem, _ in closed]
        passage.problems += [Problem("", _UNSEEN_STAGE)] if barred and is_closed else barred

    def _stay(self, passage: Passage, here: Position, changes: Values) -> None:
        """What a stage asks for can't be emptied while a record is there."""
        if here.process is None or here.stage is None:
            return
        for name in entry_fields(here.process.pipeline, here.stage, is_creation=False):
            if name in changes and changes[name] is None:
                label, stage = self._definition.all_fields[name].label, here.process.label(here.stage.name)
                passage.problems.append(Problem(name, f"{label} can't be emptied in {stage}."))
