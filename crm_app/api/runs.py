"""The runs of automations, for administrators: looked at, let go on, cancelled, reassigned, started anew."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.automation.dry_run import MAX_EVENTS, as_json, dry_run
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.errors import Invalid, NotFound, Problem
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services.automation_pauses import Pause, pause, pauses, resume
from crm_app.services.record_query import MAX_PAGE_SIZE
from crm_app.services.run_actions import cancel_run, reassign_run, rerun, retry_run
from crm_app.services.run_details import RunDetail, StepOnce, read_run
from crm_app.services.run_lists import PAGE, STATUSES, RunFilter, RunLine, list_runs
from crm_app.services.seen_values import Value
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_FILTERS = frozenset({"automation", "object", "record", "status", "since", "until", "after", "limit"})


def read_all(work: UnitOfWork, call: Call) -> Answer:
    page = list_runs(work, _filter(read_parameters(call.query, _FILTERS).single))
    return Answer({"runs": [_line(line) for line in page.runs], "after": page.after})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer(_detail(read_run(work, _run(call))))


def retry(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    retry_run(work, _run(call))
    return Answer(_detail(read_run(work, _run(call))))


def cancel(work: UnitOfWork, call: Call) -> Answer:
    undo = call.json("undo") if call.body.strip() not in (b"", b"{}") else False
    if not isinstance(undo, bool):
        raise BadBody('"undo" says whether what the run did is undone: true or false.')
    cancel_run(work, _run(call), undo=undo)
    return Answer(_detail(read_run(work, _run(call))))


def reassign(work: UnitOfWork, call: Call) -> Answer:
    runner = parse_id(str(call.json("runner")))
    if runner is None:
        raise BadBody('"runner" is the id of the person whom the run is to act as.')
    reassign_run(work, _run(call), runner)
    return Answer(_detail(read_run(work, _run(call))))


def run_again(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    return Answer(_detail(read_run(work, rerun(work, _run(call)))), 201)


def read_pauses(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"paused": [_pause(each) for each in pauses(work).values()]})


def pause_one(work: UnitOfWork, call: Call) -> Answer:
    events = call.json("events")
    if events not in ("keep", "skip"):
        raise BadBody('"events" is "keep" (what happens meanwhile waits) or "skip" (it is passed over).')
    pause(work, call.path["automation"], keeps=events == "keep")
    return Answer(_pause(pauses(work)[call.path["automation"]]))


def resume_one(work: UnitOfWork, call: Call) -> Answer:
    waiting = call.json("waiting")
    if waiting not in ("start", "drop"):
        raise BadBody('"waiting" is "start" or "drop": what becomes of the runs that waited.')
    return Answer({"waited": resume(work, call.path["automation"], drops=waiting == "drop")})


def try_out(work: UnitOfWork, call: Call) -> Answer:
    """Of the live version, or of the definition in the body. Nothing is done."""
    asked = call.json_object()
    if not set(asked) <= {"events", "record", "definition"}:
        raise BadBody('The body has "events" (a number), "record" (an id) and "definition", or some of them.')
    events = asked.get("events", 50)
    if not isinstance(events, int) or isinstance(events, bool) or not 0 < events <= MAX_EVENTS:
        raise BadBody(f'"events" is a number from 1 to {MAX_EVENTS}.')
    definition = _definition(work, call.path["automation"], asked.get("definition"))
    record = parse_id(str(asked["record"])) if "record" in asked else None
    if "record" in asked and record is None:
        raise BadBody('"record" is the id of a record.')
    ref = RecordRef(definition.trigger.object, record) if record else None
    return Answer(as_json(dry_run(work, definition, events=events, record=ref)))


def _definition(work: UnitOfWork, name: str, body: object) -> AutomationDefinition:
    if body is None:
        found = next((each for each in work.catalog.automations if each.name == name), None)
        if found is None:
            raise NotFound(f"There is no workflow '{name[:50]}'.")
        return found
    try:
        return AutomationDefinition.model_validate(body)
    except ValidationError as error:
        problems = [Problem("/".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        raise BadBody("The definition can't be used.", problems) from None


def _run(call: Call) -> UUID:
    found = parse_id(call.path["id"])
    if found is None:
        raise NotFound("There is no such run.")
    return found


def _filter(given: Mapping[str, str]) -> RunFilter:
    record = _id(given, "record")
    if (record is None) != ("object" not in given):
        raise Invalid("`object` and `record` belong together: a record is named by both.")
    if given.get("status", STATUSES[0]) not in STATUSES:
        raise Invalid(f"`status` is one of: {', '.join(STATUSES)}.")
    limit = given.get("limit", str(PAGE))
    if not limit.isdecimal() or not 0 < int(limit) <= MAX_PAGE_SIZE:
        raise Invalid(f"`limit` is a number from 1 to {MAX_PAGE_SIZE}.")
    return RunFilter(
        automation=given.get("automation", ""),
        record=RecordRef(given["object"], record) if record else None,
        status=given.get("status", ""),
        since=_moment(given, "since"),
        until=_moment(given, "until"),
        after=_id(given, "after"),
        limit=int(limit),
    )


def _id(given: Mapping[str, str], name: str) -> UUID | None:
    found = parse_id(given[name]) if name in given else None
    if name in given and found is None:
        raise Invalid(f"`{name}` is an id.")
    return found


def _moment(given: Mapping[str, str], name: str) -> datetime | None:
    if name not in given:
        return None
    try:
        found = datetime.fromisoformat(given[name])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid(f"`{name}` is a moment with its zone, such as 2026-01-31T08:00:00Z.")
    return found


def _line(line: RunLine) -> dict[str, Any]:
    return {
        "id": line.id, "automation": line.automation, "label": line.label, "status": line.status,
        "error": line.error, "object": line.ref.object, "record": line.ref.id,
        "record_name": line.record_name or None, "at": line.at, "finished_at": line.finished_at,
        "attempt": line.attempt, "rerun_of": line.rerun_of, "is_held": line.is_held,
    }  # fmt: skip


def _detail(run: RunDetail) -> dict[str, Any]:
    blocks = [
        {
            "id": block.id,
            "type": block.type,
            "label": block.label,
            "depth": block.depth,
            "slot": block.slot,
            "status": block.status,
            "times": [_once(each) for each in block.times],
        }
        for block in run.blocks
    ]
    more = {"event": run.event, "event_at": run.event_at, "runner": run.runner, "depth": run.depth}
    version = {"version": run.version, "is_live_version": run.is_live_version}
    return {**_line(run.line), **more, **version, "can": asdict(run.can), "blocks": blocks}


def _once(step: StepOnce) -> dict[str, Any]:
    return {
        "path": step.path, "iteration": step.iteration, "status": step.status, "error": step.error,
        "input": {place: _value(value) for place, value in step.input.items()},
        "traces": {place: [_value(value) for value in parts] for place, parts in step.traces.items()},
        "output": None if step.is_output_closed else step.output, "attempts": step.attempts, "failures": step.failures,
        "started_at": step.started_at, "at": step.at,
    }  # fmt: skip


def _value(value: Value) -> dict[str, Any]:
    known = {"truth": value.truth} if value.truth else {"value": value.value}
    return {"text": value.text, "depth": value.depth, **({"closed": True} if value.is_closed else known)}


def _pause(found: Pause) -> dict[str, Any]:
    events = "keep" if found.keeps else "skip"
    return {"automation": found.automation, "events": events, "by": found.by, "at": found.at, "waiting": found.waiting}
