import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from crm_app.automation.messages import Block, Output
from workflows.recalling import recalled
from workflows.walking import BranchOver, Control, RunStopped, Scope, StepFailed, Walker


@dataclass
class _Lane:
    index: int
    walker: Walker
    has_ended: bool = False
    error: Exception | None = None

    @property
    def is_well(self) -> bool:
        return self.has_ended and self.error is None

    async def walk(self, block: Block, path: str) -> None:
        try:
            await self.walker.sequence(block.slots[f"branches/{self.index}/steps"], path)
        except Exception as error:  # noqa: BLE001 - whoever waits for the branches raises it
            self.error = error
        self.has_ended = True


async def run(block: Block, path: str, walker: Walker) -> Output:
    """Which branch decided is kept, so that a run that begins anew lets the others do no more than they had done."""
    decided = await recalled(walker.run, block, path)
    scope = Scope(walker.scope, beside=True)
    lanes = [
        _Lane(index, walker.branch(scope, only_recalls=_has_lost(index, decided), contests={path: index}))
        for index in range(sum(slot.startswith("branches/") for slot in block.slots))
    ]
    tasks = [asyncio.create_task(lane.walk(block, path)) for lane in lanes]
    try:
        winner, said = await _decided(block, path, walker, lanes, decided)
    except Exception:
        await _end(walker, scope, tasks)
        for lane in lanes:
            walker.undo += lane.walker.undo
        raise
    await _end(walker, scope, tasks)
    await _settle(walker, lanes, winner)
    return dict(said or {})


def _has_lost(index: int, decided: Output | None) -> bool:
    return decided is not None and index != decided["branch"]


async def _decided(
    block: Block, path: str, walker: Walker, lanes: Sequence[_Lane], decided: Output | None
) -> tuple[_Lane | None, Output | None]:
    if decided:
        return await _known(walker, lanes, decided), decided
    mode = block.config.get("until", "all")
    await walker.until(lambda: all(lane.has_ended for lane in lanes) or _decisive(mode, lanes) is not None)
    winner = _decisive(mode, lanes)
    if winner is not None and _is_refused(winner, walker) and (decided := await recalled(walker.run, block, path)):
        return await _known(walker, lanes, decided), decided
    if winner is None or _is_over(winner):
        return winner, None
    said = await walker.ask(block, path, branch=winner.index, failed=winner.error is not None)
    return await _known(walker, lanes, said), said


async def _known(walker: Walker, lanes: Sequence[_Lane], decided: Output) -> _Lane:
    """The branch that the ledger says has decided comes to its end again, though another may be there sooner: one that
    must do no more, or that knew nothing yet of what an execution believed lost has decided.
    """
    found = lanes[int(decided["branch"])]
    if not found.has_ended:
        for lane in lanes:
            lane.walker.only_recalls = lane.walker.only_recalls or lane is not found
        await walker.until(lambda: found.has_ended)
    return found


async def _end(walker: Walker, scope: Scope, tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Nobody goes on beside what follows."""
    scope.end()
    await walker.until(lambda: all(task.done() for task in tasks))


async def _settle(walker: Walker, lanes: Sequence[_Lane], winner: _Lane | None) -> None:
    """What the losers of a race did is undone here; of everything else that is the business of whoever fails."""
    for lane in lanes:
        if winner is not None and winner.is_well and lane is not winner:
            await lane.walker.take_back()
        else:
            walker.undo += lane.walker.undo
            walker.outputs |= lane.walker.outputs
    error = winner.error if winner is not None else _gravest([lane.error for lane in lanes if lane.error])
    if error is not None:
        raise error


def _gravest(errors: Sequence[Exception]) -> Exception | None:
    """What ends the whole run comes before what ended a branch alone."""
    return max(errors, key=lambda error: isinstance(error, StepFailed) and error.is_final, default=None)


def _decisive(mode: str, lanes: Sequence[_Lane]) -> _Lane | None:
    ended = [lane for lane in lanes if lane.has_ended]
    for lane in ended:
        if lane.error is not None and not isinstance(lane.error, StepFailed):
            return lane
        if mode == "race" or lane.is_well == (mode == "any"):
            return lane
    return None


def _is_refused(lane: _Lane, walker: Walker) -> bool:
    """Not stopped from here: an execution believed lost has decided meanwhile, so its step was refused."""
    return isinstance(lane.error, BranchOver) and not (walker.scope.is_over or walker.only_recalls)


def _is_over(lane: _Lane) -> bool:
    """Stopped from outside, or by a bug: that is no decision."""
    return lane.error is not None and not isinstance(lane.error, StepFailed | RunStopped)


CONTROL = Control("parallel", run)
