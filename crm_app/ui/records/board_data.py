"""What a board shows: one column per stage. Its count and sum are of all its records, its cards only the first ones."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.pipeline import Pipeline
from crm_app.kernel.errors import NotFound
from crm_app.kernel.money import Money
from crm_app.services import lists, objects
from crm_app.services.record_query import Condition, Group, Record, RecordQuery
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
from crm_app.ui.records.values import cell_of, option_color
from crm_app.ui.shell_state import initials

CARDS = 20
MAX_CARDS = 200


class CardLine(TypedDict):
    label: str
    text: str
    css: str


class Card(TypedDict):
    id: str
    title: str
    href: str
    version: int
    owner: str
    initials: str
    lines: list[CardLine]


class StageColumn(TypedDict):
    stage: str
    label: str
    color: str
    count: str
    sum: str
    more: str
    cards: list[Card]


@dataclass(frozen=True)
class BoardData:
    header: Header
    tabs: list[Tab]
    chips: list[Chip]
    columns: list[StageColumn]
    can_move: bool


def pipeline_of(definition: ObjectDefinition) -> Pipeline:
    if definition.pipeline is None:
        raise NotFound(f"{definition.plural} have no pipeline, so they have no board.")
    return definition.pipeline


def board_data(work: UnitOfWork, name: str, address: ListAddress, shown: Mapping[str, int]) -> BoardData:
    """`shown` is how many cards each stage shows, where it is more than the first few."""
    definition = work.definition(name)
    pipeline = pipeline_of(definition)
    readable = readable_by_name(work, name)
    query = query_of(name, view_of(work, name, address), address)
    sums = (pipeline.amount,) if pipeline.amount in (work.fields(name) or {}) else ()
    groups = {group.key: group for group in lists.aggregate_records(work, query, pipeline.field, sums)}
    writer = _ColumnWriter(work, definition, pipeline, readable, query)
    return BoardData(
        header=header_of(work, definition, address),
        tabs=tabs_of(work, name, "board", address.view),
        chips=chips_of(work, board_path(name), readable, address, None),
        columns=[writer.column(s.name, groups.get(s.name), shown.get(s.name, CARDS)) for s in pipeline.stages],
        can_move=objects.may(work, "edit", name) and pipeline.field in objects.editable_fields(work, name),
    )


@dataclass(frozen=True)
class _ColumnWriter:
    work: UnitOfWork
    definition: ObjectDefinition
    pipeline: Pipeline
    readable: Mapping[str, FieldDefinition]
    query: RecordQuery

    def column(self, stage: str, group: Group | None, limit: int) -> StageColumn:
        field = self.definition.all_fields[self.pipeline.field]
        limit = min(limit, MAX_CARDS)
        records = self._records(stage, limit) if group else ()
        count = group.count if group else 0
        left = min(count - len(records), CARDS)
        return StageColumn(
            stage=stage,
            label=field.text(stage),
            color=option_color(self.definition, field, stage),
            count=f"{count:,}",
            sum=sum_text(self.definition, self.pipeline, group),
            more=f"Show {left} more" if left > 0 and limit < MAX_CARDS else "",
            cards=[self._card(record) for record in records],
        )

    def _records(self, stage: str, limit: int) -> tuple[Record, ...]:
        condition = Condition(self.pipeline.field, "eq", stage)
        names = (self.definition.name_field, *self._card_fields(), "owner")
        asked = tuple(dict.fromkeys(name for name in names if name in self.readable))
        query = replace(self.query, conditions=(*self.query.conditions, condition), limit=limit, fields=asked)
        return lists.list_records(self.work, query).records

    def _card_fields(self) -> list[str]:
        wanted = self.definition.card_fields or self.definition.shown_in_lists
        skipped = {self.definition.name_field, self.pipeline.field, "owner"}
        return [name for name in wanted if name in self.readable and name not in skipped][:5]

    def _card(self, record: Record) -> Card:
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
        )

    def _line(self, name: str, record: Record) -> CardLine:
        field = self.readable[name]
        cell = cell_of(self.definition, field, record, self.work.who.time_zone)
        css = "is-amount" if name == self.pipeline.amount else cell["css"] if cell["css"].startswith("badge") else ""
        return CardLine(label=field.label, text=cell["text"], css=css)


def sum_text(definition: ObjectDefinition, pipeline: Pipeline, group: Group | None) -> str:
    """The stage's total, one per currency: amounts of different currencies are never added."""
    if group is None or not pipeline.amount:
        return ""
    field = definition.all_fields[pipeline.amount]
    totals: Mapping[str, Any] = group.sums.get(pipeline.amount, {})
    return " + ".join(field.text(Money(total, unit) if unit else total) for unit, total in sorted(totals.items()))
