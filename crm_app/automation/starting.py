"""What a run is started with."""

import json
from dataclasses import asdict

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


class Versions:
    """The blocks of automation versions, by content hash. A version never changes, so it is read once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._blocks: dict[str, list[Block]] = {}

    def blocks(self, content_hash: str) -> list[Block]:
        """Refuses with `BrokenAutomation` when the version names what is no longer defined."""
        if content_hash not in self._blocks:
            with self._workspace.work(STARTER) as work:
                self._keep(content_hash, _compiled(work, content_hash))
        return self._blocks[content_hash]

    def run_input(self, run: PendingRun) -> RunInput:
        head = RunHead(
            id=str(run.id),
            automation=run.automation,
            automation_hash=run.automation_hash,
            object=run.ref.object,
            record=str(run.ref.id),
            runner=str(run.runner),
            depth=run.depth,
        )
        blocks = self.blocks(run.automation_hash)
        size = len(json.dumps([asdict(block) for block in blocks]))
        return RunInput(head, blocks if size <= MAX_TRAVELLING_BYTES else None)

    def _keep(self, content_hash: str, blocks: list[Block]) -> None:
        if len(self._blocks) >= MAX_KEPT:
            del self._blocks[next(iter(self._blocks))]
        self._blocks[content_hash] = blocks


def _compiled(work: UnitOfWork, content_hash: str) -> list[Block]:
    definition = automation_version(work, content_hash)
    return compile_automation(definition, work.catalog, DefinedFields(work.schema)).blocks
