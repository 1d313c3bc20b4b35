"""The promise of a step type: how its settings are checked when published, and what it does in a run."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from crm_app.automation.flow import Flow
from crm_app.automation.own_record import reads_own_record
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.fields.rule_type import BOOL, RuleType, ref
from crm_app.kernel.errors import Forbidden, NotFound, Problem
from crm_app.kernel.events import RecordRef
from crm_app.rules.binding import bound
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.inputs import Inputs
from crm_app.rules.rule import Rule, dependencies
from crm_app.rules.scope import Scope
from crm_app.rules.tree import Node
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

RUN_RECORD, RUN_RECORDS = "record", "records"


class StepConfig(BaseModel):
    """A step type's own settings in a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Asked:
    """An expression that a step has at a place: about which object, what it is to give (anything, where that is `None`)
    and what else it may name.
    """

    object: str
    expect: RuleType | None
    variables: Mapping[str, RuleType]


@dataclass
class Place:
    """Where a step stands while it is checked: what its rules may name, and what was found wrong.
    `variables` types the outputs of the steps before, as `steps.ID.name`, and the variables that were set, by name;
    `sets` are those that this step sets. `asked` are its expressions, sound or not, and `written` the objects and
    fields that it fills, by the place of each value; `called` are automations that it starts. Without `has_record`, the
    run is about none or about many.
    """

    path: str
    object: str
    catalog: Package
    scope: Scope
    variables: Mapping[str, RuleType]
    problems: list[Problem] = field(default_factory=list[Problem])
    rules: dict[str, Rule] = field(default_factory=dict[str, Rule])
    sets: dict[str, RuleType] = field(default_factory=dict[str, RuleType])
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])
    written: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    has_record: bool = True
    called: list[str] = field(default_factory=list[str])

    def refuse(self, at: str, message: str) -> None:
        self.problems.append(Problem(f"{self.path}/{at}" if at else self.path, message))

    def rule(self, at: str, text: str, expect: RuleType | None) -> Rule | None:
        """Keeps the expression under its place, or reports why it can't be used."""
        self.asked[at] = Asked(self.object, expect, self.variables)
        try:
            found = check(text, self.object, self.scope, expect=expect, variables=self.variables)
        except RuleError as error:
            self.refuse(at, str(error))
            return None
        if not self.has_record and reads_own_record(found.tree):
            self.refuse(at, f"The run is about no single record that `{found.text}` could be read from{self._many}.")
            return None
        self.rules[at] = found
        return found

    @property
    def _many(self) -> str:
        return f": take each of `vars.{RUN_RECORDS}`" if RUN_RECORDS in self.variables else ""

    def query(self, at: str, target: str, text: str) -> Rule | None:
        """A rule about the records of another object, in which `vars.record` is the one that started the run."""
        variables = dict(self.variables)
        if self.has_record:
            variables[RUN_RECORD] = ref(self.object).required()
        self.asked[at] = Asked(target, BOOL, variables)
        try:
            found = check(text, target, self.scope, variables=variables)
        except RuleError as error:
            self.refuse(at, str(error))
            return None
        if "old" in found.dependencies.context:
            self.refuse(at, "`old.` can't stand here: the rule is about other records than the one that changed.")
            return None
        self.rules[at] = found
        return found

    def records(self, at: str, name: str) -> ObjectDefinition | None:
        """The object of that name, if automations may have to do with its records."""
        found = self.catalog.by_name.get(name)
        if found is None or name in OWN_OBJECTS:
            self.refuse(at, f"There is no object '{name}' to have records of." if name else "Choose an object.")
            return None
        return found

    def record(self, at: str, text: str) -> str:
        """The object of the record that an expression gives; empty, and reported, where it gives none."""
        found = self.rule(at, text, None)
        if found is None:
            return ""
        if found.type.kind != "ref" or not found.type.object or found.type.object in OWN_OBJECTS:
            self.refuse(at, f"Expected a record that can be changed, but `{found.text}` is {found.type}.")
            return ""
        return found.type.object

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
                self.written[f"{at}/{name}"] = (target, name)
                self.rule(f"{at}/{name}", text, infos[name].type)


