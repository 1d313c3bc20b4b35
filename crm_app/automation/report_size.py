"""How large a run can get at worst: the longest way through the tree, with every loop going as often as it may."""

from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from operator import add
from typing import Any, cast

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.report_findings import Finding, Looked
from crm_app.automation.slots import Body, Lane, lanes_of

LOCAL_EVENTS, EXTERNAL_EVENTS, RUN_EVENTS = 2, 6, 8
MOST_EVENTS = 51_200
ALTERNATIVES = ("branch", "switch")
_MOST_ITEMS = 1000


@dataclass(frozen=True)
class Size:
    """`emails` are messages to people outside; `events` those of Temporal's history, `calls` runs of other
    automations that it starts itself.
    """

    steps: int = 0
    emails: int = 0
    events: int = 0
    calls: int = 0

    def plus(self, other: "Size") -> "Size":
        return Size(*map(add, astuple(self), astuple(other)))

    def times(self, count: int) -> "Size":
        return Size(*(each * count for each in astuple(self)))

    def most(self, other: "Size") -> "Size":
        return Size(*map(max, astuple(self), astuple(other)))


def size_findings(looked: Looked) -> Iterator[Finding]:
    size = worst(cast("list[Body]", looked.body.get("steps", []))).plus(Size(events=RUN_EVENTS))
    allowed = looked.definition.limits.max_steps
    lines = [
        f"At most {size.steps:,} {'step' if size.steps == 1 else 'steps'} per run; {allowed:,} are allowed.",
        f"At most {size.emails:,} {'email' if size.emails == 1 else 'emails'} per run.",
        f"At most about {size.events:,} events in its history"
        + (", which is split into several." if size.events > MOST_EVENTS else "."),
    ]
    if size.calls:
        runs = "run of another workflow" if size.calls == 1 else "runs of other workflows"
        lines.append(f"It calls at most {size.calls:,} {runs}, each with a size of its own.")
    is_over = size.steps > allowed
    if is_over:
        lines.append("At worst it ends with an error because it may not do as many steps. Raise the limit in Settings.")
    yield Finding("size", "At worst", "note" if is_over else "good", tuple(lines))


def worst(steps: list[Body]) -> Size:
    total = Size()
    for step in steps:
        total = total.plus(_worst(step))
    return total


def _worst(step: Body) -> Size:
    """Every question to the ledger counts as a step: of a loop before each turn and after the last, of a wait when it
    begins and when it is over.
    """
    known = STEP_TYPES.find(str(step.get("type")))
    events = EXTERNAL_EVENTS if known is not None and known.is_external else LOCAL_EVENTS
    lanes = [lane for lane in lanes_of(step) if lane.place != "compensate"]
    turns = _turns(step, lanes)
    asked = turns + 1 if step.get("type") == "loop" else 2 if known is not None and known.waits else 1
    own = Size(asked, int(step.get("type") == "email"), asked * events, int(step.get("type") == "call"))
    inner = Size()
    for lane in lanes:
        size = worst(list(lane.steps))
        inner = inner.most(size) if step.get("type") in ALTERNATIVES else inner.plus(size)
    undoing = worst([each for lane in lanes_of(step) if lane.place == "compensate" for each in lane.steps])
    return own.plus(inner.times(turns)).plus(undoing)


def _turns(step: Mapping[str, Any], lanes: list[Lane]) -> int:
    """How often what is inside is done."""
    if not lanes or step.get("type") in ALTERNATIVES:
        return 1
    for name in ("max", "max_items", "limit"):
        value = step.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return _MOST_ITEMS if step.get("type") == "for_each" else 1
