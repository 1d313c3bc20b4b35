"""Whether a run can go on with another version of its automation, and why not, in words.

It can where the interpreter, walking the other version, comes by everything that the run did, in the same places, and
then stands where the run waits. Then nothing is done twice, left out or done late; see ADR 0014.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.compiled import CompiledAutomation
from crm_app.automation.messages import COMPENSATE, Block, Output
from crm_app.automation.retracing import Retrace
from crm_app.fields.rule_type import RuleType
from crm_app.rules.tree import Name, walk
from crm_app.rules.tree_json import from_json
from crm_app.services.run_blocks import nodes_of

MOST_SAID = 5
_ONE_OF = {"cases": "case", "branches": "branch"}
_REPEATS = ("loop", "for_each")
Chain = tuple[tuple[str, str], ...]
"""The blocks around one, outermost first, each with the slot of it that is meant."""


@dataclass(frozen=True)
class Spot:
    """Where a block stands in a version."""

    block: Block
    chain: Chain


@dataclass(frozen=True)
class Reading:
    """A rule of a block names the output of a step, or a variable where `step` is empty."""

    block: str
    step: str
    name: str
    type: RuleType


@dataclass(frozen=True)
class MoveVersion:
    """A version as moving needs it. `number` is what people know it by."""

    number: int
    compiled: CompiledAutomation

    @cached_property
    def spots(self) -> dict[str, Spot]:
        return dict(_spots(self.compiled.blocks, ()))

    @cached_property
    def labels(self) -> dict[str, str]:
        body = {"steps": self.compiled.definition.steps_json}
        return {str(node.step["id"]): str(node.step.get("name") or node.step["id"]) for node in nodes_of(body)}

    @cached_property
    def readings(self) -> list[Reading]:
        return [
            Reading(spot.block.id, node.step, node.name, node.type)
            for spot in self.spots.values()
            for tree in spot.block.rules.values()
            for node in walk(from_json(tree))
            if isinstance(node, Name) and node.root in ("steps", "vars")
        ]

    def label(self, block: str) -> str:
        return f"“{self.labels.get(block, block)}”"


def waits_at(old: MoveVersion, ledger: Mapping[str, Output]) -> str:
    """What the run waits for, as people call it; empty where it doesn't wait."""
    waits = Retrace(ledger).walk(old.compiled.blocks).waits
    return ", ".join(dict.fromkeys(old.labels.get(block.id, block.id) for block in waits.values()))


def reasons_against(old: MoveVersion, new: MoveVersion, ledger: Mapping[str, Output], *, is_open: bool) -> list[str]:
    """None where the run can go on with the new version. One that `is_open` must wait for something, or not have begun;
    others have failed.
    """
    before = Retrace(ledger).walk(old.compiled.blocks)
    if before.left:
        said = f"What it did doesn't fit version {old.number}, which it belongs to."
        return [said if is_open else "What it did was undone, so it can't go on."]
    if is_open and ledger and before.ahead:
        return [f"It is at work on {old.label(next(iter(before.ahead.values())).id)}. Try again when it waits."]
    if is_open and before.has_ended:
        return ["It is about to end."]
    if old.compiled.definition.trigger.about != new.compiled.definition.trigger.about:
        return [f"Version {new.number} is about other records."]
    found = [*_elsewhere(old, new, ledger), *_out_of_order(new, ledger), *_other_types(old, new, before)]
    return list(dict.fromkeys(found))[:MOST_SAID]


def _elsewhere(old: MoveVersion, new: MoveVersion, ledger: Mapping[str, Output]) -> Iterator[str]:
    """What was done, or waits, has to stand where it did, with everything around it."""
    done = dict.fromkeys(_id(path) for path in ledger)
    for block in done:
        was, label = old.spots[block], old.label(block)
        now = new.spots.get(block)
        if now is None:
            yield f"{label} was begun, and version {new.number} doesn't have it."
        elif now.block.type != was.block.type:
            yield f"{label} was {_kind(was.block)}, and is {_kind(now.block)} in version {new.number}."
        elif now.chain != was.chain:
            before, after = _within(old, was.chain), _within(new, now.chain)
            yield f"{label} stood {before}, and stands {after} in version {new.number}."


def _out_of_order(new: MoveVersion, ledger: Mapping[str, Output]) -> Iterator[str]:
    after = Retrace(ledger).walk(new.compiled.blocks)
    behind = [_id(path) for path in ledger if path in after.left and _id(path) in new.spots]
    if not behind:
        return
    for block in after.waits.values() if not after.ahead else ():
        late = f"{new.label(behind[0])} stands after {new.label(block.id)} in version {new.number}"
        yield f"{late}, and this run did it before."
    if not after.ahead and not after.waits:
        yield f"Version {new.number} doesn't come by {new.label(behind[0])}, which was begun."
    for block in after.ahead.values():
        yield (
            f"{new.label(block.id)} stands before {new.label(behind[0])} in version {new.number}, "
            "and this run has not done it."
        )


def _other_types(old: MoveVersion, new: MoveVersion, before: Retrace) -> Iterator[str]:
    """What is still to be done must find what it reads, as it expects it. The answer to an open question is of the kind
    that was asked for.
    """
    waits = {block.id for block in before.waits.values()}
    given = {_id(path) for path in before.seen}
    settled = {block for block in given - waits if not _is_repeated(old, block)}
    for each in new.readings:
        if each.block in settled or (each.step and each.step not in given):
            continue
        known = old.compiled.outputs.get(each.step, {}) if each.step else old.compiled.variables
        was, name = known.get(each.name), f"steps.{each.step}.{each.name}" if each.step else f"vars.{each.name}"
        if was is None and each.step:
            yield f"{new.label(each.block)} reads `{name}`, which this run does not have."
        elif was is not None and str(was) != str(each.type):
            yield f"{new.label(each.block)} reads `{name}` as {each.type}, and in this run it is {was}."


def _spots(blocks: Sequence[Block], chain: Chain) -> Iterator[tuple[str, Spot]]:
    for block in blocks:
        yield block.id, Spot(block, chain)
        for slot, inside in block.slots.items():
            yield from _spots(inside, (*chain, (block.id, slot)))


def _is_repeated(version: MoveVersion, block: str) -> bool:
    """Whether it may be done again, or for the first time, though it was done."""
    spot = version.spots[block]
    owners = (block, *(owner for owner, _ in spot.chain))
    return any(slot == COMPENSATE for _, slot in spot.chain) or any(
        version.spots[owner].block.type in _REPEATS for owner in owners
    )


def _id(path: str) -> str:
    """The block that a path of the ledger leads to, without the turns of loops and without what says that a wait is
    over.
    """
    return path.rpartition("/")[2].partition("#")[0].rstrip("!")


def _kind(block: Block) -> str:
    found = STEP_TYPES.find(block.type)
    return f"“{found.label if found else block.type}”"


def _within(version: MoveVersion, chain: Chain) -> str:
    """`in “Big?” (1st case)`; at the top where nothing is around it."""
    if not chain:
        return "at the top"
    block, slot = chain[-1]
    name, _, rest = slot.partition("/")
    lane = f"{_ONE_OF.get(name, name)} {int(rest.partition('/')[0]) + 1}" if rest else name
    return f"in {version.label(block)} ({lane})"
