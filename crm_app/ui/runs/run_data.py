"""One run as it is painted: the tree of its blocks, coloured by what happened to each, and one of them in full."""

from collections.abc import Mapping
from typing import Any, TypedDict

from crm_app.kernel import clock
from crm_app.kernel.events import NO_RECORD
from crm_app.kernel.times import moment_text
from crm_app.services.run_blocks import nodes_of
from crm_app.services.run_details import BlockOfRun, RunDetail, read_run
from crm_app.services.run_lists import RunLine
from crm_app.services.run_rights import people_to_act_as
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import RUNS, record_path, run_path
from crm_app.ui.runs.block_data import NO_BLOCK, TRIGGER, BlockShown, block_shown
from crm_app.ui.runs.once_data import once
from crm_app.ui.runs.place_names import place_names
from crm_app.ui.runs.run_tree import Become, coloured
from crm_app.ui.runs.run_words import because_of, error_text, length_text, state_words
from crm_app.ui.runs.runs_data import Choice, RunsAddress

_MAX_TIMES = 50


class Fact(TypedDict):
    label: str
    value: str
    href: str


class RunShown(TypedDict):
    id: str
    title: str
    state: str
    css: str
    error: str
    facts: list[Fact]
    tree: dict[str, Any]
    chosen: str
    block: BlockShown
    is_moving: bool
    can_retry: bool
    can_cancel: bool
    can_undo: bool
    can_reassign: bool
    can_rerun: bool
    automation_href: str
    people: list[Choice]
    runner: str
    summary: str


NO_RUN = RunShown(
    id="", title="", state="", css="", error="", facts=[], tree={}, chosen="", block=NO_BLOCK, is_moving=False,
    can_retry=False, can_cancel=False, can_undo=False, can_reassign=False, can_rerun=False, automation_href=RUNS,
    people=[], runner="",    summary="",
)  # fmt: skip


def run_data(work: UnitOfWork, identifier: Any, chosen: str = "") -> RunShown:
    """`chosen` is the id of the block that is shown in full; nothing chooses what most likely is looked for."""
    run = read_run(work, identifier)
    line = run.line
    is_over = line.status not in ("pending", "started")
    became = {block.id: _became(run, block, is_over=is_over) for block in run.blocks}
    block = _chosen(run, chosen, became)
    state, css = state_words(line.status, is_held=line.is_held)
    done = sum(block.status == "finished" for block in run.blocks)
    return RunShown(
        id=str(line.id),
        title=line.label,
        state=state,
        css=css,
        error=error_text(line.error),
        facts=_facts(work, run),
        tree=coloured(work, run.body, became, is_over=is_over),
        chosen=block.id if block else TRIGGER,
        block=_block(work, run, block, became[block.id]) if block else NO_BLOCK,
        is_moving=not is_over,
        can_retry=run.can.retry,
        can_cancel=run.can.cancel,
        can_undo=run.can.undo,
        can_reassign=run.can.reassign,
        can_rerun=run.can.rerun,
        automation_href=RunsAddress(automation=line.automation).path(),
        people=[Choice(value=str(person), label=name) for person, name in people_to_act_as(work)],
        runner=str(run.runner or ""),
        summary=f"{state}: {done} of {len(run.blocks)} steps done",
    )


def _unnamed(line: RunLine) -> str:
    return "About none, or about many" if line.ref.id == NO_RECORD else "A record that you may not see"


def _facts(work: UnitOfWork, run: RunDetail) -> list[Fact]:
    line, zone = run.line, work.who.time_zone
    definition = work.catalog.by_name.get(line.ref.object)
    what = definition.label if definition else line.ref.object
    ended = line.finished_at or clock.now()
    facts = [
        Fact(
            label=what,
            value=line.record_name or _unnamed(line),
            href=record_path(line.ref.object, line.ref.id) if line.record_name else "",
        ),
        Fact(label="Because", value=because_of(run.body["trigger"]["type"], run.event), href=""),
        Fact(label="Acts as", value=run.runner_name or "Nobody", href=""),
        Fact(label="Published by", value=run.publisher_name or "Trellis itself", href=""),
        Fact(label="Made", value=moment_text(line.at, zone), href=""),
        Fact(label="Took" if line.finished_at else "Runs for", value=length_text(line.at, ended), href=""),
        Fact(label="Version", value="The live one" if run.is_live_version else "An earlier one", href=""),
    ]
    if line.attempt > 1:
        facts.append(Fact(label="Attempt", value=str(line.attempt), href=""))
    if run.depth:
        facts.append(Fact(label="Chain", value=f"Set off by {run.depth} workflows in a row", href=""))
    if line.rerun_of:
        facts.append(Fact(label="Runs again", value="The run it repeats", href=run_path(line.rerun_of)))
    return facts


def _became(run: RunDetail, block: BlockOfRun, *, is_over: bool) -> Become:
    error = next((error_text(each.error) for each in block.times if each.error), "")
    state = block.status
    if block.id in run.waits and not is_over:
        state = "waiting"
    elif state == "failed" and not is_over and block.times[-1].failures:
        state = "retrying"
    return Become(state, len(block.times), error if state in ("failed", "retrying") else "")


def _chosen(run: RunDetail, chosen: str, became: Mapping[str, Become]) -> BlockOfRun | None:
    """What the run failed at or waits for, where nothing is chosen; the last that was done else."""
    by_id = {block.id: block for block in run.blocks}
    if chosen:
        return by_id.get(chosen)
    done = [block for block in run.blocks if block.times]
    for state in ("failed", "retrying", "waiting") if run.line.status != "finished" else ():
        if found := [block for block in run.blocks if became[block.id].state == state]:
            return found[-1]
    return max(done, key=lambda block: block.times[-1].at, default=None)


def _block(work: UnitOfWork, run: RunDetail, block: BlockOfRun, became: Become) -> BlockShown:
    until = run.waits.get(block.id)
    note = f"Until {moment_text(until, work.who.time_zone)} at most." if until and became.state == "waiting" else ""
    count = len(block.times)
    body = next((node.step for node in nodes_of(run.body) if node.step["id"] == block.id), {})
    name = place_names(work, body, run.line.ref.object)
    times = [once(work, number, each, count, name) for number, each in enumerate(block.times[-_MAX_TIMES:], start=1)]
    return block_shown(block.id, block.label, block.type, became, times, note)
