"""What a board shows: one column per stage. Its count and sum are of all its records, its cards only the first ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.pipeline import Pipeline, Stage, since_name
from crm_app.services import lists, objects
from crm_app.services.pipelines import (
    StageStanding,
    find_process,
    in_pipeline,
    is_rotting,
    seconds_since,
    standings,
    visible_processes,
    why_not,
)
from crm_app.services.processes import Process
from crm_app.services.record_query import Condition, Record, RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import board_path, record_path
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import (
    Chip,
    Header,
    Tab,
    chips_of,
    header_of,
    query_of,
    readable_by_name,
    tabs_of,
    view_of,
)
from crm_app.ui.records.pipeline_texts import money_text, open_text, whole_text
from crm_app.ui.records.values import cell_of, option_color, stay_text
from crm_app.ui.shell_state import initials

CARDS = 20
MAX_CARDS = 200
CERTAIN = 100


class CardLine(TypedDict):
    label: str
    text: str
    css: str


class Card(TypedDict):
    """`age` is how long it has been in its stage; `is_late` when that is longer than it should be."""

    id: str
    title: str
    href: str
    version: int
    owner: str
    initials: str
    lines: list[CardLine]
    age: str
    age_title: str
    is_late: bool


class StageColumn(TypedDict):
    """`barred` says from which stages no card comes here, and why."""

    stage: str
    label: str
    color: str
    count: str
    sum: str
    weighted: str
    more: str
    barred: dict[str, str]
    cards: list[Card]


@dataclass(frozen=True)
class BoardData:
    header: Header
    tabs: list[Tab]
    chips: list[Chip]
    columns: list[StageColumn]
    can_move: bool
    pipelines: list[Tab]
    total: str


def board_data(work: UnitOfWork, name: str, address: ListAddress, shown: Mapping[str, int]) -> BoardData:
    """`shown` is how many cards each stage shows, where it is more than the first few."""
    process = find_process(work, name, address.pipeline)
    definition, pipeline = process.definition, process.pipeline
    readable = readable_by_name(work, name)
    query = query_of(name, view_of(work, name, address), address)
    found = standings(work, query, process, with_times=False)
    writer = _ColumnWriter(work, process, readable, in_pipeline(work, query, process))
    return BoardData(
        header=header_of(work, definition, address),
        tabs=[_in_same(tab, address) for tab in tabs_of(work, name, "board", address.view)],
        chips=chips_of(work, board_path(name), name, readable, address, None),
        columns=[writer.column(each, shown.get(each.stage.name, CARDS)) for each in found],
        can_move=objects.may(work, "edit", name) and pipeline.field in objects.editable_fields(work, name),
        pipelines=_chooser(work, name, address, process),
        total=open_text(process, found),
    )


def _in_same(tab: Tab, address: ListAddress) -> Tab:
    """Another view of the same pipeline."""
    if not address.pipeline:
        return tab
    return {**tab, "href": f"{tab['href']}{'&' if '?' in tab['href'] else '?'}pipeline={address.pipeline}"}


def _chooser(work: UnitOfWork, name: str, address: ListAddress, current: Process) -> list[Tab]:
    """Where there is something to choose."""
    found = visible_processes(work, name)
    path = board_path(name)
    return [
        Tab(
            label=each.pipeline.label,
            href=path + replace(address.first_page(), pipeline=each.pipeline.name).query(),
            is_current=each.pipeline.name == current.pipeline.name,
        )
        for each in found
        if len(found) > 1
    ]


@dataclass(frozen=True)
class _ColumnWriter:
    work: UnitOfWork
    process: Process
    readable: Mapping[str, FieldDefinition]
    query: RecordQuery

    @property
    def definition(self) -> ObjectDefinition:
        return self.process.definition

    @property
    def pipeline(self) -> Pipeline:
        return self.process.pipeline

    def column(self, standing: StageStanding, limit: int) -> StageColumn:
        stage, limit = standing.stage, min(limit, MAX_CARDS)
        records = self._records(stage.name, limit) if standing.count else ()
        left = min(standing.count - len(records), CARDS)
        is_guess = stage.kind == "open" and 0 < stage.chance < CERTAIN
        return StageColumn(
            stage=stage.name,
            label=self.process.label(stage.name),
            color=option_color(self.definition, self.process.field, stage.name),
            count=f"{standing.count:,}",
            sum=money_text(self.process, standing.sums),
            weighted=f"{stage.chance} %: {whole_text(self.process, standing.weighted)}"
            if is_guess and standing.weighted
            else "",
            more=f"Show {left} more" if left > 0 and limit < MAX_CARDS else "",
            barred={
                old.name: reason
                for old in self.pipeline.stages
                if (reason := why_not(self.work, self.process, old, stage))
            },
            cards=[self._card(record, stage) for record in records],
        )

    def _records(self, stage: str, limit: int) -> tuple[Record, ...]:
        condition = Condition(self.pipeline.field, "eq", stage)
        names = (self.definition.name_field, *self._card_fields(), "owner", self._since)
        asked = tuple(dict.fromkeys(name for name in names if name in self.readable))
        query = replace(self.query, conditions=(*self.query.conditions, condition), limit=limit, fields=asked)
        return lists.list_records(self.work, query).records

    def _card_fields(self) -> list[str]:
        wanted = self.definition.card_fields or self.definition.shown_in_lists
        skipped = {self.definition.name_field, self.pipeline.field, "owner"}
        return [name for name in wanted if name in self.readable and name not in skipped][:5]

    @property
    def _since(self) -> str:
        return since_name(self.pipeline.field)

    def _card(self, record: Record, stage: Stage) -> Card:
        since = record.values.get(self._since)
        age = stay_text(seconds_since(since)) if isinstance(since, datetime) and stage.kind == "open" else ""
        is_late = is_rotting(stage, since)
        limit = f", longer than the {stage.rotting_days} days it should be" if is_late else ""
        owner = record.references.get("owner")
        owner_name = owner.name if owner else ""
        return Card(
            id=str(record.ref.id),
            title=record.name,
            href=record_path(self.definition.name, record.ref.id),
            version=record.version,
            owner=owner_name,
            initials=initials(owner_name),
            lines=[line for name in self._card_fields() if (line := self._line(name, record))["text"]],
            age=age,
            age_title=f"In {self.process.label(stage.name)} for {age}{limit}" if age else "",
            is_late=is_late,
        )

    def _line(self, name: str, record: Record) -> CardLine:
        field = self.readable[name]
        cell = cell_of(self.definition, field, record, self.work.who.time_zone)
        css = "is-amount" if name == self.pipeline.amount else cell["css"] if cell["css"].startswith("badge") else ""
        return CardLine(label=field.label, text=cell["text"], css=css)
