"""One run as the inspector shows it: its blocks with what became of each, shown only as far as the viewer may see."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_runs import ENDING
from crm_app.services.publishers import publisher_of
from crm_app.services.run_actions import Choices, choices
from crm_app.services.run_blocks import COMPENSATE, nodes_of, version_body
from crm_app.services.run_lists import RunLine, line_of, names_of_records, shown_error
from crm_app.services.run_rights import require_runs
from crm_app.services.seen_values import ROUND, Value, Viewer
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import AutomationPauseRow, RunRow, RunStepRow
from crm_app.storage.system_tables import UserRow, table_of
from crm_app.storage.wait_tables import RunWaitRow

_RUNS = table_of(RunRow)
_STEPS = table_of(RunStepRow)
_USERS = table_of(UserRow)
_PAUSES = table_of(AutomationPauseRow)
_WAITS = table_of(RunWaitRow)
_OVER = "!"  # behind the path of a wait: its end
MAX_STEPS = 2000


@dataclass(frozen=True)
class StepOnce:
    """A step as it was executed at one place of the run; `path` has the rounds of loops in it. Of an output that is
    closed to the viewer nothing is there, and of its errors only their codes.
    """

    path: str
    iteration: int
    status: str
    error: str
    input: Mapping[str, Value]
    traces: Mapping[str, list[Value]]
    output: Mapping[str, Any]
    is_output_closed: bool
    attempts: int
    failures: Sequence[Mapping[str, Any]]
    started_at: datetime
    at: datetime


@dataclass(frozen=True)
class BlockOfRun:
    """A block of the run's version, at `depth` under the blocks around it, in `slot` of the one above."""

    id: str
    type: str
    label: str
    depth: int
    slot: str
    times: tuple[StepOnce, ...]

    @property
    def status(self) -> str:
        """`none` while nothing happened; `failed` when any of its executions is."""
        if not self.times:
            return "none"
        return next((each.status for each in self.times if each.status != "finished"), "finished")


@dataclass(frozen=True)
class RunDetail:
    """`body` is the version that it runs. `waits` are the blocks at which it waits now, and until when at most."""

    line: RunLine
    event: str
    event_at: str
    version: str
    is_live_version: bool
    runner: UUID | None
    runner_name: str
    publisher_name: str
    depth: int
    can: Choices
    body: Mapping[str, Any]
    waits: Mapping[str, datetime | None]
    blocks: list[BlockOfRun] = field(default_factory=list[BlockOfRun])


def read_run(work: UnitOfWork, run: UUID) -> RunDetail:
    require_runs(work)
    paused = select(_PAUSES.c.automation).where(_PAUSES.c.automation == _RUNS.c.automation).exists()
    query = select(_RUNS, paused.label("is_paused"), _USERS.c.name.label("runner_name")).join(
        _USERS, _USERS.c.id == _RUNS.c.runner, isouter=True
    )
    row = work.connection.execute(query.where(_RUNS.c.id == run)).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    ref = RecordRef(row.object, row.record)
    line = line_of(work, row, names_of_records(work, [ref]))
    live = next((each for each in work.catalog.automations if each.name == row.automation), None)
    body = version_body(work, row.automation_hash)
    blocks = _blocks(body, _steps(work, run, body, Viewer(work, is_record_seen=bool(line.record_name))))
    if any(once.error == row.error for block in blocks for once in block.times):
        line = replace(line, error=row.error)
    is_live = live is not None and live.is_active
    return RunDetail(
        line=line,
        event=row.input.get("event", ""),
        event_at=row.input.get("at", ""),
        version=row.automation_hash,
        is_live_version=live is not None and live.canonical() == body,
        runner=row.runner,
        runner_name=row.runner_name or "",
        publisher_name=publisher_of(work, row.automation_hash),
        depth=row.depth,
        body=body,
        waits=_waits(work, run),
        can=choices(
            row.status,
            row.error,
            has_runner=row.runner is not None,
            is_live=is_live,
            can_undo=ENDING not in row.input and any(node.slot == COMPENSATE for node in nodes_of(body)),
        ),
        blocks=blocks,
    )


def _steps(work: UnitOfWork, run: UUID, body: Mapping[str, Any], viewer: Viewer) -> dict[str, list[StepOnce]]:
    """By path without the rounds of loops."""
    viewer.own = work.connection.execute(select(_RUNS.c.object).where(_RUNS.c.id == run)).scalar_one()
    rows = work.connection.execute(
        select(_STEPS).where(_STEPS.c.run == run).order_by(_STEPS.c.started_at, _STEPS.c.path).limit(MAX_STEPS)
    ).all()
    viewer.name(told for row in rows for told in _all_told(row))
    objects = {node.path: str(node.step.get("object", "")) for node in nodes_of(body)}
    found: dict[str, list[StepOnce]] = {}
    for row in rows:
        given = {place: viewer.value(told) for place, told in row.input.items()}
        traces = {place: [viewer.value(told) for told in parts] for place, parts in row.traces.items()}
        is_open = viewer.sees_output(
            row.path,
            objects.get(ROUND.sub("", row.path).rstrip(_OVER), ""),
            [*given.values(), *chain.from_iterable(traces.values())],
        )
        once = StepOnce(
            path=row.path,
            iteration=row.iteration,
            status=row.status,
            error=shown_error(row.error, is_open=is_open),
            input=given,
            traces=traces,
            output=row.output if is_open else {},
            is_output_closed=not is_open and bool(row.output),
            attempts=row.attempts,
            failures=[{**each, "error": shown_error(each["error"], is_open=is_open)} for each in row.failures],
            started_at=row.started_at,
            at=row.at,
        )
        found.setdefault(ROUND.sub("", row.path), []).append(once)
    for place in [each for each in found if each.endswith(_OVER)]:
        begun = found.setdefault(place.rstrip(_OVER), [])
        found[place.rstrip(_OVER)] = _with_ends(begun, found.pop(place))
    return found


def _with_ends(begun: Sequence[StepOnce], ends: Sequence[StepOnce]) -> list[StepOnce]:
    """A wait that is over is one execution, from its beginning to what came of it."""
    by_path = {end.path.rstrip(_OVER): end for end in ends}
    return [
        replace(
            each, status=end.status, error=end.error, output=end.output, is_output_closed=end.is_output_closed,
            failures=[*each.failures, *end.failures], at=end.at,
        )
        if (end := by_path.get(each.path)) else each
        for each in begun
    ]  # fmt: skip


def _waits(work: UnitOfWork, run: UUID) -> dict[str, datetime | None]:
    query = select(_WAITS.c.path, _WAITS.c.until).where(_WAITS.c.run == run, _WAITS.c.state == "open")
    return {ROUND.sub("", row.path).rpartition("/")[2]: row.until for row in work.connection.execute(query)}


def _all_told(row: Any) -> Iterator[Mapping[str, Any]]:
    yield from row.input.values()
    for parts in row.traces.values():
        yield from parts


def _blocks(body: Mapping[str, Any], steps: dict[str, list[StepOnce]]) -> list[BlockOfRun]:
    """In the order of the definition; what happened at places that it no longer names comes last."""
    blocks: list[BlockOfRun] = []
    for node in nodes_of(body):
        times = steps.pop(node.path, [])
        step = node.step
        label = str(step.get("name") or step["id"])
        blocks.append(BlockOfRun(str(step["id"]), str(step["type"]), label, node.depth, node.slot, tuple(times)))
    for path, times in steps.items():
        blocks.append(BlockOfRun(path, "", path, 0, "", tuple(times)))
    return blocks
