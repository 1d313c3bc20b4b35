from crm_app.automation.messages import Block, Output
from workflows.walking import Control, RunStopped, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    begun = await walker.begin(block, path)
    settled = await walker.wait(block, path, begun)
    if begun.get("past"):
        raise RunStopped
    return settled


CONTROL = Control("wait_until", run)
