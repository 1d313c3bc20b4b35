"""Runs that are alive were begun by earlier versions of the interpreter: every history kept here must still fit."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from tests.workflows.record import HISTORIES, RECORDINGS
from workflows.interpreter import CONTROLS
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems
from workflows.walking import blocks_by_id


def history_of(file: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(file.stem, file.read_text())


@pytest.mark.parametrize("file", sorted(HISTORIES.glob("*.json")), ids=lambda file: file.stem)
async def test_a_recorded_history_still_fits(file: Path) -> None:
    replayer = Replayer(workflows=[RunAutomation, RunItems], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history_of(file))


def test_every_recording_is_kept() -> None:
    """`python -m tests.workflows.record` makes those that are missing."""
    assert {recording.name for recording in RECORDINGS} <= {file.stem for file in HISTORIES.glob("*.json")}


def test_every_control_block_is_recorded() -> None:
    """And so is what reaches other systems; every other step looks the same to the interpreter."""
    known = {block.type for recording in RECORDINGS for block in blocks_by_id(recording.message.blocks or ()).values()}
    assert set(CONTROLS.names()) <= known
    assert any(block.is_external for each in RECORDINGS for block in each.message.blocks or ())


def test_a_history_stays_small() -> None:
    """Local steps cost one event each; what a run touched is no part of it."""
    one, two = (history_of(HISTORIES / f"{name}.json") for name in ("one_step", "two_steps"))
    assert len(two.events) == len(one.events) + 1
