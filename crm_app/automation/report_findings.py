"""What the parts of the publish report have in common."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ValidationError

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.compiled import Examined
from crm_app.automation.drafting import Scene
from crm_app.automation.slots import Body
from crm_app.automation.step_type import Need, Place, StepType
from crm_app.automation.tree_edits import walk
from crm_app.definitions.automation import AutomationDefinition

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
class Looked:
    """An automation with its steps; `others` are all that would be live with it."""

    scene: Scene
    found: Examined
    steps: tuple[Reached, ...]

    @property
    def others(self) -> tuple[AutomationDefinition, ...]:
        return tuple(each for each in self.scene.package.live.automations if each.is_active)

    def label(self, name: str) -> str:
        found = self.scene.package.by_name.get(name)
        return found.label if found else name

    def field_label(self, name: str, field: str) -> str:
        found = self.scene.package.by_name.get(name)
        known = found.all_fields.get(field) if found else None
        return known.label if known else field


def looked_at(scene: Scene) -> Looked:
    found = scene.examined()
    return Looked(scene, found, tuple(_reached(scene.body, found.places)))


def listed(names: Iterable[str]) -> str:
    all_of = list(dict.fromkeys(names))
    more = f" and {len(all_of) - MOST_NAMED} more" if len(all_of) > MOST_NAMED else ""
    return f"{', '.join(all_of[:MOST_NAMED])}{more}"


def config_of(step_type: StepType, step: Body) -> BaseModel | None:
    own = {key: value for key, value in step.items() if key not in ("id", "type", "name", "compensate")}
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
