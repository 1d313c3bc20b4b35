"""One version of an automation, checked and ready: what the relay asks of every fact, and the blocks of its runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from crm_app.automation.blocks import Checking
from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.change import Change
from crm_app.automation.messages import Block
from crm_app.automation.runners import OWNER, is_runner
from crm_app.automation.step_type import RUN_RECORDS, Place
from crm_app.automation.trigger_type import TriggerType
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import BOOL, RuleType, list_of, ref
from crm_app.kernel.errors import Invalid, Problem
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.services.definition_store import content_hash

_OF_LISTS = frozenset({"now", "today", "rates"})


class BrokenAutomation(Invalid):
    """A published automation no longer fits what is defined around it."""

    code = "broken_automation"


@dataclass(frozen=True)
class CompiledAutomation:
    """`outputs` types what its steps give, by their ids, and `variables` what is set or comes along, by name."""

    definition: AutomationDefinition
    hash: str
    trigger: TriggerType
    config: Any
    condition: Rule | None
    when: Callable[[Inputs], Any] | None
    blocks: list[Block]
    outputs: Mapping[str, Mapping[str, RuleType]]
    variables: Mapping[str, RuleType]

    def matches(self, change: Change) -> bool:
        """Whether the fact is of the trigger's kind; its condition is asked next."""
        return change.event.name in self.trigger.events and self.trigger.matches(self.config, change)

    @property
    def filter(self) -> str:
        """The condition as the rule of a list; empty where a list can't tell it, because it says more than the record,
        the time and the rates do: who the owner is, as `me`, or what was.
        """
        return self.condition.text if self.condition and self.condition.dependencies.context <= _OF_LISTS else ""

    def fires(self, inputs: Inputs) -> bool:
        """Only on true: unknown does not start a run."""
        return self.when is None or self.when(inputs) is True


def _compiled(checking: Checking) -> CompiledAutomation | None:
    definition = checking.definition
    trigger = TRIGGER_TYPES.find(definition.trigger.type)
    if trigger is None:
        checking.refuse("trigger/type", TRIGGER_TYPES.unknown(definition.trigger.type))
        return None
    if not is_runner(definition.run_as):
        checking.refuse("run_as", "A workflow acts as the `owner` of its record, or as one person: their address.")
    config = _config(checking, trigger)
    given = _given(checking, trigger, config)
    checking.has_record = not definition.trigger.is_alone
    condition = _condition(checking, given)
    if config is not None and definition.trigger.is_batch:
        given, checking.has_record = {RUN_RECORDS: list_of(ref(definition.trigger.object).required()).required()}, False
    blocks, _ = checking.sequence("steps", definition.steps, given)
    if checking.problems:
        return None
    known = {**given, **checking.variable_types}
    when = compile_rule(condition) if condition is not None else None
    return CompiledAutomation(
        definition, content_hash(definition), trigger, config, condition, when, blocks, checking.outputs, known
    )


def _config(checking: Checking, trigger: TriggerType) -> BaseModel | None:
    config = checking.settings(trigger.config, checking.definition.trigger.config, "trigger")
    definition = checking.catalog.by_name.get(checking.definition.trigger.object)
    if config is not None and definition is not None:
        for problem in trigger.check(config, definition, checking.catalog):
            checking.refuse(f"trigger/{problem.path}", problem.message)
    return config


def _given(checking: Checking, trigger: TriggerType, config: BaseModel | None) -> Mapping[str, RuleType]:
    """What comes along with the start: any of it may be empty."""
    has_none = trigger.variables is not None or checking.definition.trigger.is_alone
    if config is not None and has_none and checking.definition.run_as == OWNER:
        checking.refuse("run_as", "There may be no record whose owner it could act as: name a person's address.")
    if config is None or trigger.variables is None:
        return {}
    return {name: replace(kind, nullable=True) for name, kind in trigger.variables(config).items()}


def _condition(checking: Checking, given: Mapping[str, RuleType]) -> Rule | None:
    place = checking.place("trigger", given)
    text = checking.definition.trigger.when
    rule = place.rule("when", text, BOOL) if text.strip() else None
    checking.note("trigger", place)
    return rule


@dataclass(frozen=True)
class Examined:
    """An automation that may be wrong: what is, and every place of it that could be looked at, by its path within the
    definition.
    """

    problems: list[Problem]
    places: Mapping[str, Place]


def examined(definition: AutomationDefinition, catalog: Package, scope: Scope) -> Examined:
    checking = Checking(definition, catalog, scope)
    if definition.trigger.object in catalog.by_name:
        _compiled(checking)
    return Examined(checking.problems, checking.places)


def checked_rules(definition: AutomationDefinition, catalog: Package, scope: Scope) -> dict[str, Rule]:
    """By their paths within the definition; without those that are wrong."""
    checking = Checking(definition, catalog, scope)
    _compiled(checking)
    return checking.rules


def compile_automation(definition: AutomationDefinition, catalog: Package, scope: Scope) -> CompiledAutomation:
    checking = Checking(definition, catalog, scope)
    compiled = _compiled(checking)
    if compiled is None:
        raise BrokenAutomation(f"'{definition.label}' no longer fits what is defined.", checking.problems)
    return compiled
