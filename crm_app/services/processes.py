"""Which pipeline a record is in, and the rules of pipelines ready to be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.pipeline import Gate, Pipeline, Stage, since_name
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Node
from crm_app.services.rulebook import CompiledRule, Rulebook


@dataclass(frozen=True)
class Process:
    """One pipeline of one schema version."""

    pipeline: Pipeline
    definition: ObjectDefinition
    rules: Rulebook

    @property
    def field(self) -> FieldDefinition:
        return self.definition.all_fields[self.pipeline.field]

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether its own rule lets the record in. Such a rule names only the record's own fields."""
        return self._when is None or self._when.holds(Inputs(record=values))

    @property
    def tree(self) -> Node | None:
        """Its own rule for the database; nothing where every record is in it."""
        rule = self._rule(self.pipeline.when)
        return rule.rule.tree if rule else None

    @property
    def dividing_fields(self) -> set[str]:
        """Those that decide whether a record is in it."""
        return self._when.own_fields() if self._when else set()

    @cached_property
    def _when(self) -> CompiledRule | None:
        return self._rule(self.pipeline.when)

    def gate_rule(self, gate: Gate) -> CompiledRule | None:
        return self._rule(gate.rule)

    @property
    def is_strict(self) -> bool:
        """Whether it limits moves at all."""
        pipeline = self.pipeline
        limits = any(stage.to is not None or stage.roles for stage in pipeline.stages)
        return limits or bool(pipeline.roles) or not (pipeline.skip and pipeline.back)

    def label(self, stage: str) -> str:
        return self.field.text(stage)

    def _rule(self, text: str) -> CompiledRule | None:
        return self.rules.of(self.definition.name, text) if text.strip() else None


@dataclass(frozen=True)
class DrivenField:
    """A field and the pipelines that share it."""

    name: str
    processes: Sequence[Process]

    @property
    def since(self) -> str:
        return since_name(self.name)

    def process_of(self, values: Mapping[str, Any]) -> Process | None:
        """The record's pipeline: the first whose rule holds."""
        return next((process for process in self.processes if process.holds(values)), None)


@dataclass(frozen=True)
class Position:
    """Where a record is: its pipeline and stage, as far as it has them, and what the field holds."""

    process: Process | None
    stage: Stage | None
    value: Any

    @staticmethod
    def of(driven: DrivenField, values: Mapping[str, Any]) -> "Position":
        process, value = driven.process_of(values), values.get(driven.name)
        return Position(process, process.pipeline.stage(value) if process else None, value)

    @property
    def kind(self) -> str:
        return self.stage.kind if self.stage else ""

    @property
    def label(self) -> str:
        """What its stage is called."""
        return self.process.label(self.stage.name) if self.process and self.stage else ""

    @property
    def pipeline_name(self) -> str:
        return self.process.pipeline.name if self.process else ""

    def is_like(self, other: "Position") -> bool:
        return self.value == other.value and self.pipeline_name == other.pipeline_name


def driven_fields(definition: ObjectDefinition, rules: Rulebook) -> tuple[DrivenField, ...]:
    return tuple(
        DrivenField(name, tuple(Process(pipeline, definition, rules) for pipeline in pipelines))
        for name, pipelines in definition.driven.items()
    )
