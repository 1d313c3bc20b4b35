"""The promise of a step type: how its settings are checked when published, and what it does in a run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict

from crm_app.automation.messages import Output
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.errors import Problem
from crm_app.kernel.events import RecordRef
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope
from crm_app.services.unit_of_work import UnitOfWork


class StepConfig(BaseModel):
    """A step type's own settings in a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass
class Place:
    """Where a step stands while it is checked: what its rules may name, and what was found wrong.
    `variables` types the outputs of the steps before, as `steps.ID.name`.
    """

    path: str
    object: str
    catalog: Package
    scope: Scope
    variables: Mapping[str, RuleType]
    problems: list[Problem] = field(default_factory=list[Problem])
    rules: dict[str, Rule] = field(default_factory=dict[str, Rule])

    def refuse(self, at: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}/{at}" if at else self.path, message))

    def rule(self, at: str, text: str, expect: RuleType | None) -> Rule | None:
        """Keeps the expression under its place, or reports why it can't be used."""
        try:
            found = check(text, self.object, self.scope, expect=expect, variables=self.variables)
        except RuleError as error:
            self.refuse(at, str(error))
            return None
        self.rules[at] = found
        return found

    def values(self, at: str, target: str, values: Mapping[str, str]) -> None:
        """Every key is a field of the object that may be set, every value an expression of its type."""
        definition = self.catalog.by_name[target]
        infos = self.scope.fields(target) or {}
        for name, text in values.items():
            found = definition.all_fields.get(name)
            if found is None or name not in infos:
                self.refuse(f"{at}/{name}", f"'{name}' is not a field of {definition.label}.")
            elif found.is_read_only:
                self.refuse(f"{at}/{name}", f"{found.label} can't be set.")
            else:
                self.rule(f"{at}/{name}", text, infos[name].type)


@dataclass(frozen=True)
class StepRun:
    """A step being done, in the transaction of its effect and with the runner's rights. `values` and `types` are
    those of its expressions, by their place in the config.
    """

    work: UnitOfWork
    ref: RecordRef
    config: Any
    values: Mapping[str, Any]
    types: Mapping[str, RuleType]

    def under(self, at: str) -> dict[str, Any]:
        """The values of the expressions below a place."""
        prefix = f"{at}/"
        return {place.removeprefix(prefix): v for place, v in self.values.items() if place.startswith(prefix)}


@dataclass(frozen=True)
class StepType:
    """`check` reports problems to the place, keeps the step's rules there, and says the types of its outputs.
    `run` does the step and returns them. An example is a whole step.
    """

    name: str
    label: str
    description: str
    config: type[StepConfig]
    check: Callable[[Any, Place], Mapping[str, RuleType]]
    run: Callable[[StepRun], Output]
    examples: tuple[dict[str, Any], ...]
