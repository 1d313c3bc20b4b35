"""The canvas of a run: the version that it runs, coloured by what became of each block."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from crm_app.automation.compiled import examined
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.load import load_definition
from crm_app.kernel.errors import Invalid
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.designer.tree_data import Picture
from crm_app.ui.elements import icon_name
from crm_app.ui.runs.run_words import BLOCK_STATES

UNDOING = "compensate"
_BUSY = ("waiting", "running", "retrying")


@dataclass(frozen=True)
class Become:
    """What became of a block: `state` is one of `BLOCK_STATES`, `times` how often it was done."""

    state: str
    times: int = 0
    error: str = ""


def coloured(work: UnitOfWork, body: Mapping[str, Any], became: Mapping[str, Become], *, is_over: bool) -> Any:
    """Empty where the version can't be read any more."""
    name = str(body.get("name", ""))
    try:
        definition = load_definition(AutomationDefinition, body, f"automations/{name}")
    except Invalid:
        return {}
    package, scope = work.schema.package, DefinedFields(work.schema)
    found = examined(definition, package, scope)
    picture = Picture(f"automations/{name}", dict(body), definition, package, scope, found)
    tree = picture.tree()
    tree["trigger"] |= _face(Become("finished"))
    for block in tree["blocks"]:
        _colour(block, became, is_over=is_over)
    return tree


def _colour(block: dict[str, Any], became: Mapping[str, Become], *, is_over: bool) -> str:
    """Gives its state. What holds something that goes on goes on itself."""
    lanes = cast("list[dict[str, Any]]", block["lanes"])
    inside = {lane["place"]: [_colour(each, became, is_over=is_over) for each in lane["blocks"]] for lane in lanes}
    known = became.get(block["id"], Become("none"))
    state = known.state
    if _is_touched({UNDOING: inside.get(UNDOING, [])}):
        state = "undone"
    elif state != "failed" and not is_over and _is_busy(each for states in inside.values() for each in states):
        state = "running"
    elif state == "none" and is_over:
        state = "finished" if _is_touched(inside) else "skipped"
    block |= _face(Become(state, known.times, known.error))
    for lane in lanes:
        lane["is_taken"] = _is_touched({lane["place"]: inside[lane["place"]]})
    return state


def _is_touched(inside: Mapping[str, Iterable[str]]) -> bool:
    return any(state not in {"none", "skipped"} for states in inside.values() for state in states)


def _is_busy(states: Iterable[str]) -> bool:
    return any(state in _BUSY for state in states)


def _face(known: Become) -> dict[str, Any]:
    label, icon = BLOCK_STATES[known.state]
    return {
        "state": known.state,
        "said": f"{label}, {known.times} times" if known.times > 1 else label,
        "sign": icon_name(icon) if icon else "",
        "times": known.times if known.times > 1 else 0,
        "problem": known.error,
    }
