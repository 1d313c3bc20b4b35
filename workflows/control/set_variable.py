from crm_app.automation.messages import Block, Output, set_by
from workflows.walking import Control, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    given = await walker.ask(block, path)
    walker.variables |= set_by(block, given)
    return given


CONTROL = Control("set_variable", run)
