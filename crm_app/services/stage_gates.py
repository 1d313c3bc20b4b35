"""One record on its way to a stage: what stands in the way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from crm_app.definitions.moves import barred, barred_by_role
from crm_app.definitions.pipeline import Gate, Stage, applies, entry_fields
from crm_app.kernel.errors import Problem
from crm_app.services.in_person import is_administrator
from crm_app.services.processes import DrivenField, Position, Process
from crm_app.services.record_rules import RecordRules
from crm_app.services.unit_of_work import UnitOfWork


def missing_right(work: UnitOfWork, process: Process, stage: Stage) -> str:
    """Why this actor may not move a record there, or empty. Whoever administers the workspace may."""
    if work.who.is_system or is_administrator(work):
        return ""
    return barred_by_role(process.pipeline, stage, work.roles, process.label)


@dataclass(frozen=True)
class Crossing:
    """`old` is where the record was, `None` for a new one; `after` what it would hold and `before` what it held."""

    driven: DrivenField
    old: Position | None
    new: Position
    after: Mapping[str, Any]
    before: Mapping[str, Any] | None

    @property
    def _is_creation(self) -> bool:
        return self.old is None

    def barriers(self, work: UnitOfWork) -> Iterator[Problem]:
        """What no value of another field could change: a move that the pipeline or the actor's role doesn't allow."""
        message = self._way_out() or self._way_in(work)
        if message:
            yield Problem(self.driven.name, message)

    def missing(self) -> list[str]:
        """The fields that either gate wants and that hold nothing."""
        wanted = [name for _, _, names in self._wanted() for name in names]
        return [name for name in dict.fromkeys(wanted) if self.after.get(name) is None]

    def asks_for(self, missing: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each missing field with a sentence."""
        for verb, position, names in self._wanted():
            for name in (name for name in names if name in missing):
                yield name, f"{self._label(name)} is needed to {verb} {position.label}."

    def closed_gates(
        self, rules: RecordRules, record: UUID | None, missing: Sequence[str]
    ) -> Iterator[tuple[Problem, set[str]]]:
        """The message of each gate whose rule doesn't hold, with its reasons, and the record's fields that it is about.
        One that waits for a missing field is asked later.
        """
        for process, gate in self._gates():
            rule = process.gate_rule(gate)
            if rule is None or rule.own_fields() & set(missing):
                continue
            inputs = replace(rules.inputs(self.after, record), old=self.before)
            if not rule.holds(inputs):
                problem = Problem(self.driven.name, gate.message, rules.reasons(gate.rule, inputs, wanted=True))
                yield problem, rule.own_fields()

    def _way_out(self) -> str:
        """Out of the pipeline: to nothing, or to an option that is none of its stages."""
        old, new = self.old, self.new
        if new.value is None:
            is_bound = old is not None and old.process is not None and old.stage is not None and old.process.is_strict
            return f"{self._label(self.driven.name)} can't be emptied: its moves are limited." if is_bound else ""
        if new.process is not None and new.stage is None:
            return f"{new.process.label(new.value)} is no stage of {new.process.pipeline.label}."
        return ""

    def _way_in(self, work: UnitOfWork) -> str:
        process, stage, old = self.new.process, self.new.stage, self.old
        if process is None or stage is None:
            return ""
        if old is None:
            return missing_right(work, process, stage) if process.pipeline.index(stage) else ""
        if old.stage is not None and old.pipeline_name == process.pipeline.name:
            why = barred(process.pipeline, old.stage, stage, process.label)
            if why:
                return why
        return missing_right(work, process, stage)

    def _gates(self) -> Iterator[tuple[Process, Gate]]:
        old, new = self.old, self.new
        if old is not None and old.process and old.stage and old.stage.exit:
            yield old.process, old.stage.exit
        gate = new.stage.gate if new.stage else None
        if new.process and gate and applies(gate.on, is_creation=self._is_creation):
            yield new.process, gate

    def _wanted(self) -> Iterator[tuple[str, Position, Sequence[str]]]:
        """Fields, each list with what they are needed for."""
        old, new = self.old, self.new
        if old is not None and old.process and old.stage and old.stage.exit:
            yield "leave", old, old.stage.exit.required
        if new.process and new.stage:
            yield "enter", new, entry_fields(new.process.pipeline, new.stage, is_creation=self._is_creation)

    def _label(self, name: str) -> str:
        return self.driven.processes[0].definition.all_fields[name].label
