from contextlib import suppress

from crm_app.automation.messages import Block, Output
from workflows.walking import BranchOver, Control, RunStopped, StepFailed, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    try:
        said = await _attempted(block, path, walker)
    except (StepFailed, RunStopped) as error:
        if isinstance(error, StepFailed) and error.is_final:
            await _although_over(block, path, walker)
        else:
            await walker.sequence(block.slots["finally"], path)
        raise
    except BranchOver:
        await _although_over(block, path, walker)
        raise
    await walker.sequence(block.slots["finally"], path)
    return said


async def _although_over(block: Block, path: str, walker: Walker) -> None:
    """A `stop` ends what comes finally, and not what has ended the run, or the branch, already."""
    with suppress(RunStopped):
        await walker.detached().sequence(block.slots["finally"], path)


async def _attempted(block: Block, path: str, walker: Walker) -> Output:
    failure = await walker.attempt(block.slots["steps"], path)
    if failure is None:
        return {}
    said: Output = {"error": failure.message, "code": failure.code}
    walker.outputs[block.id] = said
    if not block.slots["catch"]:
        raise failure
    again = await walker.attempt(block.slots["catch"], path)
    if again is not None:
        raise again
    return said


CONTROL = Control("try", run)
