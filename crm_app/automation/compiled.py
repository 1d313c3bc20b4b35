"""One version of an automation, checked and ready: what the relay asks of every fact, and the blocks of its runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.change import Change
from crm_app.automation.messages import Block
from crm_app.automation.step_type import Place
from crm_app.automation.trigger_type import TriggerType
from crm_app.definitions.automation import AutomationDefinition, Step
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import BOOL, RuleType
from crm_app.kernel.errors import Invalid, Problem
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.rules.tree_json import to_json
from crm_app.services.definition_store import content_hash

RUN_AS = ("owner",)


class BrokenAutomation(Invalid):
    """A published automation no longer fits what is defined around it."""

    code = "broken_automation"


@dataclass(frozen=True)
class CompiledAutomation:
    definition: AutomationDefinition
    hash: str
    trigger: TriggerType
    config: Any
    when: Callable[[Inputs], Any] | None
    blocks: list[Block]

    def matches(self, change: Change) -> bool:
        """Whether the fact is of the trigger's kind; its condition is asked next."""
        return change.event.name in self.trigger.events and self.trigger.matches(self.config, change)

    def fires(self, inputs: Inputs) -> bool:
        """Only on true: unknown does not start a run."""
        return self.when is None or self.when(inputs) is True


@dataclass
class _Checking:
    """One automation being checked; what is wrong collects in `problems`, its rules by their paths in `rules`."""

    definition: AutomationDefinition
    catalog: Package
    scope: Scope
    problems: list[Problem]
    rules: dict[str, Rule] = field(default_factory=dict[str, Rule])

    @property
    def path(self) -> str:
        return f"automations/{self.definition.name}"

    def compiled(self) -> CompiledAutomation | None:
        trigger = TRIGGER_TYPES.find(self.definition.trigger.type)
        if trigger is None:
            self.refuse("trigger/type", TRIGGER_TYPES.unknown(self.definition.trigger.type))
            return None
        if self.definition.run_as not in RUN_AS:
            self.refuse("run_as", f"An automation runs as one of: {', '.join(RUN_AS)}.")
        config = self._config(trigger)
        when = self._when()
        blocks = self._blocks()
        hashed = content_hash(self.definition)
        return None if self.problems else CompiledAutomation(self.definition, hashed, trigger, config, when, blocks)

    def refuse(self, at: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}/{at}", message))

    def _config(self, trigger: TriggerType) -> BaseModel | None:
        config = self._settings(trigger.config, self.definition.trigger.config, "trigger")
        definition = self.catalog.by_name.get(self.definition.trigger.object)
        if config is not None and definition is not None:
            for problem in trigger.check(config, definition):
                self.refuse(f"trigger/{problem.path}", problem.message)
        return config

    def _when(self) -> Callable[[Inputs], Any] | None:
        place = self._place("trigger", {})
        rule = place.rule("when", self.definition.trigger.when, BOOL) if self.definition.trigger.when.strip() else None
        self.problems += place.problems
        self._note("trigger", place)
        return compile_rule(rule) if rule is not None else None

    def _blocks(self) -> list[Block]:
        outputs: dict[str, RuleType] = {}
        blocks: list[Block] = []
        for index, step in enumerate(self.definition.steps):
            block, given = self._block(f"steps/{index}", step, dict(outputs))
            outputs |= {f"steps.{step.id}.{name}": type_ for name, type_ in given.items()}
            blocks += [block] if block is not None else []
        return blocks

    def _block(
        self, at: str, step: Step, variables: Mapping[str, RuleType]
    ) -> tuple[Block | None, Mapping[str, RuleType]]:
        step_type = STEP_TYPES.find(step.type)
        if step_type is None:
            self.refuse(f"{at}/type", STEP_TYPES.unknown(step.type))
            return None, {}
        config = self._settings(step_type.config, step.config, at)
        if config is None:
            return None, {}
        place = self._place(at, variables)
        outputs = step_type.check(config, place)
        self.problems += place.problems
        self._note(at, place)
        rules = {name: to_json(rule.tree) for name, rule in place.rules.items()}
        return Block(step.id, step.type, step.config, rules), outputs

    def _settings(self, model: type[BaseModel], raw: dict[str, Any], at: str) -> BaseModel | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                self.refuse("/".join([at, *map(str, item["loc"])]), str(item["msg"]).removeprefix("Value error, "))
            return None

    def _note(self, at: str, place: Place) -> None:
        self.rules |= {f"{at}/{name}": rule for name, rule in place.rules.items()}

    def _place(self, at: str, variables: Mapping[str, RuleType]) -> Place:
        return Place(f"{self.path}/{at}", self.definition.trigger.object, self.catalog, self.scope, variables)


def problems_of(definition: AutomationDefinition, catalog: Package, scope: Scope) -> list[Problem]:
    """What keeps the automation from being published."""
    checking = _Checking(definition, catalog, scope, [])
    checking.compiled()
    return checking.problems


def checked_rules(definition: AutomationDefinition, catalog: Package, scope: Scope) -> dict[str, Rule]:
    """By their paths within the definition; without those that are wrong."""
    checking = _Checking(definition, catalog, scope, [])
    checking.compiled()
    return checking.rules


def compile_automation(definition: AutomationDefinition, catalog: Package, scope: Scope) -> CompiledAutomation:
    checking = _Checking(definition, catalog, scope, [])
    compiled = checking.compiled()
    if compiled is None:
        raise BrokenAutomation(f"'{definition.label}' no longer fits what is defined.", checking.problems)
    return compiled
