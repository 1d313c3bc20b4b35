from crm_app.automation.messages import Block, Output
from workflows.walking import Control, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    begun = await walker.begin(block, path)
    return await walker.wait(block, path, begun)


CONTROL = Control("call", run)
