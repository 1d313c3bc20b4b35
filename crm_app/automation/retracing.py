"""Where a run stands: what it did, laid along the blocks of a version, in the order in which the interpreter
(`workflows/interpreter.py`, `workflows/control`) would come by. Nothing is done, and nothing is decided anew.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from crm_app.automation.messages import COMPENSATE, Block, Output

FAILURE = "!"
SETTLED = "!"


class Stands(Exception):
    """What comes after this block in its sequence has not begun."""


class Over(Exception):
    """A branch that lost does nothing more."""


class Stopped(Exception):
    """`stop` was reached."""


class Failed(Exception):
    """The step said no for good."""


@dataclass
class Retrace:
    """`ledger` is what the run did, by path. After `walk`: `seen` are the paths that were come by, `waits` the blocks
    that wait, `ahead` those that come next and have not begun, by their paths; `has_ended` that nothing is left.
    """

    ledger: Mapping[str, Output]
    seen: set[str] = field(default_factory=set[str])
    waits: dict[str, Block] = field(default_factory=dict[str, Block])
    ahead: dict[str, Block] = field(default_factory=dict[str, Block])
    has_ended: bool = False
    undo: list[tuple[Block, str]] = field(default_factory=list[tuple[Block, str]])
    only_recalls: bool = False

    @property
    def left(self) -> set[str]:
        """What was done and is not come by."""
        return set(self.ledger) - self.seen

    def walk(self, blocks: Sequence[Block]) -> "Retrace":
        try:
            self.sequence(blocks, "")
        except Stands:
            return self
        except Failed:
            with suppress(Stands):
                self.take_back()
            return self
        except Stopped:
            pass
        self.has_ended = True
        return self

    def sequence(self, blocks: Sequence[Block], path: str) -> None:
        for block in blocks:
            at = f"{path}/{block.id}" if path else block.id
            WAYS.get(block.type, _step)(block, at, self)
            if block.slots.get(COMPENSATE):
                self.undo.append((block, at))

    def known(self, path: str) -> Output | None:
        found = self.ledger.get(path)
        if found is not None:
            self.seen.add(path)
            if FAILURE in found:
                raise Failed
        return found

    def given(self, block: Block, path: str) -> Output:
        found = self.known(path)
        if found is not None:
            return found
        if self.only_recalls:
            raise Over
        self.ahead[path] = block
        raise Stands

    def attempt(self, blocks: Sequence[Block], path: str) -> bool:
        """Whether all went well; otherwise what was done is undone."""
        before = len(self.undo)
        try:
            self.sequence(blocks, path)
        except Failed:
            self.take_back(before)
            return False
        return True

    def take_back(self, since: int = 0) -> None:
        done = self.undo[since:]
        del self.undo[since:]
        for block, path in reversed(done):
            self.detached().attempt(block.slots[COMPENSATE], path)

    def branch(self, *, only_recalls: bool) -> "Retrace":
        return Retrace(self.ledger, self.seen, self.waits, self.ahead, only_recalls=only_recalls or self.only_recalls)

    def detached(self) -> "Retrace":
        """For what is done also where a branch is over."""
        return Retrace(self.ledger, self.seen, self.waits, self.ahead)


Way = Callable[[Block, str, Retrace], object]


def _step(block: Block, path: str, trace: Retrace) -> None:
    trace.given(block, path)


def _wait(block: Block, path: str, trace: Retrace) -> None:
    begun = trace.given(block, path)
    settled = trace.known(f"{path}{SETTLED}")
    if settled is None:
        if trace.only_recalls:
            raise Over
        trace.waits[path] = block
        raise Stands
    if begun.get("past"):
        raise Stopped
    if settled.get("timed_out"):
        trace.sequence(block.slots.get("on_timeout", ()), path)


def _choose(block: Block, path: str, trace: Retrace) -> None:
    case = int(trace.given(block, path)["case"])
    trace.sequence(block.slots.get("else" if case < 0 else f"cases/{case}/steps", ()), path)


def _loop(block: Block, path: str, trace: Retrace) -> None:
    turn = 0
    while trace.given(block, f"{path}#{turn}")["again"]:
        trace.sequence(block.slots["steps"], f"{path}#{turn}")
        turn += 1


def _for_each(block: Block, path: str, trace: Retrace) -> None:
    count = len(trace.given(block, path)["items"])
    stops = [each for each in trace.ledger if each.startswith(f"{path}#stop")]
    trace.seen.update(stops)
    ends, is_side_by_side = set[type[Exception] | None](), int(block.config.get("concurrency", 1)) > 1
    for index in range(count):
        here = f"{path}#{index}"
        if Stands in ends and not (is_side_by_side and any(each.startswith(f"{here}/") for each in trace.ledger)):
            continue
        ends.add(_item(block, here, trace, only_recalls=bool(stops)))
        if ends & {Failed, Stopped} and not is_side_by_side:
            break
    end = Failed if stops else next((each for each in (Stopped, Stands, Failed) if each in ends), None)
    if end is not None:
        raise end


def _item(block: Block, path: str, trace: Retrace, *, only_recalls: bool) -> type[Exception] | None:
    """How it ended; a failure that is passed over is none."""
    inner = trace.branch(only_recalls=only_recalls)
    passes_over = block.config.get("on_error") == "continue"
    end = None
    try:
        if not inner.attempt(block.slots["steps"], path) and not passes_over:
            end = Failed
    except (Stands, Stopped, Over) as error:
        end = type(error)
    trace.undo += inner.undo
    return end


def _parallel(block: Block, path: str, trace: Retrace) -> None:
    decided = trace.known(path)
    lanes = [name for name in block.slots if name.startswith("branches/")]
    ways: dict[str, Retrace] = {}
    ends: dict[str, type[Exception] | None] = {}
    winner = f"branches/{decided['branch']}/steps" if decided else ""
    for lane in lanes:
        inner = ways[lane] = trace.branch(only_recalls=bool(winner) and lane != winner)
        ends[lane] = _end_of(inner, block.slots[lane], path)
    end = ends[winner] if winner else _undecided(block, path, trace, set(ends.values()))
    for lane in lanes:
        if winner and end is None and lane != winner:
            ways[lane].take_back()
        else:
            trace.undo += ways[lane].undo
    if end is not None:
        raise end


def _undecided(block: Block, path: str, trace: Retrace, ends: set[type[Exception] | None]) -> type[Exception] | None:
    """That a branch decides is noted in a step of its own, which may be next."""
    decisive = {"race": {None, Failed, Stopped}, "any": {None, Stopped}, "all": {Failed, Stopped}}
    if ends & decisive[block.config.get("until", "all")]:
        trace.given(block, path)
    return next((end for end in (Stands, Over, Failed) if end in ends), None)


def _end_of(lane: Retrace, blocks: Sequence[Block], path: str) -> type[Exception] | None:
    try:
        lane.sequence(blocks, path)
    except (Stands, Failed, Stopped, Over) as end:
        return type(end)
    return None


def _try(block: Block, path: str, trace: Retrace) -> None:
    try:
        went_well = trace.attempt(block.slots["steps"], path) or (
            bool(block.slots["catch"]) and trace.attempt(block.slots["catch"], path)
        )
    except Stopped:
        trace.sequence(block.slots["finally"], path)
        raise
    except Over:
        trace.detached().sequence(block.slots["finally"], path)
        raise
    trace.sequence(block.slots["finally"], path)
    if not went_well:
        raise Failed


def _undo(block: Block, path: str, trace: Retrace) -> None:
    trace.given(block, path)
    trace.take_back()


def _stop(block: Block, path: str, trace: Retrace) -> None:
    trace.given(block, path)
    raise Stopped


WAYS: Mapping[str, Way] = {
    "branch": _choose,
    "switch": _choose,
    "loop": _loop,
    "for_each": _for_each,
    "parallel": _parallel,
    "try": _try,
    "compensate": _undo,
    "stop": _stop,
    **dict.fromkeys(("approval", "call", "form", "wait", "wait_for", "wait_until"), _wait),
}
