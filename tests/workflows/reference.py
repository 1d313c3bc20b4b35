"""What a run may do, said a second time and as simply as it goes: no Temporal, no ledger, no concurrency. It reads the
tree beside what was observed, and says in what order the effects must have come. Where branches ran side by side, what
was observed decides how far those came that others have stopped; everything else is fixed.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Block = Mapping[str, Any]
Expected = Any
"""A path, a list (one after the other), `Beside`, or `Undone`."""


class Failed(Exception):
    pass


class Stopped(Exception):
    pass


class CalledOff(Exception):
    """The run is: what it has not done by now it does no more, and what it did is undone."""


class Over(Exception):
    """Others have decided; the branch does nothing more."""


@dataclass
class Beside:
    """In any order; `entries` with comparable lanes must come one after the other, as they stand."""

    entries: list[tuple[tuple[str, ...], Expected]]


@dataclass
class Seen:
    """What the ledger holds: when each effect came, what control blocks decided, which steps failed."""

    at: Mapping[str, int]
    decided: Mapping[str, Mapping[str, Any]]
    failed: frozenset[str]


@dataclass
class Lane:
    """`is_free`: it may have been stopped anywhere; one that `undoes` is not."""

    name: tuple[str, ...] = ()
    is_free: bool = False
    undoes: bool = False
    done: list[Expected] = field(default_factory=list[Expected])
    undo: list[tuple[tuple[str, ...], str, Block]] = field(default_factory=list[tuple[tuple[str, ...], str, Block]])


class Reference:
    def __init__(self, seen: Seen, items: int, *, called_off: bool = False) -> None:
        self.seen = seen
        self.items = items
        self.called_off = called_off

    def run(self, blocks: list[Block]) -> tuple[str, Expected]:
        """How the run ends, and all that it does."""
        root = Lane()
        try:
            self.sequence(blocks, "", root)
        except Stopped:
            return "finished", root.done
        except (Failed, CalledOff) as end:
            self.take_back(root, 0)
            return "cancelled" if isinstance(end, CalledOff) else "failed", root.done
        return "finished", root.done

    def sequence(self, blocks: list[Block], path: str, lane: Lane) -> None:
        for block in blocks:
            here = f"{path}/{block['id']}" if path else block["id"]
            getattr(self, f"do_{block['type']}")(block, here, lane)
            if block.get("compensate"):
                lane.undo.append((lane.name, here, block))

    def effect(self, path: str, lane: Lane) -> None:
        self.require(lane, was_seen=path in self.seen.at)
        lane.done.append(path)

    def require(self, lane: Lane, *, was_seen: bool) -> None:
        if lane.is_free and not was_seen:
            raise Over
        if self.called_off and not (lane.undoes or was_seen):
            raise CalledOff

    def take_back(self, lane: Lane, since: int) -> None:
        entries: list[tuple[tuple[str, ...], Expected]] = []
        for name, path, block in reversed(lane.undo[since:]):
            undoing = Lane(undoes=True)
            with suppress(Failed, Stopped):
                self.sequence(block["compensate"], path, undoing)
            entries.append((name, undoing.done))
        del lane.undo[since:]
        lane.done.append(Beside(entries))

    def attempt(self, blocks: list[Block], path: str, lane: Lane) -> bool:
        undoable = len(lane.undo)
        try:
            self.sequence(blocks, path, lane)
        except Failed:
            self.take_back(lane, undoable)
            return False
        return True

    def do_create(self, _block: Block, path: str, lane: Lane) -> None:
        self.effect(path, lane)

    def do_fail(self, _block: Block, path: str, lane: Lane) -> None:
        self.require(lane, was_seen=path in self.seen.failed)
        raise Failed

    def do_stop(self, _block: Block, path: str, lane: Lane) -> None:
        self.effect(path, lane)
        raise Stopped

    def do_compensate(self, _block: Block, path: str, lane: Lane) -> None:
        self.effect(path, lane)
        self.take_back(lane, 0)

    def do_branch(self, block: Block, path: str, lane: Lane) -> None:
        self.effect(path, lane)
        true = next((case for case in block["cases"] if case["when"] == "true"), None)
        self.sequence(true["steps"] if true else block["else"], path, lane)

    def do_loop(self, block: Block, path: str, lane: Lane) -> None:
        for turn in range(block["max"]):
            self.effect(f"{path}#{turn}", lane)
            self.sequence(block["steps"], f"{path}#{turn}", lane)
        self.effect(f"{path}#{block['max']}", lane)

    def do_for_each(self, block: Block, path: str, lane: Lane) -> None:
        self.effect(path, lane)
        for index in range(self.items):
            inner = Lane(lane.name, lane.is_free, lane.undoes, lane.done)
            try:
                if block["on_error"] == "continue":
                    self.attempt(block["steps"], f"{path}#{index}", inner)
                else:
                    self.sequence(block["steps"], f"{path}#{index}", inner)
            finally:
                lane.undo += inner.undo

    def do_try(self, block: Block, path: str, lane: Lane) -> None:
        try:
            if not self.attempt(block["steps"], path, lane):
                self._catch(block, path, lane)
        except (Failed, Stopped):
            self.sequence(block["finally"], path, lane)
            raise
        except (Over, CalledOff):
            with suppress(Stopped):
                self.sequence(block["finally"], path, Lane(lane.name, undoes=True, done=lane.done))
            raise
        self.sequence(block["finally"], path, lane)

    def _catch(self, block: Block, path: str, lane: Lane) -> None:
        if not block["catch"] or not self.attempt(block["catch"], path, lane):
            raise Failed

    def do_parallel(self, block: Block, path: str, lane: Lane) -> None:
        said = self.seen.decided.get(path)
        winner = said["branch"] if said else None
        lanes: list[Lane] = []
        ends: list[Exception | None] = []
        for index, each in enumerate(block["branches"]):
            is_free = lane.is_free or (winner is not None and index != winner)
            inner = Lane((*lane.name, f"{path}.{index}"), is_free, lane.undoes)
            ends.append(self._ended(each["steps"], path, inner))
            lanes.append(inner)
        entries: list[tuple[tuple[str, ...], Expected]] = [(inner.name, list(inner.done)) for inner in lanes]
        lane.done.append(Beside([*entries, *([((path,), path)] if said else [])]))
        is_open = self.called_off and not (lane.undoes or lane.is_free or said)
        if is_open and self.was_cut(block["until"], ends):
            lane.undo += [each for inner in lanes for each in inner.undo]
            raise CalledOff
        self._settle(lane, lanes, ends, winner)

    def _ended(self, blocks: list[Block], path: str, lane: Lane) -> Exception | None:
        try:
            self.sequence(blocks, path, lane)
        except (Failed, Stopped, Over, CalledOff) as error:
            return error
        return None

    def was_cut(self, mode: str, ends: list[Exception | None]) -> bool:
        """Whether a branch learned that the run is called off, or what one has decided could not be kept any more."""
        if any(isinstance(end, CalledOff) for end in ends):
            return True
        wells, stops = [end is None for end in ends], any(isinstance(end, Stopped) for end in ends)
        return stops or mode == "race" or (any(wells) if mode == "any" else not all(wells))

    def _settle(self, lane: Lane, lanes: list[Lane], ends: list[Exception | None], winner: int | None) -> None:
        for index, inner in enumerate(lanes):
            if winner is not None and ends[winner] is None and index != winner:
                self.take_back(inner, 0)
                lane.done.append(inner.done[-1])
            else:
                lane.undo += inner.undo
        error = next((end for end in ends if end), None) if winner is None else ends[winner]
        if error is not None:
            raise error


def paths_of(expected: Expected) -> list[str]:
    match expected:
        case str():
            return [expected]
        case Beside(entries=entries):
            return [path for _, each in entries for path in paths_of(each)]
        case _:
            return [path for each in expected for path in paths_of(each)]


def disorder(expected: Expected, at: Mapping[str, int]) -> list[str]:
    """Where what was observed came in another order than it must."""
    if isinstance(expected, str):
        return []
    inside = [each for _, each in expected.entries] if isinstance(expected, Beside) else expected
    found = [problem for each in inside for problem in disorder(each, at)]
    named = expected.entries if isinstance(expected, Beside) else [((), each) for each in expected]
    spans = [(name, [at[path] for path in paths_of(each)]) for name, each in named]
    for later, (name, times) in enumerate(spans):
        for before, earlier in spans[:later]:
            is_bound = name[: len(before)] == before or before[: len(name)] == name
            if is_bound and times and earlier and min(times) < max(earlier):
                found.append(f"{name}: something came too early in {expected}")
    return found
