from crm_app.automation.messages import Block, Output
from workflows.walking import BranchOver, Control, RunStopped, StepFailed, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    try:
        said = await _attempted(block, path, walker)
    except (StepFailed, RunStopped):
        await walker.sequence(block.slots["finally"], path)
        raise
    except BranchOver:
        await walker.detached().sequence(block.slots["finally"], path)
        raise
    await walker.sequence(block.slots["finally"], path)
    return said


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
