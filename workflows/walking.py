"""What the control blocks and the interpreter share: how far a run is, what can be undone, and who has to stop.

No branch is ever cut off in the middle of a step: whoever has to stop does so before its next one. So what was done is
always known, and can be undone.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from crm_app.automation.messages import Block, Completed, Done, Output, RunHead, SoFar, StepInput

NOT_DONE = "not_done"
FINAL = frozenset({"run_ended", "run_ending", "step_budget"})
STEPS_OF_A_HISTORY = 500
BYTES_OF_A_HISTORY = 256_000
FEWEST_STEPS = 50


class StepFailed(Exception):
    """A step said no for good: which, and the sentence it gave. Where `is_final`, nothing in the run may catch it."""

    def __init__(self, step: StepInput, message: str, code: str) -> None:
        super().__init__(message)
        self.step = step
        self.message = message
        self.code = code

    @property
    def is_final(self) -> bool:
        return self.code in FINAL


class RunStopped(Exception):
    """Ends the run as finished."""


class BranchOver(Exception):
    """The branch does nothing more."""


@dataclass
class Scope:
    """What may have to stop together: a branch, and all branches inside. Somebody `beside` it may end it."""

    parent: "Scope | None" = None
    beside: bool = False
    was_ended: bool = False

    @property
    def is_over(self) -> bool:
        return self.was_ended or (self.parent is not None and self.parent.is_over)

    @property
    def is_contested(self) -> bool:
        """Whether others may decide that what follows is not to be done."""
        return self.beside or (self.parent is not None and self.parent.is_contested)

    def end(self) -> None:
        self.was_ended = True


@dataclass
class Progress:
    """Of one run, in the workflow that executes it. `blocks` are all of the automation's by id; `done` keeps those that
    are finished by path, until the one around them is. `busy` counts what must end before a new history may begin.
    The step at `last` ends the run, and `has_ended` says that it did.
    """

    max_steps: int
    blocks: Mapping[str, Block]
    steps: int = 0
    done: dict[str, Done] = field(default_factory=dict[str, Done])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    order: int = 0
    steps_here: int = 0
    bytes: int = 0
    busy: int = 0
    wakes: int = 0
    went_on: bool = False
    last: str = ""
    has_ended: bool = False
    is_suggested: Callable[[], bool] = lambda: False

    @property
    def is_full(self) -> bool:
        """Whether the history has grown so far that a new one should begin."""
        if self.steps_here < FEWEST_STEPS:
            return False
        return self.steps_here >= STEPS_OF_A_HISTORY or self.bytes >= BYTES_OF_A_HISTORY or self.is_suggested()

    def count(self, steps: int) -> None:
        self.steps += steps
        self.steps_here += steps

    def keep(self, path: str, done: Done, inside: str = "") -> None:
        """Finished: what is inside needs no entry of its own any more."""
        within = (f"{inside or path}/", f"{inside or path}#")
        for inner in [each for each in self.done if each.startswith(within)]:
            del self.done[inner]
        self.done[path] = done
        self.bytes += sum(len(json.dumps(output)) for output in done.outputs.values())

    def keep_part(self, key: str, block: str, failed: int, undo: list[Completed]) -> None:
        """A part of a list that another workflow has done."""
        self.keep(key, Done({block: {"failed": failed}}, undo))

    def next_order(self) -> int:
        self.order += 1
        return self.order

    def take_up(self, known: SoFar) -> None:
        """Where another history stopped."""
        self.steps, self.order = known.steps, known.order
        self.done, self.variables = dict(known.done), dict(known.variables)
        self.went_on = known.went_on

    @property
    def so_far(self) -> SoFar:
        return SoFar(self.steps, self.order, dict(self.done), dict(self.variables), went_on=True)


class Walker(Protocol):
    """A run, or one branch of it, as a control block sees it. `outputs` and `variables` are what rules know here,
    `undo` is what can be undone here, in the order in which it was done. Who `only_recalls` does nothing new. For
    `contests` see `StepInput`.
    """

    run: RunHead
    scope: Scope
    progress: Progress
    outputs: dict[str, Output]
    variables: dict[str, Any]
    undo: list[Completed]
    only_recalls: bool
    contests: Mapping[str, int]

    async def sequence(self, blocks: Sequence[Block], path: str) -> None:
        """Does the blocks one after the other; `path` is that of the block they stand in."""
        ...

    async def ask(self, block: Block, path: str, **hint: Any) -> Output:
        """Does the step, or asks a control block to decide; the answer is in the ledger before it is here."""
        ...

    async def begin(self, block: Block, path: str) -> Output:
        """Opens the block's wait."""
        ...

    async def wait(self, block: Block, path: str, begun: Output) -> Output:
        """Until the wait is over: what came of it. Asked before the time has come or anybody has answered, the ledger
        says until when.
        """
        ...

    async def attempt(self, blocks: Sequence[Block], path: str) -> StepFailed | None:
        """Does the blocks; where one fails, what they did is undone and the failure is the answer."""
        ...

    async def take_back(self, since: int = 0) -> None:
        """Undoes what was done here, but for the first `since`, the last first. What can't be undone is noted, and the
        rest is undone all the same.
        """
        ...

    def branch(
        self, scope: Scope, *, only_recalls: bool = False, contests: Mapping[str, int] | None = None
    ) -> "Walker":
        """Somebody who goes on from here beside this one, knowing what is known here, and part of these races too."""
        ...

    def detached(self) -> "Walker":
        """Somebody who does what has to be done even where this one must stop: undoing, and what comes `finally`."""
        ...

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits, without doing anything meanwhile."""
        ...


def blocks_by_id(blocks: Iterable[Block]) -> dict[str, Block]:
    """All of them, however deep they stand."""
    found: dict[str, Block] = {}
    for block in blocks:
        found[block.id] = block
        for inside in block.slots.values():
            found |= blocks_by_id(inside)
    return found


Run = Callable[[Block, str, Walker], Awaitable[Output | None]]


@dataclass(frozen=True)
class Control:
    """How a control block is walked; what it gives is its output. `name` is that of its step type."""

    name: str
    run: Run
