from crm_app.automation.messages import Block, Output
from workflows.walking import Control, Done, Walker


async def run(block: Block, path: str, walker: Walker) -> Output:
    """Every turn is a decision and a path of its own; of finished turns only their number is kept."""
    undoable = len(walker.undo)
    turn = _begun(block, path, walker)
    while True:
        here = f"{path}#{turn}"
        walker.outputs[block.id] = {"turn": turn, "turns": turn}
        decided = await walker.ask(block, here, turn=turn)
        if not decided["again"]:
            return {"turns": turn}
        await walker.sequence(block.slots["steps"], here)
        turn += 1
        given = {**walker.outputs, block.id: {"turn": turn}}
        walker.progress.keep(f"{path}#", Done(given, walker.undo[undoable:]), inside=here)


def _begun(block: Block, path: str, walker: Walker) -> int:
    """Where to go on, in a history that goes on with another."""
    done = walker.progress.done.get(f"{path}#")
    if done is None:
        return 0
    walker.outputs |= done.outputs
    walker.undo += done.undo
    return int(done.outputs[block.id]["turn"])


CONTROL = Control("loop", run)
