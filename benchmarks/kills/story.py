"""The automations that the proof sets off, and what each has to leave behind: how its run ends, its tasks, its effects.

An event is one change of a deal that is there already, so a client that heard no answer repeats it without doubling it.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package

Block = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """`weight`: how often it comes. `change` is what the client writes; `tasks` are counted by subject. Those of
    `undone` may have come before somebody else had won: then they are undone, and `spare` effects came with them.
    """

    name: str
    weight: int
    change: Mapping[str, str]
    steps: tuple[Block, ...]
    tasks: Mapping[str, int]
    effects: int
    status: str = "finished"
    undone: tuple[str, str] | None = None
    spare: int = 0

    def tasks_with(self, have: Mapping[str, int]) -> Counter[str]:
        """What there must be, where this is what there is."""
        wanted = Counter(self.tasks)
        if self.undone is not None and any(have.get(each) for each in self.undone):
            wanted.update(self.undone)
        return wanted

    def is_count_of_effects(self, effects: int, have: Mapping[str, int]) -> bool:
        more = effects - self.effects - (self.tasks_with(have).total() - sum(self.tasks.values()))
        return 0 <= more <= self.spare


def _task(key: str, *undo: Block) -> Block:
    values = {"subject": f"'{key}'", "owner": "owner", "deal": "id"}
    return {"id": key, "type": "create", "object": "task", "values": values, "compensate": list(undo)}


def _kind(name: str, number: int, weight: int, steps: tuple[Block, ...], tasks: list[str], **more: Any) -> Kind:
    counted = {subject: tasks.count(subject) for subject in tasks}
    return Kind(name, weight, {"amount": str(1000 + number)}, steps, counted, **more)


_MARK: Block = {"id": "mark", "type": "update", "values": {"notes": "'marked'"}}
_MARK_TASK: Block = {"id": "mark_task", "type": "update", "record": "steps.made.id", "values": {"notes": "'marked'"}}
_WAIT: Block = {"id": "hold", "type": "wait", "duration": "PT2S"}
_WAIT_FOR: Block = {
    "id": "answered", "type": "wait_for", "object": "task", "match": "deal = vars.record and done",
    "timeout": "PT1S", "on_timeout": [_task("nobody")],
}  # fmt: skip
_ASK: Block = {"id": "ok", "type": "approval", "assignees": "owner", "title": "{{name}}?"}
_EACH: Block = {
    "id": "each", "type": "for_each", "over": "task_deal",
    "steps": [{"id": "mark", "type": "update", "record": "steps.each.item", "values": {"notes": "'marked'"}}],
}  # fmt: skip
_LANES: Block = {
    "id": "both", "type": "parallel", "until": "all",
    "branches": [{"steps": [_task("left")]}, {"steps": [_WAIT, _task("right")]}],
}  # fmt: skip
_LATE: Block = {"id": "late", "type": "wait", "duration": "PT1H"}
_RACE: Block = {
    "id": "first", "type": "parallel", "until": "race",
    "branches": [{"steps": [_task("tried", _task("untried")), _LATE, _task("never")]}, {"steps": [_task("won")]}],
}  # fmt: skip
_TRY: Block = {
    "id": "attempt", "type": "try", "catch": [_task("caught")], "finally": [_task("at_last")],
    "steps": [_task("first", _task("undone")), {"id": "no", "type": "fail", "message": "'No'"}],
}  # fmt: skip
_NO: Block = {"id": "no", "type": "fail", "message": "'No'"}

KINDS = (
    Kind("won_follow_up", 40, {"stage": "won"}, (), {"Follow up": 1}, effects=1),
    _kind("three_steps", 3, 20, (_task("made"), _MARK, _MARK_TASK), ["made"], effects=3),
    _kind("waits", 4, 10, (_task("before"), _WAIT, _task("after")), ["before", "after"], effects=3),
    _kind("asks", 5, 8, (_ASK, _task("said")), ["said"], effects=2),
    _kind("answered", 6, 5, (_WAIT_FOR, _task("then")), ["nobody", "then"], effects=3),
    _kind("repeats", 7, 6, (_task("one"), _task("two"), _EACH), ["one", "two"], effects=5),
    _kind("beside", 8, 6, (_LANES, _task("joined")), ["left", "right", "joined"], effects=4),
    _kind(
        "races", 11, 6, (_RACE, _task("after_it")), ["won", "after_it"], effects=3, undone=("tried", "untried"), spare=1
    ),
    _kind("tries", 9, 3, (_TRY,), ["first", "undone", "caught", "at_last"], effects=4),
    _kind(
        "undoes", 10, 2, (_task("a", _task("un_a")), _task("b", _task("un_b")), _NO), ["a", "b", "un_a", "un_b"],
        effects=4, status="failed",
    ),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in KINDS}


def chosen(dice: random.Random, events: int) -> list[str]:
    """A kind for each event; few events have every kind at least once."""
    all_of_them = [kind.name for kind in KINDS]
    more = dice.choices(all_of_them, [kind.weight for kind in KINDS], k=max(events - len(KINDS), 0))
    names = (all_of_them + more)[:events]
    dice.shuffle(names)
    return names


def automations() -> Package:
    """Beside the one that the sales package brings."""

    def body(kind: Kind) -> dict[str, Any]:
        trigger = {"type": "record.updated", "object": "deal", "fields": ["amount"]}
        when = f"amount = {kind.change['amount']} USD"
        return {
            "format_version": 1, "name": kind.name, "label": kind.name, "steps": list(kind.steps),
            "trigger": {**trigger, "when": when},
        }  # fmt: skip

    bodies = [body(kind) for kind in KINDS if kind.steps]
    return load_package({"automations": {f"automations/{each['name']}.json": each for each in bodies}})