@dataclass(frozen=True)
class StepRun:
    """A step being done, in the transaction of its effect and with the runner's rights. `values` and `types` are
    those of its expressions, by their place in the config; `trees` are its rules about other records. `key` is the
    same however often the step is executed; `hint` is what the interpreter knows beyond the rules. `outputs` are those
    of the steps before as JSON, with what no rule can name.
    """

    work: UnitOfWork
    ref: RecordRef
    config: Any
    values: Mapping[str, Any]
    types: Mapping[str, RuleType]
    trees: Mapping[str, Node] = field(default_factory=dict[str, Node])
    inputs: Inputs | None = None
    key: str = ""
    hint: Mapping[str, Any] = field(default_factory=dict[str, Any])
    path: str = ""
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])

    @property
    def run_id(self) -> UUID:
        return UUID(self.key.partition("/")[0])

    def under(self, at: str) -> dict[str, Any]:
        """The values of the expressions below a place."""
        prefix = f"{at}/"
        return {place.removeprefix(prefix): v for place, v in self.values.items() if place.startswith(prefix)}

    def record(self, at: str = "record") -> RecordRef:
        """The record that the expression at a place gives."""
        found = self.values[at]
        if found is None:
            raise NotFound("The step has no record to work on: what points at it is empty.")
        return RecordRef(self.types[at].object, found)

    def query(self, at: str) -> Node | None:
        """The rule about other records, with the values of this run in it. What the runner may not see, they can't look
        for either, through whomever.
        """
        tree = self.trees.get(at)
        if tree is None or self.inputs is None:
            return None
        named = ((owner, name) for owner, name in dependencies(tree).fields if name != "id")
        if any(name not in (self.work.fields(owner) or {}) for owner, name in named):
            raise Forbidden("This step looks for records by something that its runner may not see.")
        return bound(tree, self.inputs, {RUN_RECORD: self.ref.id})


Send = Callable[[Workspace], Mapping[str, Any]]


@dataclass(frozen=True)
class Need:
    """What the runner must be allowed to do, on the records of an object, for the step to work."""

    action: str
    object: str


def _nothing(_config: Any, _place: Place) -> Iterable[Need]:
    return ()


@dataclass(frozen=True)
class StepType:
    """`check` reports problems to the place, keeps the step's rules there, and says the types of its outputs.
    `run` does the step and returns them. An example is a whole step. `queries` are the places of rules about other
    records, which the step asks itself. `needs` is asked of a place that was checked, and tells what the publish report
    compares with the runner's rights. What leaves this product and can't be taken back has a `prepare`: it gives what
    is to be done outside, in no transaction and perhaps more than once; `run` then only says what it would give, for a
    dry run. Everything else is tried by undoing it. A control block has a `flow`; what `run` gives is then
    its decision, kept like any effect, so that a run never takes another way than it has begun. The way itself is
    walked in `workflows/control`. Nothing is done after a step that `ends` what it stands in. What
    `is_slow` keeps no other step's records locked meanwhile.
    """

    name: str
    label: str
    description: str
    config: type[StepConfig]
    check: Callable[[Any, Place], Mapping[str, RuleType]]
    run: Callable[[StepRun], Mapping[str, Any]]
    examples: tuple[dict[str, Any], ...]
    queries: tuple[str, ...] = ()
    needs: Callable[[Any, Place], Iterable[Need]] = _nothing
    prepare: Callable[[StepRun], Send] | None = None
    flow: Flow | None = None
    ends: bool = False
    is_slow: bool = False

    @property
    def is_external(self) -> bool:
        return self.prepare is not None

    @property
    def joins(self) -> bool:
        """Whether it may be done in one transaction with its neighbours."""
        return self.flow is None and self.prepare is None and not (self.ends or self.is_slow)

    @property
    def waits(self) -> bool:
        return self.flow is not None and self.flow.waits
