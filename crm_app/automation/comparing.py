"""Two versions of an automation: which blocks came, went, moved or changed, and in what."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.slots import Body, lanes_of
from crm_app.automation.tree_edits import Found, walk

State = Literal["same", "added", "removed", "changed", "moved"]
_MOST_SAID = 120


@dataclass(frozen=True)
class Difference:
    """One block. `before` and `after` name it on either side, empty where it is not there; `says` has a line for each
    setting that differs.
    """

    key: str
    depth: int
    state: State
    before: str
    after: str
    says: tuple[str, ...] = ()


def compared(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """The trigger and settings first, then the blocks as they stand in the newer one; what is gone stands after what it
    stood after.
    """
    rows = [_whole(old, new), _part("trigger", "Trigger", old.get("trigger", {}), new.get("trigger", {}))]
    before, after = list(walk(dict(old))), list(walk(dict(new)))
    had = {_id(each): each for each in before}
    has = {_id(each): each for each in after}
    depths = {**_depths(before), **_depths(after)}
    order = _order(before, after)
    return [*rows, *(_block(had.get(key), has.get(key), depths[key], _moved(key, before, after)) for key in order)]


def _depths(all_of: Sequence[Found]) -> dict[str, int]:
    """How many blocks stand around each."""
    depths: dict[str, int] = {}
    for found in all_of:
        depths[_id(found)] = depths.get(found.spot.owner, -1) + 1
    return depths


def _order(before: Sequence[Found], after: Sequence[Found]) -> list[str]:
    names = [_id(each) for each in after]
    last = -1
    for found in before:
        if _id(found) in names:
            last = names.index(_id(found))
        else:
            last += 1
            names.insert(last, _id(found))
    return names


def _moved(key: str, before: Sequence[Found], after: Sequence[Found]) -> bool:
    """Whether it stands in another list, or in another order among those that were its neighbours before."""
    both = {_id(each) for each in before} & {_id(each) for each in after}
    return key in both and _standing(key, before, both) != _standing(key, after, both)


def _standing(key: str, all_of: Sequence[Found], both: set[str]) -> tuple[str, str, str]:
    found = next(each for each in all_of if _id(each) == key)
    ids = [str(step.get("id")) for step in found.siblings if str(step.get("id")) in both]
    at = ids.index(key)
    return found.spot.owner, found.spot.place, ids[at - 1] if at else ""


def _block(old: Found | None, new: Found | None, depth: int, is_moved: bool) -> Difference:
    key = _id(cast("Found", new or old))
    before, after = _title(old), _title(new)
    if old is None or new is None:
        return Difference(key, depth, "removed" if new is None else "added", before, after)
    says = tuple(_differences(_own(old.step), _own(new.step)))
    state: State = "changed" if says else "moved" if is_moved else "same"
    if is_moved:
        says = (*says, "Stands elsewhere")
    return Difference(key, depth, state, before, after, says)


def _whole(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    left = {"steps", "trigger", "name", "format_version"}
    return _part(
        "settings",
        "Settings",
        {key: value for key, value in old.items() if key not in left},
        {key: value for key, value in new.items() if key not in left},
    )


def _part(key: str, label: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    says = tuple(_differences(old, new))
    return Difference(key, 0, "changed" if says else "same", label, label, says)


def _own(step: Body) -> Body:
    """Without what it holds, except for what stands beside the steps in a list, such as the rule of a case."""
    held = {lane.place.partition("/")[0] for lane in lanes_of(step)}
    own = {key: value for key, value in step.items() if key not in held and key != "compensate"}
    for lot in held:
        items = step.get(lot)
        if isinstance(items, list):
            rest = [
                {key: value for key, value in cast("Body", each).items() if not isinstance(value, list)}
                for each in cast("list[Any]", items)
                if isinstance(each, dict) and "type" not in each
            ]
            own |= {lot: rest} if rest else {}
    return own


def _differences(old: Any, new: Any, at: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        was, now = cast("Body", old), cast("Body", new)
        for key in dict.fromkeys([*was, *now]):
            yield from _differences(was.get(key), now.get(key), f"{at}/{key}" if at else key)
    elif old != new:
        yield f"{at}: {_said(old)} → {_said(new)}"


def _said(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SAID else f"{text[:_MOST_SAID]}…"


def _title(found: Found | None) -> str:
    if found is None:
        return ""
    step = found.step
    known = STEP_TYPES.find(str(step.get("type")))
    kind = known.label if known else str(step.get("type"))
    return f"{step['name']} ({kind})" if step.get("name") else f"{kind} · {_id(found)}"


def _id(found: Found) -> str:
    return str(found.step.get("id"))
