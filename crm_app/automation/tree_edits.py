"""What the designer does to an automation's JSON, one pure function each. Whether the result is an automation is
checked by whoever keeps it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.slots import MANY, Body, lanes_of, lots_of, parts_of, shapes_of_type
from crm_app.kernel.errors import Invalid, NotFound

ROOT = "steps"


@dataclass(frozen=True)
class Spot:
    """Before which step of a list one would stand; an empty `owner` is the automation itself."""

    owner: str
    place: str
    index: int


@dataclass(frozen=True)
class Found:
    """A step where it stands: the list that holds it, and its path from the definition, as in `steps/0/else/1`."""

    step: Body
    spot: Spot
    path: str
    siblings: Sequence[Body]


def walk(body: Body) -> Iterator[Found]:
    """Every step, each before those within it."""
    yield from _walk(_steps(body.get(ROOT)), "", ROOT, ROOT)


def within(step: Body) -> Iterator[Body]:
    """The step and all that it holds."""
    yield step
    for lane in lanes_of(step):
        for inner in lane.steps:
            yield from within(inner)


def find(body: Body, step_id: str) -> Found:
    for found in walk(body):
        if found.step.get("id") == step_id:
            return found
    raise NotFound(f"There is no step '{step_id[:50]}'.")


def inserted(body: Body, spot: Spot, steps: Iterable[Body]) -> Body:
    """The steps as they are, at the spot; beyond the end means the end."""
    made = deepcopy(body)
    items = _list_at(made, spot)
    at = max(0, min(spot.index, len(items)))
    items[at:at] = list(steps)
    return made


def removed(body: Body, step_id: str) -> Body:
    """The step with all that it holds."""
    made = deepcopy(body)
    found = find(made, step_id)
    del _list_at(made, found.spot)[found.spot.index]
    return made


def moved(body: Body, step_id: str, spot: Spot) -> Body:
    """`spot` counts the steps as they stand before the move."""
    found = find(body, step_id)
    if spot.owner in {str(each.get("id")) for each in within(found.step)}:
        raise Invalid("A step can't be moved into itself.")
    is_same = (spot.owner, spot.place) == (found.spot.owner, found.spot.place)
    index = spot.index - 1 if is_same and spot.index > found.spot.index else spot.index
    return inserted(removed(body, step_id), Spot(spot.owner, spot.place, index), [deepcopy(found.step)])


def replaced(body: Body, step_id: str, step: Body) -> Body:
    made = deepcopy(body)
    found = find(made, step_id)
    _list_at(made, found.spot)[found.spot.index] = step
    return made


def pasted(body: Body, spot: Spot, steps: Sequence[Body]) -> tuple[Body, list[str]]:
    """Copies under ids that are free; what the copies say of each other follows. Gives the ids of the outer ones."""
    taken = {str(found.step.get("id")) for found in walk(body)}
    names: dict[str, str] = {}
    for step in steps:
        for each in within(step):
            old = str(each.get("id"))
            names[old] = free_id(old, taken)
            taken.add(names[old])
    copies = [cast("Body", _renamed(deepcopy(step), names)) for step in steps]
    return inserted(body, spot, copies), [str(step["id"]) for step in copies]


def renamed(body: Body, old: str, new: str) -> Body:
    """The step's id, and every `steps.ID.` that speaks of it."""
    if new != old and any(found.step.get("id") == new for found in walk(body)):
        raise Invalid(f"Another step has the id '{new}'.")
    find(body, old)
    return cast("Body", _renamed(deepcopy(body), {old: new}))


