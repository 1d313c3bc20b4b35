"""From steps to blocks: every step checked where it stands, with what is known there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ValidationError

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.flow import Flow, Known, slots_of, uncertain, without_slots
from crm_app.automation.messages import COMPENSATE, Block
from crm_app.automation.step_type import Place, StepType
from crm_app.definitions.automation import AutomationDefinition, Step
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.errors import Problem
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.rules.tree_json import to_json

NEEDED = "This is needed."
MAX_DEPTH = 12


@dataclass
class Checking:
    """One automation being checked; what is wrong collects in `problems`, its rules by their paths in `rules`, and
    in `places` what was looked at; `outputs` types what each step gives, by its id. A variable has one type in the
    whole automation, that of where it is first set.
    """

    definition: AutomationDefinition
    catalog: Package
    scope: Scope
    problems: list[Problem] = field(default_factory=list[Problem])
    rules: dict[str, Rule] = field(default_factory=dict[str, Rule])
    variable_types: dict[str, RuleType] = field(default_factory=dict[str, RuleType])
    places: dict[str, Place] = field(default_factory=dict[str, Place])
    has_record: bool = True
    outputs: dict[str, Known] = field(default_factory=dict[str, Known])

    @property
    def path(self) -> str:
        return f"automations/{self.definition.name}"

    def refuse(self, at: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}/{at}", message))

    def settings(self, model: type[BaseModel], raw: Mapping[str, Any], at: str) -> BaseModel | None:
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                said = NEEDED if item["type"] == "missing" else str(item["msg"]).removeprefix("Value error, ")
                self.refuse("/".join([at, *map(str, item["loc"])]), said)
            return None

    def place(self, at: str, known: Known) -> Place:
        about = self.definition.trigger.object
        return Place(f"{self.path}/{at}", about, self.catalog, self.scope, known, has_record=self.has_record)

    def note(self, at: str, place: Place) -> None:
        self.places[at] = place
        self.problems += place.problems
        self.rules |= {f"{at}/{name}": rule for name, rule in place.rules.items()}

    def sequence(self, at: str, steps: Sequence[Step], known: Known, depth: int = 0) -> tuple[list[Block], Known]:
        """The blocks, and what they give together."""
        given: dict[str, RuleType] = {}
        blocks: list[Block] = []
        for index, step in enumerate(steps):
            block, more = self._block(f"{at}/{index}", step, {**known, **given}, depth)
            given |= more
            blocks += [block] if block is not None else []
        return blocks, given

    def _block(self, at: str, step: Step, known: Known, depth: int) -> tuple[Block | None, Known]:
        step_type = STEP_TYPES.find(step.type)
        if step_type is None:
            self.refuse(f"{at}/type", STEP_TYPES.unknown(step.type))
            return None, {}
        if depth >= MAX_DEPTH:
            self.refuse(at, f"Steps stand in each other at most {MAX_DEPTH} deep.")
            return None, {}
        place = self.place(at, known)
        config = self.settings(step_type.config, step.config, at)
        if config is None:
            self.note(at, place)
            return None, {}
        outputs = self.outputs[step.id] = step_type.check(config, place)
        inner = step_type.flow.inner if step_type.flow else frozenset[str]()
        own = {**_named(step, {n: t for n, t in outputs.items() if n not in inner}), **self._set(place)}
        self.note(at, place)
        slots, given = self._slots(at, step_type, config, {**known, **own}, _named(step, outputs), depth)
        if step.compensate:
            slots[COMPENSATE], _ = self.sequence(f"{at}/{COMPENSATE}", step.compensate, {**known, **own}, depth + 1)
        rules = {name: to_json(rule.tree) for name, rule in place.rules.items()}
        body = without_slots(config) if step_type.flow else step.config
        block = Block(step.id, step.type, body, rules, slots, step_type.is_external, step_type.joins)
        return block, {**own, **given}

    def _set(self, place: Place) -> Known:
        """Variables may always be null: whether a step before has set one depends on the way that the run came."""
        for name, found in place.sets.items():
            first = self.variable_types.setdefault(name, replace(found, nullable=True))
            if str(first) != str(found):
                place.refuse("value", f"`vars.{name}` is {first} where it is first set, and can't be {found} here.")
        return {name: self.variable_types[name] for name in place.sets}

    def _slots(
        self, at: str, step_type: StepType, config: BaseModel, known: Known, own: Known, depth: int
    ) -> tuple[dict[str, list[Block]], Known]:
        flow = step_type.flow
        if flow is None:
            return {}, {}
        found: dict[str, list[Block]] = {}
        outside: dict[str, RuleType] = {}
        for slot, steps in slots_of(config).items():
            earlier = uncertain(outside) if flow.in_turn else {}
            hidden = {name for name, places in flow.inner.items() if slot not in places}
            inside = {name: type_ for name, type_ in own.items() if name.rpartition(".")[2] not in hidden}
            around = {**known, **earlier, **inside}
            found[slot], given = self.sequence(f"{at}/{slot}", steps, around, depth + 1)
            outside |= _known_outside(flow, slot, given)
        return found, outside


def _named(step: Step, outputs: Known) -> Known:
    return {f"steps.{step.id}.{name}": found for name, found in outputs.items()}


def _known_outside(flow: Flow, slot: str, given: Known) -> Known:
    if flow.is_repeated:
        return {name: found for name, found in given.items() if not name.startswith("steps.")}
    return given if flow.is_certain(slot) else uncertain(given)
