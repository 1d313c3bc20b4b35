"""A run that is only tried: every step is done by the same code, in a transaction that is undone, and what would leave
the product says what it would give. Waits take no time, and branches side by side are done one after the other.
People approve and answer at once, and what is waited for comes in time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

from crm_app.automation.messages import COMPENSATE, Block, Output, RunHead, StepInput
from crm_app.automation.performing import perform
from crm_app.kernel.errors import TrellisError
from crm_app.services.automation_runs import StepSeen
from crm_app.services.run_lists import CLOSED
from crm_app.services.seen_values import Value, Viewer
from crm_app.services.unit_of_work import UnitOfWork

MAX_STEPS = 500


class TrialOver(Exception):
    """The run would stop here, and well."""


class TrialFailed(Exception):
    """A step would refuse; `is_final` is nothing that a `try` catches."""

    def __init__(self, sentence: str, code: str, *, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.is_final = is_final


@dataclass(frozen=True)
class TriedStep:
    """A step that would be done, with what it would get and give, or `error`; of an output that is closed to whoever
    tries nothing is there.
    """

    path: str
    type: str
    output: Mapping[str, Any]
    error: str = ""
    is_closed: bool = False
    input: Mapping[str, Value] = field(default_factory=dict[str, Value])
    traces: Mapping[str, Sequence[Value]] = field(default_factory=dict[str, Sequence[Value]])


@dataclass
class Trial:
    """One run, from its first block on, as its runner."""

    work: UnitOfWork
    run: RunHead
    snapshot: Mapping[str, Any]
    now: datetime
    viewer: Viewer
    steps: list[TriedStep] = field(default_factory=list[TriedStep])
    outputs: dict[str, Output] = field(default_factory=dict[str, Output])
    variables: dict[str, Any] = field(default_factory=dict[str, Any])
    undo: list[tuple[Block, str, dict[str, Output]]] = field(default_factory=list[tuple[Block, str, dict[str, Output]]])

    def walk(self, blocks: Sequence[Block]) -> str:
        """The sentence that the run would fail with; empty when it would finish."""
        try:
            self.sequence(blocks, "")
        except TrialOver:
            return ""
        except TrialFailed as failure:
            self.take_back(0)
            return failure.sentence
        return ""

    def sequence(self, blocks: Sequence[Block], path: str) -> None:
        for block in blocks:
            at = f"{path}/{block.id}" if path else block.id
            way = WAYS.get(block.type, _just_do)
            output = way(block, at, self)
            if output is not None:
                self.outputs[block.id] = output
            if block.slots.get(COMPENSATE):
                self.undo.append((block, at, dict(self.outputs)))

    def ask(self, block: Block, path: str, **hint: Any) -> Output:
        if len(self.steps) >= MAX_STEPS:
            raise TrialFailed(f"The trial ends after {MAX_STEPS} steps.", "step_budget", is_final=True)
        step = StepInput(self.run, block.alone, path, 0, dict(self.outputs), dict(self.variables), hint)
        seen = StepSeen(self.now)
        try:
            with self.work.savepoint():
                output = perform(self.work, step, self.snapshot, seen)
        except TrellisError as error:
            self.steps.append(self._told(block, path, seen, {}, str(error)))
            raise TrialFailed(str(error), error.code) from None
        self.steps.append(self._told(block, path, seen, output))
        return output

    def _told(self, block: Block, path: str, seen: StepSeen, output: Output, error: str = "") -> TriedStep:
        """As far as whoever tries it may see."""
        self.viewer.name(chain(seen.input.values(), *seen.traces.values()))
        given = {place: self.viewer.value(told) for place, told in seen.input.items()}
        traces = {place: [self.viewer.value(told) for told in parts] for place, parts in seen.traces.items()}
        values = [*given.values(), *chain.from_iterable(traces.values())]
        is_open = self.viewer.sees_output(path, str(block.config.get("object", "")), values)
        shown, said = (output, error) if is_open else ({}, error and CLOSED)
        return TriedStep(path, block.type, shown, said, is_closed=not (is_open or error), input=given, traces=traces)

    def attempt(self, blocks: Sequence[Block], path: str) -> TrialFailed | None:
        done = len(self.undo)
        try:
            self.sequence(blocks, path)
        except TrialFailed as failure:
            if failure.is_final:
                raise
            self.take_back(done)
            return failure
        return None

    def take_back(self, since: int) -> None:
        done = self.undo[since:]
        del self.undo[since:]
        for block, path, outputs in reversed(done):
            before, self.outputs = self.outputs, {**self.outputs, **outputs}
            try:
                self.sequence(block.slots[COMPENSATE], path)
            except TrialFailed as failure:
                if failure.is_final:
                    raise
            finally:
                self.outputs = before


Way = Callable[[Block, str, Trial], Output | None]


def _just_do(block: Block, path: str, trial: Trial) -> Output:
    return trial.ask(block, path)


def _wait(block: Block, path: str, trial: Trial) -> Output:
    """Begun as in a run, which asks people; then it is over. A moment that is past may be the end of the run."""
    begun = trial.ask(block, path, workflow="")
    if begun.get("past"):
        raise TrialOver
    return {**begun, "timed_out": False, "approved": True, "record": None}


def _choose(block: Block, path: str, trial: Trial) -> Output:
    decided = trial.ask(block, path)
    trial.sequence(block.slots.get("else" if decided["case"] < 0 else f"cases/{decided['case']}/steps", ()), path)
    return decided


def _loop(block: Block, path: str, trial: Trial) -> Output:
    turn = 0
    while True:
        trial.outputs[block.id] = {"turn": turn, "turns": turn}
        if not trial.ask(block, f"{path}#{turn}", turn=turn)["again"]:
            return {"turns": turn}
        trial.sequence(block.slots["steps"], f"{path}#{turn}")
        turn += 1


def _for_each(block: Block, path: str, trial: Trial) -> Output:
    items: list[Any] = trial.ask(block, path)["items"]
    failed = 0
    for index, item in enumerate(items):
        outputs = dict(trial.outputs)
        trial.outputs[block.id] = {"item": item, "index": index}
        failure = trial.attempt(block.slots["steps"], f"{path}#{index}")
        trial.outputs = outputs
        if failure is not None and block.config.get("on_error") != "continue":
            raise failure
        failed += failure is not None
    return {"count": len(items), "failed": failed}


def _parallel(block: Block, path: str, trial: Trial) -> Output | None:
    """In a race the first branch wins, for want of a clock."""
    mode, failure = block.config.get("until", "all"), None
    for slot in (name for name in block.slots if name.startswith("branches/")):
        failure = trial.attempt(block.slots[slot], path)
        if mode == "race" or (failure is None) == (mode == "any"):
            break
    if failure is not None:
        raise failure
    return None


def _try(block: Block, path: str, trial: Trial) -> Output:
    said: Output = {}
    try:
        failure = trial.attempt(block.slots["steps"], path)
        if failure is not None:
            said = {"error": failure.sentence, "code": failure.code}
            trial.outputs[block.id] = said
            again = trial.attempt(block.slots["catch"], path) if block.slots["catch"] else failure
            if again is not None:
                raise again
    finally:
        trial.sequence(block.slots["finally"], path)
    return said


def _undo(block: Block, path: str, trial: Trial) -> Output:
    given = trial.ask(block, path)
    trial.take_back(0)
    return given


def _stop(block: Block, path: str, trial: Trial) -> None:
    trial.ask(block, path)
    raise TrialOver


def _set(block: Block, path: str, trial: Trial) -> Output:
    given = trial.ask(block, path)
    trial.variables[block.config["variable"]] = given["value"]
    return given


WAYS: Mapping[str, Way] = {
    "branch": _choose,
    "switch": _choose,
    "loop": _loop,
    "for_each": _for_each,
    "parallel": _parallel,
    "try": _try,
    "compensate": _undo,
    "stop": _stop,
    "set_variable": _set,
    **dict.fromkeys(("approval", "call", "form", "wait", "wait_for", "wait_until"), _wait),
}
