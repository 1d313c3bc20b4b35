"""One after the other. Every control block is a file like this: it says which blocks run, and the interpreter runs
each of them under its own path.
"""

from collections.abc import Awaitable, Callable, Sequence

from crm_app.automation.messages import Block

RunBlock = Callable[[Block, str], Awaitable[None]]


async def run_sequence(blocks: Sequence[Block], path: str, run_block: RunBlock) -> None:
    for block in blocks:
        await run_block(block, f"{path}/{block.id}" if path else block.id)
