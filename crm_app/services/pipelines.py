"""Pipelines as they stand: which this actor sees, what is in each stage, and how records moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm_app.definitions.moves import barred
from crm_app.definitions.pipeline import Stage
from crm_app.fields.rule_type import BOOL
from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.rules.tree import If, Literal
from crm_app.services.lists import aggregate_records, record_filter
from crm_app.services.processes import DrivenField, Position, Process
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import get_record
from crm_app.services.stage_gates import missing_right
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.moves import average_seconds, moves_of_record

SECONDS_A_DAY = 86_400
_TRUE, _FALSE = (Literal(value=value, type=BOOL.required()) for value in (True, False))
Sums = Mapping[str, Decimal]


@dataclass(frozen=True)
class Move:
    """`seconds` is how long the record was in the stage before; `None` where that is not known."""

    pipeline: str
    from_stage: str
    to_stage: str
    at: datetime
    by: str
    seconds: int | None


@dataclass(frozen=True)
class StageStanding:
    """One stage: how many records are in it, what they add up to per currency, the same weighted by the chance to win,
    and how many days a record stays on average, counting those that left.
    """

    stage: Stage
    count: int
    sums: Sums
    weighted: Sums
    average_days: float | None


@dataclass(frozen=True)
class StageTime:
    """One stage on a record's path: how long it was there in all, visits added up. `why_not` says why this actor can't
    move it there; empty where nothing is known against it.
    """

    stage: Stage
    seconds: int | None
    is_current: bool
    why_not: str


def visible_processes(work: UnitOfWork, name: str) -> list[Process]:
    """The object's pipelines whose field this actor may read, and all that decides which records are in them."""
    readable = set(work.fields(name) or ())
    found: list[Process] = []
    for driven in work.schema.driven(name):
        if driven.name in readable:
            found += [process for process in driven.processes if _names_of(driven, process) <= readable]
    return found


def find_process(work: UnitOfWork, name: str, pipeline: str = "") -> Process:
    """By its name; the first where none is given."""
    definition = work.definition(name)
    found = visible_processes(work, name)
    wanted = next((process for process in found if pipeline in ("", process.pipeline.name)), None)
    if wanted is None:
        text = f"no pipeline '{pipeline[:50]}'" if pipeline else "no pipeline, so they have no board"
        raise NotFound(f"{definition.plural} have {text}.")
    return wanted


def in_pipeline(work: UnitOfWork, query: RecordQuery, process: Process) -> RecordQuery:
    """The query's records that are in this pipeline: not those that another one over the same field takes first."""
    *earlier, _own = _up_to(_driven(work, process), process)
    tree = process.tree
    for each in reversed(earlier):
        tree = If(condition=each.tree or _TRUE, then=_FALSE, otherwise=tree or _TRUE, type=BOOL)
    return query if tree is None else replace(query, within=tree)


def standings(
    work: UnitOfWork, query: RecordQuery, process: Process, *, with_times: bool = True
) -> list[StageStanding]:
    """Every stage, also an empty one, over the records that the query lists. The times are read from all moves of these
    records, so whoever doesn't show them does without.
    """
    pipeline = process.pipeline
    chosen = in_pipeline(work, query, process)
    sums = (pipeline.amount,) if pipeline.amount in (work.fields(query.object) or {}) else ()
    groups = {group.key: group for group in aggregate_records(work, chosen, pipeline.field, sums)}
    names = (process.definition.name, *process.definition.former_names)
    records = work.records.chosen_ids(record_filter(work, chosen))
    times = average_seconds(work.connection, names, pipeline.name, records) if with_times else {}
    found: list[StageStanding] = []
    for stage in pipeline.stages:
        group = groups.get(stage.name)
        totals: Sums = group.sums.get(pipeline.amount, {}) if group else {}
        average = times.get(stage.name)
        found.append(
            StageStanding(
                stage=stage,
                count=group.count if group else 0,
                sums=totals,
                weighted={unit: _weighted(total, stage) for unit, total in totals.items()},
                average_days=float(average[0]) / SECONDS_A_DAY if average else None,
            )
        )
    return found


def moves_of(work: UnitOfWork, ref: RecordRef) -> list[Move]:
    """Of a record that the actor may see, the moves in pipelines that they may see; the oldest first."""
    get_record(work, ref, names=False)
    definition = work.definition(ref.object)
    names = (definition.name, *definition.former_names)
    visible = {process.pipeline.name for process in visible_processes(work, ref.object)}
    return [
        Move(row.pipeline, row.from_stage, row.to_stage, row.at, _name_of(row.actor), row.seconds)
        for row in moves_of_record(work.connection, names, ref.id)
        if row.pipeline in visible
    ]


def stage_path(work: UnitOfWork, ref: RecordRef, values: Mapping[str, Any]) -> tuple[Process, list[StageTime]] | None:
    """The record's way through its pipeline; the first one, where it is in several. `None` where it is in none."""
    visible = visible_processes(work, ref.object)
    for driven in work.schema.driven(ref.object):
        here = Position.of(driven, values)
        if here.process is not None and here.process in visible:
            return here.process, _times(work, ref, here.process, here.stage, values.get(driven.since))
    return None


def why_not(work: UnitOfWork, process: Process, old: Stage | None, new: Stage) -> str:
    """Why this actor can't move a record from one stage to the other, as far as the definition alone tells."""
    if old is not None and old.name == new.name:
        return ""
    limits = barred(process.pipeline, old, new, process.label) if old else ""
    return limits or missing_right(work, process, new)


def is_rotting(stage: Stage | None, since: object) -> bool:
    """Whether a record is in the stage for longer than the stage allows."""
    limit = stage.rotting_days if stage else None
    return limit is not None and isinstance(since, datetime) and seconds_since(since) > limit * SECONDS_A_DAY


def seconds_since(since: datetime) -> int:
    return max(0, int((clock.now() - since).total_seconds()))


def _times(work: UnitOfWork, ref: RecordRef, process: Process, current: Stage | None, since: object) -> list[StageTime]:
    spent: dict[str, int] = {}
    for move in moves_of(work, ref):
        if move.pipeline == process.pipeline.name and move.from_stage and move.seconds is not None:
            spent[move.from_stage] = spent.get(move.from_stage, 0) + move.seconds
    if current is not None and isinstance(since, datetime):
        spent[current.name] = spent.get(current.name, 0) + seconds_since(since)
    return [
        StageTime(stage, spent.get(stage.name), stage == current, why_not(work, process, current, stage))
        for stage in process.pipeline.stages
    ]


def _driven(work: UnitOfWork, process: Process) -> DrivenField:
    name = process.pipeline.field
    return next(driven for driven in work.schema.driven(process.definition.name) if driven.name == name)


def _up_to(driven: DrivenField, process: Process) -> Sequence[Process]:
    """The pipelines that are asked until this one is reached, itself included."""
    names = [each.pipeline.name for each in driven.processes]
    return driven.processes[: names.index(process.pipeline.name) + 1]


def _names_of(driven: DrivenField, process: Process) -> set[str]:
    return {name for each in _up_to(driven, process) for name in each.dividing_fields}


def _weighted(total: Decimal, stage: Stage) -> Decimal:
    return total * stage.chance / 100


def _name_of(actor: Mapping[str, Any]) -> str:
    return str(actor.get("automation") or actor.get("name", ""))
