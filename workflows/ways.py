"""Ways that several control blocks go."""

from crm_app.automation.messages import Block, Output
from workflows.walking import Walker


async def choose(block: Block, path: str, walker: Walker) -> Output:
    """The case that was decided on, or `else`."""
    decided = await walker.ask(block, path)
    slot = "else" if decided["case"] < 0 else f"cases/{decided['case']}/steps"
    await walker.sequence(block.slots.get(slot, ()), path)
    return decided


async def wait(block: Block, path: str, walker: Walker) -> Output:
    begun = await walker.begin(block, path)
    return await walker.wait(block, path, begun)


async def wait_or_time_out(block: Block, path: str, walker: Walker) -> Output:
    settled = await wait(block, path, walker)
    walker.outputs[block.id] = settled
    if settled["timed_out"]:
        await walker.sequence(block.slots["on_timeout"], path)
    return settled
