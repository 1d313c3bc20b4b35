"""What the parts of the publish report have in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.compiled import Examined, examined
from crm_app.automation.scope import DefinedFields
from crm_app.automation.slots import Body
from crm_app.automation.step_type import Need, Place, StepType
from crm_app.automation.tree_edits import walk
from crm_app.definitions.automation import AutomationDefinition, Step
from crm_app.services.live import Schema
from crm_app.services.role_rights import Rights, RoleRights

State = Literal["good", "note", "bad"]
MOST_NAMED = 12


@dataclass(frozen=True)
class Finding:
    """One side of it; what is bad must not be published."""

    name: str
    title: str
    state: State
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Reached:
    """A step with its type and the place where it was checked."""

    path: str
    step: Body
    type: StepType
    place: Place
    needs: tuple[Need, ...]

    @property
    def is_certain(self) -> bool:
        """Whether every run comes by: it stands in nothing but the automation itself."""
        return self.path.count("/") == 1

    @property
    def title(self) -> str:
        return str(self.step.get("name") or self.step.get("id"))


@dataclass(frozen=True)
class Asking:
    """Who asks for the report, and how to look up the roles of a person by address; neither where nobody asks."""

    access: Callable[[str], Rights]
    roles_of: Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Effect:
    """A fact that a step causes about records of an object. `fields` are those that change, all where none is named;
    `fixed` are those whose new value is known beforehand. `is_many`: it may be caused for many records in one run.
    """

    step: str
    event: str
    object: str
    fields: frozenset[str]
    fixed: Mapping[str, Any]
    is_certain: bool
    is_many: bool = False
    calls: str = ""


@dataclass(frozen=True)
class Edge:
    """One automation sets another off, in the way that `event` says. `is_certain`: whatever the records hold."""

    start: str
    effect: Effect
    end: str
    event: str
    is_certain: bool


class Around:
    """All that would be live together. Every automation of it is looked at once."""

    def __init__(self, schema: Schema, asking: Asking | None = None) -> None:
        self.package = schema.package
        self.scope = DefinedFields(schema)
        self.asking = asking
        self.edges: dict[str, tuple[Edge, ...]] = {}
        self._looked: dict[str, Looked] = {}

    def of(self, definition: AutomationDefinition) -> "Looked":
        known = self._looked.get(definition.name)
        if known is None:
            body = definition.canonical()
            found = examined(definition, self.package, self.scope)
            known = Looked(self, definition, body, found, tuple(_reached(body, found.places)))
            self._looked[definition.name] = known
        return known

    @cached_property
    def rights(self) -> RoleRights:
        return RoleRights(self.package)

    def label(self, name: str) -> str:
        found = self.package.by_name.get(name)
        return found.label if found else name

    def field_label(self, name: str, field: str) -> str:
        found = self.package.by_name.get(name)
        known = found.all_fields.get(field) if found else None
        return known.label if known else field


@dataclass(frozen=True)
class Looked:
    """An automation with its steps, amid what is around it."""

    around: Around
    definition: AutomationDefinition
    body: Body
    found: Examined
    steps: tuple[Reached, ...]

    @property
    def together(self) -> tuple[AutomationDefinition, ...]:
        """All that would run beside it, and it itself."""
        name = self.definition.name
        return tuple(each for each in self.around.package.automations if each.is_active or each.name == name)


def listed(names: Iterable[str]) -> str:
    all_of = list(dict.fromkeys(names))
    more = f" and {len(all_of) - MOST_NAMED} more" if len(all_of) > MOST_NAMED else ""
    return f"{', '.join(all_of[:MOST_NAMED])}{more}"


def config_of(step_type: StepType, step: Body) -> BaseModel | None:
    own = {key: value for key, value in step.items() if key not in Step.model_fields}
    try:
        return step_type.config.model_validate(own)
    except ValidationError:
        return None


def _reached(body: Body, places: Mapping[str, Place]) -> Iterator[Reached]:
    for found in walk(body):
        step_type, place = STEP_TYPES.find(str(found.step.get("type"))), places.get(found.path)
        if step_type is None or place is None:
            continue
        config = config_of(step_type, found.step)
        needs = tuple(step_type.needs(config, place)) if config is not None and not place.problems else ()
        yield Reached(found.path, found.step, step_type, place, needs)
