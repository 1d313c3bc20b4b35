"""The first page: what this person has to do, and how every pipeline stands. It knows no object by name."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

from crm_app.definitions.object import Activity, ObjectDefinition
from crm_app.kernel import clock
from crm_app.services import lists, objects
from crm_app.services.record_query import Condition, Record, RecordQuery, Sort
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import board_path, list_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.board_data import sum_text
from crm_app.ui.records.done import may_mark
from crm_app.ui.records.list_address import ListAddress
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
    to_do: list[ToDo]
    pipelines: list[PipelineTotal]


def home_data(work: UnitOfWork) -> HomeData:
    visible = objects.visible_objects(work)
    to_do = [item for definition in visible for item in _to_do(work, definition)]
    pipelines = [_pipeline(work, definition) for definition in visible if definition.pipeline]
    return HomeData(to_do[:_SHOWN], pipelines)


def _to_do(work: UnitOfWork, definition: ObjectDefinition) -> list[ToDo]:
    activity = definition.activity
    usable = work.fields(definition.name) or {}
    if activity is None or not {activity.when, activity.done, "owner"} <= set(usable):
        return []
    query = RecordQuery(
        definition.name,
        (Condition("owner", "eq", "me"), Condition(activity.done, "eq", "false")),
        sort=(Sort(activity.when),),
        limit=_SHOWN,
        fields=(definition.name_field, activity.when),
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
    )


def _is_late(when: Any, time_zone: str) -> bool:
    if isinstance(when, datetime):
        return when < clock.now()
    return isinstance(when, date) and when < clock.now().astimezone(ZoneInfo(time_zone)).date()


def _pipeline(work: UnitOfWork, definition: ObjectDefinition) -> PipelineTotal:
    pipeline = definition.pipelines[0]
    usable = work.fields(definition.name) or {}
    stages: list[StageTotal] = []
    if pipeline.field in usable:
        sums = (pipeline.amount,) if pipeline.amount in usable else ()
        groups = lists.aggregate_records(work, RecordQuery(definition.name), pipeline.field, sums)
        by_stage = {group.key: group for group in groups}
        total = max(sum(group.count for group in groups), 1)
        field = definition.all_fields[pipeline.field]
        for stage in pipeline.stages:
            group = by_stage.get(stage.name)
            here = ListAddress(conditions=(Condition(pipeline.field, "eq", stage.name),))
            stages.append(
                StageTotal(
                    label=field.text(stage.name),
                    color=option_color(definition, field, stage.name),
                    href=list_path(definition.name) + here.query(),
                    count=f"{group.count if group else 0:,}",
                    sum=sum_text(definition, pipeline, group),
                    share=f"{100 * group.count / total if group else 0:.1f}%",
                )
            )
    return PipelineTotal(
        key=f"{definition.name}.{pipeline.name}",
        label=definition.plural,
        icon=icon_name(definition.icon),
        href=board_path(definition.name),
        stages=stages,
    )
