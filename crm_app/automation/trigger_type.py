"""The promise of a trigger: which facts start an automation, before its condition is asked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from crm_app.automation.change import Change
from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.errors import Problem
from crm_app.kernel.events import EventName


class TriggerConfig(BaseModel):
    """A trigger's own settings in a definition."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _always(_config: Any, _change: Change) -> bool:
    return True


def _nothing(_config: Any, _definition: ObjectDefinition) -> Iterator[Problem]:
    yield from ()


@dataclass(frozen=True)
class TriggerType:
    """`matches` is asked of facts named in `events` about the trigger's object. `check` reports what can't be
    published, each with its place below the trigger. An example is a whole trigger.
    """

    name: str
    label: str
    description: str
    events: frozenset[EventName]
    examples: tuple[dict[str, Any], ...]
    config: type[TriggerConfig] = TriggerConfig
    matches: Callable[[Any, Change], bool] = _always
    check: Callable[[Any, ObjectDefinition], Iterator[Problem]] = _nothing
