"""The path of a record through its pipeline, as its page shows it."""

from dataclasses import dataclass
from typing import TypedDict

from crm_app.definitions.pipeline import since_name
from crm_app.services.pipelines import StageTime, is_rotting, stage_path
from crm_app.services.processes import Process
from crm_app.services.record_query import Record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.values import option_color, stay_text


class StageShown(TypedDict):
    """`spent` is how long it was there; `hint` why it can't go there, or why it is late."""

    name: str
    label: str
    color: str
    state: str
    spent: str
    hint: str
    is_barred: bool
    is_late: bool


@dataclass(frozen=True)
class PathShown:
    pipeline: str
    field: str
    stages: list[StageShown]


NO_PATH = PathShown("", "", [])


def path_shown(work: UnitOfWork, record: Record) -> PathShown:
    found = stage_path(work, record.ref, record.values)
    if found is None:
        return NO_PATH
    process, times = found
    position = next((index for index, each in enumerate(times) if each.is_current), -1)
    since = record.values.get(since_name(process.field.name))
    late = is_rotting(times[position].stage if position >= 0 else None, since)
    return PathShown(
        process.pipeline.name,
        process.field.name,
        [_shown(process, each, index - position, is_late=late and each.is_current) for index, each in enumerate(times)],
    )


def _shown(process: Process, time: StageTime, distance: int, *, is_late: bool) -> StageShown:
    stage = time.stage
    late = f"It has been in this stage for longer than {stage.rotting_days} days." if is_late else ""
    return StageShown(
        name=stage.name,
        label=process.label(stage.name),
        color=option_color(process.definition, process.field, stage.name),
        state="current" if time.is_current else "past" if distance < 0 and stage.kind == "open" else "ahead",
        spent="" if time.seconds is None or (time.is_current and stage.kind != "open") else stay_text(time.seconds),
        hint=time.why_not or late,
        is_barred=bool(time.why_not),
        is_late=is_late,
    )
