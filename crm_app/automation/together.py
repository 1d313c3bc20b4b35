"""Steps that follow each other, in one transaction: what surrounds a step costs more than most steps do.

Nothing is decided here. Where all of them succeed, under rights that still hold at the end, they are done, each with
its own row in the ledger. Otherwise none is, and each is asked for alone, as if this had not been tried; so what fails,
waits or was done before is the business of `execution` only.
"""

import logging
from uuid import UUID

from crm_app.automation.execution import ENGINE, actor_of, run_key
from crm_app.automation.messages import Output, StepsInput, StepsResult, set_by
from crm_app.automation.performing import perform
from crm_app.kernel import clock
from crm_app.kernel.errors import TrellisError
from crm_app.services.automation_runs import ENDING, StepSeen, open_run, touch_run
from crm_app.services.automation_steps import Did, finish_steps
from crm_app.services.in_time import TooSlow, in_time
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

logger = logging.getLogger(__name__)


class OneByOne(Exception):
    """These steps can't be done together now."""


def execute_together(workspace: Workspace, steps: StepsInput) -> StepsResult:
    """All of them, or none and no word of why."""
    try:
        return _tried(workspace, steps)
    except (OneByOne, TrellisError):
        pass
    except Exception as error:  # noqa: BLE001 - whatever it is, the step that it concerns meets it again
        logger.debug("Steps are done one by one: %s", type(error).__name__)
    return StepsResult([])


def _tried(workspace: Workspace, steps: StepsInput) -> StepsResult:
    """Time that was lost on what is too slow is nobody's stall: the step that it concerns has yet to be asked for."""
    runner = UUID(steps.run.runner)
    try:
        with in_time(), workspace.work(actor_of(steps.run, runner)) as work:
            return _done(work, steps, runner)
    except TooSlow:
        with workspace.work(ENGINE) as work:
            touch_run(work, run_key(steps.run))
        raise


def _done(work: UnitOfWork, steps: StepsInput, runner: UUID) -> StepsResult:
    found = open_run(work, run_key(steps.run))
    if found is None or found[1] != runner or ENDING in found[0]:
        raise OneByOne
    snapshot, done, ends = found[0], list[Did](), False
    known, variables, given = dict(steps.outputs), steps.variables, list[Output]()
    for block in steps.blocks:
        step, seen = steps.step(block, dict(known), variables), StepSeen(clock.now())
        output = perform(work, step, snapshot, seen)
        known[block.id], variables, ends = output, {**variables, **set_by(block, output)}, step.is_last
        given.append(output)
        done.append(Did(step.path, block.type, seen, output, clock.now()))
    if not finish_steps(work, run_key(steps.run), done, ends=ends):
        raise OneByOne
    return StepsResult(given, has_ended=ends)
