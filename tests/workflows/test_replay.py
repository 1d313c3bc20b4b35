"""Runs that are alive were begun by earlier versions of the interpreter: every history kept here must still fit."""

import json

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from crm_app.automation.catalog import STEP_TYPES
from tests.workflows.record import RECORDINGS, kept, read
from workflows.converter import MESSAGES
from workflows.interpreter import CONTROLS
from workflows.run_automation import RunAutomation
from workflows.run_items import RunItems
from workflows.walking import blocks_by_id


def history_of(name: str) -> WorkflowHistory:
    return WorkflowHistory.from_json(name, read(kept()[name]))


def asked_in(name: str) -> list[str]:
    """The local activities of a history."""
    found = [event.marker_recorded_event_attributes for event in history_of(name).events]
    data = [marker.details["data"].payloads[0].data for marker in found if "data" in marker.details]
    return [json.loads(each)["activity_type"] for each in data]


@pytest.mark.parametrize("name", sorted(kept()))
async def test_a_recorded_history_still_fits(name: str) -> None:
    replayer = Replayer(workflows=[RunAutomation, RunItems], data_converter=MESSAGES)
    await replayer.replay_workflow(history_of(name))


def test_every_recording_is_kept() -> None:
    """`python -m tests.workflows.record` makes those that are missing."""
    assert {recording.name for recording in RECORDINGS} <= set(kept())


def test_every_type_of_step_and_control_block_is_recorded() -> None:
    known = {block.type for recording in RECORDINGS for block in blocks_by_id(recording.message.blocks or ()).values()}
    assert {*CONTROLS.names(), *(each.name for each in STEP_TYPES)} <= known
    external = {each.name for each in STEP_TYPES if each.is_external}
    recorded = {b.type for each in RECORDINGS for b in each.message.blocks or () if b.is_external}
    assert external <= recorded


@pytest.mark.parametrize("name", ["goes_on_in_another", "part_goes_on_in_another"])
def test_a_history_goes_on_in_another_before_it_is_long(name: str) -> None:
    last = history_of(name).events[-1]
    assert last.HasField("workflow_execution_continued_as_new_event_attributes")


def test_a_history_that_goes_on_looks_first_whether_its_wait_is_over() -> None:
    """The one before may have been woken for it."""
    assert asked_in("wait_goes_on") == ["execute_step"] * 3 + ["end_run"]
    assert not any(event.HasField("timer_started_event_attributes") for event in history_of("wait_goes_on").events)


def test_a_last_step_ends_its_run_with_nothing_behind_it() -> None:
    old, new = (history_of(name) for name in ("two_steps", "ends_by_step"))
    assert len(new.events) == len(old.events) - 1


def test_steps_done_together_are_one_event_and_those_that_refuse_one_each() -> None:
    together, alone = "execute_together", "execute_step"
    assert asked_in("together") == [together, alone, together]
    undoing = ["keep_failure", alone, "end_run"]
    assert asked_in("one_by_one") == [together, alone, together, alone, alone, *undoing]


def test_a_history_stays_small() -> None:
    """Local steps cost one event each; what a run touched is no part of it."""
    one, two = (history_of(name) for name in ("one_step", "two_steps"))
    assert len(two.events) == len(one.events) + 1
