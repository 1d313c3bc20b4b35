from crm_app.automation.messages import Block, Output
from workflows.walking import Control, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    given = await walker.ask(block, path)
    walker.variables[block.config["variable"]] = given["value"]
    return given


CONTROL = Control("set_variable", run)
