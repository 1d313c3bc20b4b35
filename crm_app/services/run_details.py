"""One run as the inspector shows it: its blocks with what became of each, shown only as far as the viewer may see."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.run_actions import Choices, choices
from crm_app.services.run_blocks import nodes_of, version_body
from crm_app.services.run_lists import RunLine, line_of, names_of_records
from crm_app.services.run_rights import require_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import AutomationPauseRow, RunRow, RunStepRow
from crm_app.storage.system_tables import UserRow, table_of

_RUNS = table_of(RunRow)
_STEPS = table_of(RunStepRow)
_USERS = table_of(UserRow)
_PAUSES = table_of(AutomationPauseRow)
_ROUND = re.compile(r"#\d+\+?")
MAX_STEPS = 2000


@dataclass(frozen=True)
class Value:
    """An expression of a step and what it gave: `truth` of a condition, `value` of anything else, in words.
    `is_closed`: it was worked out from what this viewer may not see, so neither is told. `ref` is the record
    that it is, if this viewer may see that.
    """

    text: str
    depth: int = 0
    truth: str = ""
    value: str = ""
    is_closed: bool = False
    ref: RecordRef | None = None


@dataclass(frozen=True)
class StepOnce:
    """A step as it was executed at one place of the run; `path` has the rounds of loops in it. `made` names the records
    that its output points at, as far as the viewer may see them.
    """

    path: str
    iteration: int
    status: str
    error: str
    input: Mapping[str, Value]
    traces: Mapping[str, list[Value]]
    output: Mapping[str, Any]
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
    line: RunLine
    event: str
    event_at: str
    version: str
    is_live_version: bool
    runner: UUID | None
    runner_name: str
    depth: int
    can: Choices
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
    is_live = live is not None and live.is_active
    return RunDetail(
        line=line,
        event=row.input.get("event", ""),
        event_at=row.input.get("at", ""),
        version=row.automation_hash,
        is_live_version=live is not None and live.canonical() == body,
        runner=row.runner,
        runner_name=row.runner_name or "",
        depth=row.depth,
        can=choices(row.status, row.error, has_runner=row.runner is not None, is_live=is_live),
        blocks=_blocks(body, _steps(work, run, _Viewer(work, is_record_seen=bool(line.record_name)))),
    )


@dataclass
class _Viewer:
    """What may be shown: a value only when every field that it was worked out from is open to this actor, in records
    that they may see: the run's own, and of other objects all or none.
    """

    work: UnitOfWork
    is_record_seen: bool
    own: str = ""
    names: Mapping[RecordRef, str] = field(default_factory=dict[RecordRef, str])

    def value(self, told: Mapping[str, Any]) -> Value:
        is_closed = not all(self._sees(owner, name) for owner, name in told.get("uses", ()))
        if is_closed:
            return Value(told["text"], told["depth"], is_closed=True)
        ref = _ref_in(told)
        name = self.names.get(ref, "") if ref else ""
        value = name or told.get("value", "")
        return Value(told["text"], told["depth"], told.get("truth", ""), value, ref=ref if name else None)

    def _sees(self, owner: str, name: str) -> bool:
        infos = self.work.fields(owner)
        if infos is None or (name != "id" and name not in infos):
            return False
        return self.is_record_seen if owner == self.own else self.work.reach("read", owner).everyone


def _steps(work: UnitOfWork, run: UUID, viewer: _Viewer) -> dict[str, list[StepOnce]]:
    """By path without the rounds of loops."""
    viewer.own = work.connection.execute(select(_RUNS.c.object).where(_RUNS.c.id == run)).scalar_one()
    rows = work.connection.execute(
        select(_STEPS).where(_STEPS.c.run == run).order_by(_STEPS.c.started_at, _STEPS.c.path).limit(MAX_STEPS)
    ).all()
    refs = {ref for row in rows for told in _all_told(row) if (ref := _ref_in(told)) is not None}
    viewer.names = names_of_records(work, refs)
    found: dict[str, list[StepOnce]] = {}
    for row in rows:
        once = StepOnce(
            path=row.path,
            iteration=row.iteration,
            status=row.status,
            error=row.error,
            input={place: viewer.value(told) for place, told in row.input.items()},
            traces={place: [viewer.value(told) for told in parts] for place, parts in row.traces.items()},
            output=row.output,
            attempts=row.attempts,
            failures=row.failures,
            started_at=row.started_at,
            at=row.at,
        )
        found.setdefault(_ROUND.sub("", row.path), []).append(once)
    return found


def _all_told(row: Any) -> Iterator[Mapping[str, Any]]:
    yield from row.input.values()
    for parts in row.traces.values():
        yield from parts


def _ref_in(told: Mapping[str, Any]) -> RecordRef | None:
    return RecordRef(told["ref"][0], UUID(told["ref"][1])) if "ref" in told else None


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
