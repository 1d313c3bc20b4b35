from crm_app.automation.messages import Block, Output
from workflows.walking import Control, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    given = await walker.ask(block, path)
    await walker.take_back()
    return given


CONTROL = Control("compensate", run)
