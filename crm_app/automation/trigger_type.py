"""The promise of a trigger: which facts, or which moments, start an automation, before its condition is asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from crm_app.automation.change import Change
from crm_app.definitions.automation import Trigger
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import Problem
from crm_app.kernel.events import EventName


class TriggerConfig(BaseModel):
    """A trigger's own settings in a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BatchConfig(TriggerConfig):
    """With `batch`, what happens together starts one run of `vars.records`, instead of a run for each record."""

    batch: bool = False


@dataclass(frozen=True)
class Span:
    """After `since`, up to and including `until`; `earliest` is how far back a moment may lie that was missed, because
    its record was saved late. `time_zone` is the workspace's.
    """

    since: datetime
    until: datetime
    earliest: datetime
    time_zone: str


@dataclass(frozen=True)
class Due:
    """Runs that are due: of every record that all conditions hold for. `key` makes them different from those of other
    moments; with `key_field`, the value of that field does, so that each value starts one. `view` narrows the records
    to those of a view; with `once`, it is a single run, about none.
    """

    key: str
    conditions: tuple[tuple[str, str, Any], ...] = ()
    key_field: str = ""
    view: str = ""
    once: bool = False


def _always(_config: Any, _change: Change) -> bool:
    return True


def _nothing(_config: Any, _definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    yield from ()


def author_of(trigger: Trigger, reason: str) -> SystemActor:
    """Whoever asks the trigger's condition: the product itself, by the trigger's own clock where it has one."""
    return SystemActor(reason, str(trigger.config.get("time_zone", "")))


@dataclass(frozen=True)
class TriggerType:
    """`matches` is asked of facts named in `events` about the trigger's object. `check` reports what can't be
    published, each with its place below the trigger. What the clock starts has a `due`, which is given the object's
    definition; what somebody starts by hand has neither. `variables` types what comes along, as `vars` of the whole
    automation; then there may be no record yet whose owner it could act as. An example is a whole trigger.
    """

    name: str
    label: str
    description: str
    examples: tuple[dict[str, Any], ...]
    events: frozenset[EventName] = frozenset()
    config: type[TriggerConfig] = TriggerConfig
    matches: Callable[[Any, Change], bool] = _always
    check: Callable[[Any, ObjectDefinition, Package], Iterator[Problem]] = _nothing
    due: Callable[[Any, ObjectDefinition, Span], Iterable[Due]] | None = None
    variables: Callable[[Any], Mapping[str, RuleType]] | None = None
