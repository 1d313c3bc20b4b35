"""What the workflow and the steps say to each other: plain JSON values, ids instead of records, nothing personal.

The workflow imports this module, so it stays free of services, storage and parsing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Output = dict[str, Any]
"""What a step gives the steps after it, by name, as JSON (`rules.value_json`); rules know the type of each."""

USUAL_TRIES, MOST_TRIES = 15, 300
"""How often another machine is asked before a step gives up: about ten minutes, and three days."""

COMPENSATE, SET_VARIABLE = "compensate", "set_variable"
STILL_WAITING = "!waits"
"""What a wait gives that is not over: until when, or nothing where only an answer ends it."""


@dataclass(frozen=True)
class Block:
    """One step, checked. `rules` holds the typed tree of each expression by its place in `config`; `slots` the steps
    inside by theirs (`cases/0/steps`), those that undo it under `compensate`. What `is_external` leaves this product;
    what `joins` may be done in one transaction with those next to it. Runs from before that do not say so.
    """

    id: str
    type: str
    config: Mapping[str, Any]
    rules: Mapping[str, Any] = field(default_factory=dict[str, Any])
    slots: "Mapping[str, list[Block]]" = field(default_factory=dict[str, "list[Block]"])
    is_external: bool = False
    joins: bool = False

    @property
    def alone(self) -> "Block":
        """Without what is inside: all that the step itself needs."""
        return replace(self, slots={}) if self.slots else self


@dataclass(frozen=True)
class RunHead:
    """Which run this is, of which version of which automation, about which record, with whose rights. `restarts` counts
    how often it began anew, because Temporal had lost it, say: then the ledger may know more than the workflow.
    """

    id: str
    automation: str
    automation_hash: str
    object: str
    record: str
    runner: str
    depth: int
    restarts: int = 0


@dataclass(frozen=True)
class Completed:
    """A step that was done and says how it is undone. `order` is when it was done, among all of the run."""

    path: str
    block: str
    order: int
    outputs: Mapping[str, Output]


@dataclass(frozen=True)
class Done:
    """A finished block: what it and the blocks inside gave, and what of it can be undone."""

    outputs: Mapping[str, Output]
    undo: list[Completed] = field(default_factory=list[Completed])


@dataclass(frozen=True)
class SoFar:
    """What a run has behind it where its history got long and another goes on: finished blocks by path. With `went_on`,
    what it waits for is looked at first, as the one before may have been woken for it and not have come to look.
    """

    steps: int = 0
    order: int = 0
    done: Mapping[str, Done] = field(default_factory=dict[str, Done])
    variables: Output = field(default_factory=dict[str, Any])
    went_on: bool = False


@dataclass(frozen=True)
class RunInput:
    """The version travels whole, so that a run keeps it; `blocks` is `None` when it is too large to travel. Runs from
    before steps could end them do not say `ends_by_step`.
    """

    run: RunHead
    blocks: list[Block] | None
    max_steps: int = 10_000
    so_far: SoFar = field(default_factory=SoFar)
    ends_by_step: bool = False


@dataclass(frozen=True)
class ItemsInput:
    """A part of a long list, for a workflow of its own: `items` are those from `first` on. `outputs` are what is known
    around the block; `steps` and `order` count on from the run's. Where it `is_contested`, it may be told to stop. One
    that goes on in another history knows the part `so_far`, and whether it `is_over`.
    """

    run: RunHead
    block: Block
    path: str
    first: int
    items: list[Any]
    outputs: Mapping[str, Output]
    variables: Output
    max_steps: int
    steps: int
    order: int
    only_recalls: bool = False
    is_contested: bool = False
    contests: Mapping[str, int] = field(default_factory=dict[str, int])
    so_far: SoFar | None = None
    is_over: bool = False


@dataclass(frozen=True)
class ItemsResult:
    """`failure` is the step that stopped it, `error` and `error_code` what it said. `is_over`: it was told to stop."""

    steps: int
    order: int
    failed: int
    undo: list[Completed]
    variables: Output
    failure: "StepInput | None" = None
    error: str = ""
    error_code: str = ""
    was_stopped: bool = False
    is_over: bool = False


@dataclass(frozen=True)
class StepInput:
    """`path` and `iteration` say where in the tree; with the run's id they are the key of the step's effect. A path is
    the ids of the blocks around and the step's own, with `#2` behind a block that is in its third turn. `outputs` are
    those of the steps before, by step id; `variables` those that were set, by name. `hint` is what a control block
    decides on beyond its rules. With `is_recall` nothing is done: the answer is what the ledger has. What
    `is_undoing` is done in a run that is being ended, too; what `is_last` ends the run in its own transaction.
    `contests` are the races it is part of: by the path under which it is decided who goes on, the number of its branch
    or item.
    """

    run: RunHead
    block: Block
    path: str
    iteration: int = 0
    outputs: Mapping[str, Output] = field(default_factory=dict[str, Output])
    variables: Output = field(default_factory=dict[str, Any])
    hint: Output = field(default_factory=dict[str, Any])
    is_recall: bool = False
    is_undoing: bool = False
    is_last: bool = False
    contests: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True)
class StepFailure:
    """A step that said no for good, to be kept: a run that begins anew must come the same way."""

    step: StepInput
    error: str
    error_code: str


@dataclass(frozen=True)
class StepResult:
    """`has_ended`: the run ended with it. What `is_free` does not count toward the steps that a run may do: it waits
    still, or was done, and counted, in the history before. Answers from before there was such a thing are never free.
    """

    output: Output
    has_ended: bool = False
    is_free: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class StepsInput:
    """Steps that follow each other, to be done in one transaction. `path` is that of the block they stand in; `outputs`
    and `variables` are what the first of them knows.
    """

    run: RunHead
    blocks: list[Block]
    path: str
    outputs: Mapping[str, Output]
    variables: Output
    last: str = ""

    def step(self, block: Block, outputs: Mapping[str, Output], variables: Output) -> StepInput:
        path = path_of(block, self.path)
        return StepInput(self.run, block, path, 0, outputs, variables, is_last=path == self.last)


@dataclass(frozen=True)
class StepsResult:
    """What each step gave, in their order; nothing where they have to be done one by one."""

    outputs: list[Output]
    has_ended: bool = False


def set_by(block: Block, output: Output) -> Output:
    """The variables that a step has set, by name."""
    return {block.config["variable"]: output["value"]} if block.type == SET_VARIABLE else {}


def path_of(block: Block, around: str) -> str:
    return f"{around}/{block.id}" if around else block.id


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended. `error` is a sentence for a person, `error_code` its name for programs; `path` is the step."""

    run: RunHead
    status: Literal["finished", "failed"]
    error: str = ""
    error_code: str = ""
    path: str = ""
    iteration: int = 0
    step_type: str = ""
