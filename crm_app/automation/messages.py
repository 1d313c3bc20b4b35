"""What the workflow and the steps say to each other: plain JSON values, ids instead of records, nothing personal.

The workflow imports this module, so it stays free of services, storage and parsing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Output = dict[str, Any]
"""What a step gives the steps after it, by name, as JSON (`rules.value_json`); rules know the type of each."""


@dataclass(frozen=True)
class Block:
    """One step, checked. `rules` holds the typed tree of each expression by its place in `config`."""

    id: str
    type: str
    config: Mapping[str, Any]
    rules: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class RunHead:
    """Which run this is, of which version of which automation, about which record, with whose rights."""

    id: str
    automation: str
    automation_hash: str
    object: str
    record: str
    runner: str
    depth: int


@dataclass(frozen=True)
class RunInput:
    """The version travels whole, so that a run keeps it; `blocks` is `None` when it is too large to travel."""

    run: RunHead
    blocks: list[Block] | None


@dataclass(frozen=True)
class StepInput:
    """`path` and `iteration` say where in the tree; with the run's id they are the key of the step's effect.
    `outputs` are those of the steps before, by step id.
    """

    run: RunHead
    block: Block
    path: str
    iteration: int = 0
    outputs: Mapping[str, Output] = field(default_factory=dict[str, Output])


@dataclass(frozen=True)
class StepResult:
    output: Output


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
