"""Where a step holds other steps: read off its config model, so that a new control type needs no line here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel

from crm_app.automation.catalog import STEP_TYPES
from crm_app.definitions.automation import Step

Body = dict[str, Any]
Shape = tuple[str, ...]
"""Leads from a step to a list of steps; `*` stands for any number of a list, as in `cases/*/steps`."""

MANY = "*"


@dataclass(frozen=True)
class Lane:
    """A list of steps within a step. `place` leads to it, as in `cases/0/steps`; `lot` is the list of which it is one
    (`cases`), empty where there is but one of its kind.
    """

    place: str
    lot: str
    steps: Sequence[Body]


@cache
def shapes_of(model: type[BaseModel]) -> tuple[Shape, ...]:
    """In the model's own order."""
    return tuple(
        shape
        for name, field in model.model_fields.items()
        for shape in _within(field.annotation, (field.alias or name,), (model,))
    )


@cache
def shapes_of_type(name: str) -> tuple[Shape, ...]:
    """What steps of the type can hold, apart from what every step can; nothing for a type that nobody knows."""
    found = STEP_TYPES.find(name)
    return shapes_of(found.config) if found else ()


@cache
def lots_of(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The lists of lanes that have settings of their own, with the model of one, as each of `cases` has its rule."""
    return {name: inner for name, inner in _lists_of(model) if shapes_of(inner)}


@cache
def parts_of(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The lists of parts that hold no steps but more than a row can say, as each of the records that `convert` makes
    has its own values; with the model of one.
    """
    return {name: inner for name, inner in _lists_of(model) if not shapes_of(inner) and _holds_maps(inner)}


def _lists_of(model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Its lists of models that are no steps."""
    for name, field in model.model_fields.items():
        parts = [part for part in get_args(field.annotation) if isinstance(part, type) and issubclass(part, BaseModel)]
        if parts and not issubclass(parts[0], Step):
            yield field.alias or name, parts[0]


def _holds_maps(model: type[BaseModel]) -> bool:
    return any(get_origin(field.annotation) is dict for field in model.model_fields.values())


def lanes_of(step: Mapping[str, Any]) -> list[Lane]:
    """Those that a step has; one that was left out is empty. What undoes a step shows only where there is something."""
    own = [lane for shape in shapes_of_type(str(step.get("type"))) for lane in _lanes(step, shape, ())]
    for_all = [lane for shape in shapes_of(Step) for lane in _lanes(step, shape, ()) if lane.steps]
    return own + for_all


def _lanes(value: Any, rest: Shape, done: Shape) -> Iterator[Lane]:
    if not rest:
        items = cast("list[Any]", value) if isinstance(value, list) else []
        steps = [cast("Body", each) for each in items if isinstance(each, dict)]
        lot = "/".join(done[: next((at for at, part in enumerate(done) if part.isdecimal()), 0)])
        yield Lane("/".join(done), lot, steps)
    elif rest[0] == MANY:
        for at, each in enumerate(cast("list[Any]", value) if isinstance(value, list) else []):
            yield from _lanes(each, rest[1:], (*done, str(at)))
    else:
        inner = cast("Body", value).get(rest[0]) if isinstance(value, dict) else None
        yield from _lanes(inner, rest[1:], (*done, rest[0]))


def _within(annotation: Any, place: Shape, seen: tuple[type, ...]) -> Iterator[Shape]:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        for part in parts:
            yield from _within(part, place, seen)
    elif origin is Annotated:
        yield from _within(parts[0], place, seen)
    elif origin in (list, tuple, Sequence) and parts:
        if isinstance(parts[0], type) and issubclass(parts[0], Step):
            yield place
        else:
            yield from _within(parts[0], (*place, MANY), seen)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        for name, field in annotation.model_fields.items():
            yield from _within(field.annotation, (*place, field.alias or name), (*seen, annotation))
