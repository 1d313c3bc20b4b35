"""What a run is started with."""

import json
from dataclasses import asdict, dataclass

from crm_app.automation.compiled import compile_automation
from crm_app.automation.messages import Block, RunHead, RunInput
from crm_app.automation.scope import DefinedFields
from crm_app.kernel.actor import SystemActor
from crm_app.services.automation_starts import PendingRun, automation_version
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

MAX_TRAVELLING_BYTES = 128_000
MAX_KEPT = 200
STARTER = SystemActor("starter of runs")


@dataclass(frozen=True)
class Version:
    """`travels`: the blocks are small enough to be part of what a workflow is started with."""

    blocks: list[Block]
    travels: bool
    max_steps: int


class Versions:
    """The blocks of automation versions, by content hash. A version never changes, so it is read once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._versions: dict[str, Version] = {}

    def blocks(self, content_hash: str) -> list[Block]:
        """Refuses with `BrokenAutomation` when the version names what is no longer defined."""
        return self._version(content_hash).blocks

    def run_input(self, run: PendingRun) -> RunInput:
        head = RunHead(
            id=str(run.id),
            automation=run.automation,
            automation_hash=run.automation_hash,
            object=run.ref.object,
            record=str(run.ref.id),
            runner=str(run.runner),
            depth=run.depth,
            restarts=run.restarts,
        )
        version = self._version(run.automation_hash)
        return RunInput(head, version.blocks if version.travels else None, version.max_steps, ends_by_step=True)

    def _version(self, content_hash: str) -> Version:
        found = self._versions.get(content_hash)
        if found is None:
            with self._workspace.work(STARTER) as work:
                found = _compiled(work, content_hash)
            if len(self._versions) >= MAX_KEPT:
                del self._versions[next(iter(self._versions))]
            self._versions[content_hash] = found
        return found


def _compiled(work: UnitOfWork, content_hash: str) -> Version:
    definition = automation_version(work, content_hash)
    blocks = compile_automation(definition, work.catalog, DefinedFields(work.schema)).blocks
    size = len(json.dumps([asdict(block) for block in blocks]))
    return Version(blocks, size <= MAX_TRAVELLING_BYTES, definition.limits.max_steps)