def free_id(wanted: str, taken: Iterable[str]) -> str:
    used = set(taken)
    base = re.sub(r"_\d+$", "", re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_"))[:40] or "step"
    if wanted not in used and re.fullmatch(r"[a-z][a-z0-9_]*", wanted):
        return wanted
    return next(name for at in range(2, len(used) + 3) if (name := f"{base}_{at}") not in used)


def with_lane(body: Body, step_id: str, lot: str) -> Body:
    """One more of a list of lanes or of parts, before none of the others."""
    made = deepcopy(body)
    step = find(made, step_id).step
    step[lot] = [*_items(step.get(lot)), _new_of(step, lot)]
    return made


def without_lane(body: Body, step_id: str, lot: str, at: int) -> Body:
    """With the steps in it."""
    made = deepcopy(body)
    step = find(made, step_id).step
    _new_of(step, lot)
    items = _items(step.get(lot))
    step[lot] = [each for number, each in enumerate(items) if number != at]
    return made


def lane_moved(body: Body, step_id: str, lot: str, at: int, to: int) -> Body:
    made = deepcopy(body)
    step = find(made, step_id).step
    items = _items(step.get(lot))
    if 0 <= at < len(items) and 0 <= to < len(items):
        items.insert(to, items.pop(at))
    step[lot] = items
    return made


def new_step(type_name: str, step_id: str) -> Body:
    """With one lane of each kind, or as many as there must be; texts are empty, for a person to fill in, and other
    things that it needs are as in the type's example.
    """
    step: Body = {"id": step_id, "type": type_name}
    known = STEP_TYPES.find(type_name)
    if known is None:
        return step
    example = known.examples[0] if known.examples else {}
    least = cast("dict[str, Body]", known.config.model_json_schema().get("properties", {}))
    for shape in shapes_of_type(type_name):
        if len(shape) > 1 and shape[1] == MANY:
            count = int(least.get(shape[0], {}).get("minItems", 1))
            step[shape[0]] = [_new_lane(type_name, shape) for _ in range(max(count, 1))]
        elif len(shape) == 1:
            step.setdefault(shape[0], [])
    for lot, inner in parts_of(known.config).items():
        step[lot] = [_needed(inner, {}, {}) for _ in range(int(least.get(lot, {}).get("minItems", 0)))]
    return {**step, **_needed(known.config, example, step)}


def _needed(model: type[BaseModel], example: Body, known: Body) -> Body:
    names = {field.alias or name: field for name, field in model.model_fields.items() if field.is_required()}
    return {
        name: "" if field.annotation is str else example[name]
        for name, field in names.items()
        if name not in known and (field.annotation is str or isinstance(example.get(name), (int, bool)))
    }


def _new_lane(type_name: str, shape: Sequence[str]) -> Any:
    known = STEP_TYPES.get(type_name)
    inner = lots_of(known.config).get(shape[0])
    lane = _empty(shape[2:])
    if inner is None or not isinstance(lane, dict):
        return lane
    return {**_needed(inner, {}, cast("Body", lane)), **cast("Body", lane)}


def _empty(shape: Sequence[str]) -> Any:
    return {shape[0]: _empty(shape[1:])} if shape else []


def _new_of(step: Body, lot: str) -> Any:
    """An empty one of what the step has a list of."""
    type_name = str(step.get("type"))
    known = STEP_TYPES.find(type_name)
    if known is not None and (inner := parts_of(known.config).get(lot)):
        return _needed(inner, {}, {})
    for shape in shapes_of_type(type_name):
        if shape[0] == lot and len(shape) > 1:
            return _new_lane(type_name, shape)
    raise NotFound(f"A step of type '{str(step.get('type'))[:50]}' has no '{lot[:50]}'.")


def _items(value: Any) -> list[Any]:
    return list(cast("list[Any]", value)) if isinstance(value, list) else []


def _steps(value: Any) -> list[Body]:
    return [cast("Body", each) for each in _items(value) if isinstance(each, dict)]


def _walk(steps: Sequence[Body], owner: str, place: str, path: str) -> Iterator[Found]:
    for index, step in enumerate(steps):
        yield Found(step, Spot(owner, place, index), f"{path}/{index}", steps)
        for lane in lanes_of(step):
            yield from _walk(lane.steps, str(step.get("id")), lane.place, f"{path}/{index}/{lane.place}")


def _list_at(body: Body, spot: Spot) -> list[Any]:
    """The list itself, made where it was left out."""
    holder: Any = find(body, spot.owner).step if spot.owner else body
    known = [lane.place for lane in lanes_of(holder)] if spot.owner else [ROOT]
    if spot.place not in (*known, "compensate"):
        raise NotFound(f"There is no list '{spot.place[:50]}' of steps here.")
    *way, last = spot.place.split("/")
    for part in way:
        holder = _within(holder, part)
    found = _within(holder, last)
    return cast("list[Any]", found)


def _within(holder: Any, part: str) -> Any:
    """What stands there; a list of steps is made where it was left out."""
    if isinstance(holder, list):
        return cast("list[Any]", holder)[int(part)]
    return cast("Body", holder).setdefault(part, [])


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        inner = {key: _renamed(each, names) for key, each in cast("Body", value).items()}
        if "id" in inner and "type" in inner and isinstance(inner["id"], str):
            inner["id"] = names.get(inner["id"], inner["id"])
        return inner
    if isinstance(value, list):
        return [_renamed(each, names) for each in cast("list[Any]", value)]
    if isinstance(value, str):
        return re.sub(r"\bsteps\.([a-z][a-z0-9_]*)\b", lambda m: f"steps.{names.get(m[1], m[1])}", value)
    return value
