from crm_app.automation.messages import Block
from workflows.walking import Control, RunStopped, Walker


async def run(block: Block, path: str, walker: Walker) -> None:
    await walker.ask(block, path)
    raise RunStopped


CONTROL = Control("stop", run)
