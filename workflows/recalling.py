"""What the ledger is asked before anything is done anew: Temporal may know less than it, having forgotten a run or lost
a worker. Runs that began before it was asked so go on as they began.
"""

from temporalio import workflow

from crm_app.automation.messages import Block, Output, RunHead, StepInput
from workflows.asking import local
from workflows.walking import NOT_DONE, StepFailed

_RECALLS_FIRST, _RECALLS_ALWAYS = "recalls-first", "recalls-always"


def recalls_when_over(run: RunHead) -> bool:
    """Whether a branch that has to stop learns first what it had done."""
    if run.restarts and not workflow.patched(_RECALLS_ALWAYS):
        return workflow.patched(_RECALLS_FIRST)
    return workflow.patched(_RECALLS_ALWAYS)


async def recalled(run: RunHead, block: Block, path: str) -> Output | None:
    """What the ledger knows of the step, without doing it."""
    if not (run.restarts or workflow.patched(_RECALLS_ALWAYS)):
        return None
    try:
        return (await local("execute_step", StepInput(run, block.alone, path, is_recall=True))).output
    except StepFailed as failure:
        if failure.code == NOT_DONE:
            return None
        raise
