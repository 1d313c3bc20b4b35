"""What may be done with chosen lines, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from crm_app.services import bulk_edit, objects
from crm_app.services.bulk_edit import BulkReport, Chosen, Refused
from crm_app.services.pipelines import visible_processes
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import record_path
from crm_app.ui.records.filter_data import Choice
from crm_app.ui.records.form_data import FormField, form_field, offered_fields
from crm_app.ui.records.form_values import raw_values
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import query_of, view_of
from crm_app.ui.records.start_part import StartChoice, start_choices

MAX_REFUSALS = 200
OWNER = "owner"


class RefusedLine(TypedDict):
    name: str
    href: str
    reason: str


@dataclass(frozen=True)
class Offer:
    """`stages` are the fields that pipelines drive."""

    noun: str
    label: str
    fields: list[Choice]
    stages: list[Choice]
    can_transfer: bool
    can_delete: bool
    startable: list[StartChoice]


def offer_of(work: UnitOfWork, name: str) -> Offer:
    definition = work.definition(name)
    may_bulk = objects.may(work, "bulk", name)
    may_edit = may_bulk and objects.may(work, "edit", name)
    files = {field.name for field in definition.file_fields}
    fields = [f for f in offered_fields(work, definition) if f.name not in files] if may_edit else []
    names = {field.name for field in fields}
    driven = dict.fromkeys(process.pipeline.field for process in visible_processes(work, name))
    return Offer(
        noun=definition.plural.lower(),
        label=definition.label.lower(),
        fields=[Choice(value=field.name, label=field.label) for field in fields],
        stages=[Choice(value=field, label="Move") for field in driven if field in names],
        can_transfer=OWNER in names,
        can_delete=may_bulk and objects.may(work, "delete", name),
        startable=start_choices(work, name),
    )


def asked_fields(work: UnitOfWork, name: str, field: str) -> list[FormField]:
    """An empty input, and beside a stage one for the reason of a loss. None where this person may not change it."""
    known = {each.name: each for each in offered_fields(work, work.definition(name))}
    processes = [process for process in visible_processes(work, name) if process.pipeline.field == field]
    names = dict.fromkeys([field, *(process.pipeline.lost_reason for process in processes)])
    return [form_field(work, known[each], None, None) for each in names if each in known] if field in known else []


def next_matching(work: UnitOfWork, name: str, address: ListAddress, after: UUID | None, limit: int) -> list[Chosen]:
    """The next part of what the list shows on all its pages, as it is at this moment, in the order of the ids."""
    return bulk_edit.choose_records(work, query_of(name, view_of(work, name, address), address), limit, after)


def changed(work: UnitOfWork, name: str, part: Sequence[Chosen], field: str, form: dict[str, Any]) -> BulkReport:
    """What is left empty beside the field itself stays as each record has it."""
    raw = raw_values(work, name, form)
    return bulk_edit.edit_records(work, name, part, {n: v for n, v in raw.items() if n == field or v is not None})


def refused_lines(refused: Sequence[Refused]) -> list[RefusedLine]:
    return [
        RefusedLine(
            name=each.name or "A record that you may not see",
            href=record_path(each.ref.object, each.ref.id) if each.name else "",
            reason=each.reason,
        )
        for each in refused[:MAX_REFUSALS]
    ]
