"""How the steps inside a control block are reached, and what of them is known after it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias, cast

from pydantic import BaseModel

from crm_app.definitions.automation import Step
from crm_app.fields.rule_type import RuleType

Steps: TypeAlias = tuple[Step, ...]
"""The type of a slot: whatever field of a config has it holds steps. Without steps it does nothing."""

Known = Mapping[str, RuleType]


def _never(_slot: str) -> bool:
    return False


@dataclass(frozen=True)
class Flow:
    """`inner` are outputs of the block that only the steps in some of its slots know, by name. `is_certain` says of a
    slot that its steps were all done where the block has ended well: what others give may be null outside. With
    `in_turn`, the steps of a slot see what earlier slots may have given. With `is_repeated`, nothing but variables is
    known outside, for there are several of everything. A block that `waits` opens a wait when it is begun, and is asked
    again, with the hint `settle`, whether that is over; until then it refuses with `StillWaiting`.
    """

    inner: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    is_certain: Callable[[str], bool] = field(default=_never)
    in_turn: bool = False
    is_repeated: bool = False
    waits: bool = False


def slots_of(config: BaseModel) -> dict[str, Steps]:
    """The slots that the config declares, by their places in it: `cases/0/steps`."""
    return dict(_slots(config, ""))


def without_slots(config: BaseModel) -> dict[str, Any]:
    """What a block needs to know of itself: its config with empty slots."""
    return _emptied(config.model_dump(mode="json", by_alias=True, exclude_defaults=True), set(slots_of(config)), "")


def uncertain(known: Known) -> dict[str, RuleType]:
    return {name: replace(found, nullable=True) for name, found in known.items()}


def _slots(config: BaseModel, at: str) -> Iterable[tuple[str, Steps]]:
    for name, info in type(config).model_fields.items():
        place, value = f"{at}{info.alias or name}", getattr(config, name)
        if info.annotation == Steps:
            yield place, value
        elif isinstance(value, tuple):
            for index, part in enumerate(cast("tuple[object, ...]", value)):
                if isinstance(part, BaseModel):
                    yield from _slots(part, f"{place}/{index}/")


def _emptied(body: Any, slots: set[str], at: str) -> Any:
    if isinstance(body, dict):
        known = cast("dict[str, Any]", body)
        return {k: _emptied(v, slots, f"{at}{k}/") for k, v in known.items() if f"{at}{k}" not in slots}
    if isinstance(body, list):
        return [_emptied(item, slots, f"{at}{index}/") for index, item in enumerate(cast("list[Any]", body))]
    return body
