"""One run as it is painted: its blocks in the order of the definition, coloured by what happened to each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from crm_app.automation.catalog import STEP_TYPES
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.kernel import clock
from crm_app.kernel.times import moment_text
from crm_app.services.run_details import BlockOfRun, RunDetail, StepOnce, Value, read_run
from crm_app.services.run_rights import people_to_act_as
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import RUNS, record_path, run_path
from crm_app.ui.runs.run_words import EVENTS, error_text, length_text, state_words
from crm_app.ui.runs.runs_data import Choice, RunsAddress

_CLOSED = "Closed to you"
_MAX_TIMES = 50
_MAX_OUTPUT = 400


class Part(TypedDict):
    """A part of a rule: `truth` is `true`, `false` or `unknown` of a condition; `indent` in rem."""

    key: str
    place: str
    text: str
    indent: str
    truth: str
    value: str
    href: str


class Failure(TypedDict):
    at: str
    text: str


class Once(TypedDict):
    key: str
    title: str
    css: str
    note: str
    error: str
    parts: list[Part]
    outputs: list[Part]
    failures: list[Failure]


class BlockLine(TypedDict):
    key: str
    label: str
    kind: str
    slot: str
    indent: str
    state: str
    css: str
    mark: str
    length: str
    error: str
    times: list[Once]


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
    blocks: list[BlockLine]
    is_moving: bool
    can_retry: bool
    can_cancel: bool
    can_reassign: bool
    can_rerun: bool
    automation_href: str
    people: list[Choice]
    runner: str
    summary: str


NO_RUN = RunShown(
    id="", title="", state="", css="", error="", facts=[], blocks=[], is_moving=False, can_retry=False,
    can_cancel=False, can_reassign=False, can_rerun=False, automation_href=RUNS, people=[], runner="", summary="",
)  # fmt: skip


def run_data(work: UnitOfWork, identifier: Any) -> RunShown:
    run = read_run(work, identifier)
    line = run.line
    state, css = state_words(line.status, is_held=line.is_held)
    done = sum(block.status == "finished" for block in run.blocks)
    return RunShown(
        id=str(line.id),
        title=line.label,
        state=state,
        css=css,
        error=error_text(line.error),
        facts=_facts(work, run),
        blocks=[_block(work, at, block) for at, block in enumerate(run.blocks)],
        is_moving=line.status in ("pending", "started"),
        can_retry=run.can.retry,
        can_cancel=run.can.cancel,
        can_reassign=run.can.reassign,
        can_rerun=run.can.rerun,
        automation_href=RunsAddress(automation=line.automation).path(),
        people=[Choice(value=str(person), label=name) for person, name in people_to_act_as(work)],
        runner=str(run.runner or ""),
        summary=f"{state}: {done} of {len(run.blocks)} steps done",
    )


def _facts(work: UnitOfWork, run: RunDetail) -> list[Fact]:
    line, zone = run.line, work.who.time_zone
    definition = work.catalog.by_name.get(line.ref.object)
    what = definition.label if definition else line.ref.object
    ended = line.finished_at or clock.now()
    facts = [
        Fact(
            label=what,
            value=line.record_name or "A record that you may not see",
            href=record_path(line.ref.object, line.ref.id) if line.record_name else "",
        ),
        Fact(label="Because", value=EVENTS.get(run.event, run.event), href=""),
        Fact(label="Acts as", value=run.runner_name or "Nobody", href=""),
        Fact(label="Made", value=moment_text(line.at, zone), href=""),
        Fact(label="Took" if line.finished_at else "Runs for", value=length_text(line.at, ended), href=""),
        Fact(label="Version", value="The live one" if run.is_live_version else "An earlier one", href=""),
    ]
    if line.attempt > 1:
        facts.append(Fact(label="Attempt", value=str(line.attempt), href=""))
    if run.depth:
        facts.append(Fact(label="Chain", value=f"Set off by {run.depth} automations in a row", href=""))
    if line.rerun_of:
        facts.append(Fact(label="Runs again", value="The run it repeats", href=run_path(line.rerun_of)))
    return facts


def _block(work: UnitOfWork, at: int, block: BlockOfRun) -> BlockLine:
    state, css = state_words(block.status)
    found = STEP_TYPES.find(block.type)
    last = block.times[-1] if block.times else None
    count = len(block.times)
    return BlockLine(
        key=f"{at}:{block.id}",
        label=block.label,
        kind=found.label if found else block.type,
        slot=block.slot.replace("/", " ") if block.depth else "",
        indent=f"{block.depth * 1.5}rem",
        state=f"{state} · {count} times" if count > 1 else state,
        css=css,
        mark=f"run-block is-{block.status}",
        length=length_text(last.started_at, last.at) if last else "",
        error=next((error_text(each.error) for each in block.times if each.error), ""),
        times=[_once(work, number, each, count) for number, each in enumerate(block.times[:_MAX_TIMES], start=1)],
    )


def _once(work: UnitOfWork, number: int, step: StepOnce, count: int) -> Once:
    zone = work.who.time_zone
    _, css = state_words(step.status)
    attempts = f" · {step.attempts} attempts" if step.attempts > 1 else ""
    return Once(
        key=f"{step.path}:{step.iteration}",
        title=f"Time {number} of {count}" if count > 1 else "",
        css=css,
        note=f"{moment_text(step.started_at, zone)} · {length_text(step.started_at, step.at)}{attempts}",
        error=error_text(step.error),
        parts=_parts(step),
        outputs=_outputs(step.output),
        failures=[
            Failure(at=str(each.get("at", ""))[:19].replace("T", " "), text=error_text(str(each.get("error", ""))))
            for each in step.failures
        ],
    )


def _parts(step: StepOnce) -> list[Part]:
    """Each expression, and below it its parts where it has some."""
    found: list[Part] = []
    for place, value in sorted(step.input.items()):
        parts: Sequence[Value] = step.traces.get(place) or (value,)
        found += [
            _part(place.removeprefix("values/") if at == 0 else "", f"{place}:{at}", each)
            for at, each in enumerate(parts)
        ]
    return found


def _part(place: str, key: str, value: Value) -> Part:
    shown = _CLOSED if value.is_closed else value.value or ("" if value.truth else "nothing")
    indent = f"{value.depth * 1.25}rem"
    href = record_path(value.ref.object, value.ref.id) if value.ref and value.ref.object not in OWN_OBJECTS else ""
    return Part(key=key, place=place, text=value.text, indent=indent, truth=value.truth, value=shown, href=href)


def _outputs(output: Mapping[str, Any]) -> list[Part]:
    return [
        Part(key=name, place=name, text="", indent="0rem", truth="", value=_said(value), href="")
        for name, value in output.items()
    ]


def _said(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _MAX_OUTPUT else f"{text[:_MAX_OUTPUT]}…"
