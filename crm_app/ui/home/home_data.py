"""The first page: what this person has to do, and how every pipeline stands. It knows no object by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from crm_app.definitions.object import Activity, ObjectDefinition
from crm_app.kernel import clock
from crm_app.services import lists, objects
from crm_app.services.pipelines import StageStanding, standings, visible_processes
from crm_app.services.processes import Process
from crm_app.services.record_query import Condition, Record, RecordQuery, Sort
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import board_path, list_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.done import may_mark
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.pipeline_texts import money_text
from crm_app.ui.records.values import option_color, value_text

_SHOWN = 8


class ToDo(TypedDict):
    id: str
    object: str
    can_mark: bool
    title: str
    href: str
    when: str
    is_late: bool
    owner: str


class StageTotal(TypedDict):
    label: str
    color: str
    href: str
    count: str
    sum: str
    share: str


class PipelineTotal(TypedDict):
    key: str
    label: str
    icon: str
    href: str
    stages: list[StageTotal]


@dataclass(frozen=True)
class HomeData:
    """`late` is what people of the teams that this person manages have left undone too long."""

    to_do: list[ToDo]
    late: list[ToDo]
    pipelines: list[PipelineTotal]


def home_data(work: UnitOfWork) -> HomeData:
    visible = objects.visible_objects(work)
    to_do = [item for definition in visible for item in _to_do(work, definition)]
    late = [item for definition in visible for item in _late(work, definition)]
    pipelines = [total for definition in visible for total in _pipelines(work, definition)]
    return HomeData(to_do[:_SHOWN], late[:_SHOWN], pipelines)


def _to_do(work: UnitOfWork, definition: ObjectDefinition) -> list[ToDo]:
    return _undone(work, definition, Condition("owner", "eq", "me"))


def _late(work: UnitOfWork, definition: ObjectDefinition) -> list[ToDo]:
    activity, others = definition.activity, sorted(str(each) for each in work.who.below - {work.who.user_id})
    if activity is None or not others:
        return []
    is_day = definition.all_fields[activity.when].type == "date"
    today = clock.now().astimezone(ZoneInfo(work.who.time_zone)).date()
    before = today.isoformat() if is_day else clock.now().isoformat()
    return _undone(work, definition, Condition("owner", "in", others), Condition(activity.when, "lt", before))


def _undone(work: UnitOfWork, definition: ObjectDefinition, *conditions: Condition) -> list[ToDo]:
    activity = definition.activity
    usable = work.fields(definition.name) or {}
    if activity is None or not {activity.when, activity.done, "owner"} <= set(usable):
        return []
    query = RecordQuery(
        definition.name,
        (*conditions, Condition(activity.done, "eq", "false")),
        sort=(Sort(activity.when),),
        limit=_SHOWN,
        fields=(definition.name_field, activity.when, "owner"),
    )
    return [_line(work, definition, activity, record) for record in lists.list_records(work, query).records]


def _line(work: UnitOfWork, definition: ObjectDefinition, activity: Activity, record: Record) -> ToDo:
    when = record.values.get(activity.when)
    return ToDo(
        id=str(record.ref.id),
        object=definition.name,
        can_mark=may_mark(work, definition),
        title=record.name,
        href=record_path(definition.name, record.ref.id),
        when=value_text(definition.all_fields[activity.when], when, work.who.time_zone) if when else "",
        is_late=_is_late(when, work.who.time_zone),
        owner=owner.name if (owner := record.references.get("owner")) else "",
    )


def _is_late(when: Any, time_zone: str) -> bool:
    if isinstance(when, datetime):
        return when < clock.now()
    return isinstance(when, date) and when < clock.now().astimezone(ZoneInfo(time_zone)).date()


def _pipelines(work: UnitOfWork, definition: ObjectDefinition) -> Iterator[PipelineTotal]:
    processes = visible_processes(work, definition.name)
    for process in processes:
        pipeline = process.pipeline
        query = RecordQuery(definition.name)
        found = standings(work, query, process, with_times=False)
        total = max(sum(each.count for each in found), 1)
        several = ListAddress(pipeline=pipeline.name) if len(processes) > 1 else ListAddress()
        yield PipelineTotal(
            key=f"{definition.name}.{pipeline.name}",
            label=f"{definition.plural}: {pipeline.label}" if len(processes) > 1 else definition.plural,
            icon=icon_name(definition.icon),
            href=board_path(definition.name) + several.query(),
            stages=[_stage(process, each, total) for each in found],
        )


def _stage(process: Process, standing: StageStanding, total: int) -> StageTotal:
    definition, stage = process.definition, standing.stage.name
    here = ListAddress(conditions=(Condition(process.field.name, "eq", stage),))
    return StageTotal(
        label=process.label(stage),
        color=option_color(definition, process.field, stage),
        href=list_path(definition.name) + here.query(),
        count=f"{standing.count:,}",
        sum=money_text(process, standing.sums),
        share=f"{100 * standing.count / total:.1f}%",
    )
