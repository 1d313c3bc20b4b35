from crm_app.automation.messages import Block, Output
from workflows.walking import Control, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    begun = await walker.begin(block, path)
    settled = await walker.wait(block, path, begun)
    walker.outputs[block.id] = settled
    if settled["timed_out"]:
        await walker.sequence(block.slots["on_timeout"], path)
    return settled


CONTROL = Control("form", run)
