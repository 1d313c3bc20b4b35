from crm_app.automation.messages import Block, Output
from workflows.walking import Control, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    decided = await walker.ask(block, path)
    slot = "else" if decided["case"] < 0 else f"cases/{decided['case']}/steps"
    await walker.sequence(block.slots.get(slot, ()), path)
    return decided


CONTROL = Control("branch", run)
