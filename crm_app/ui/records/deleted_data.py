"""What the page of deleted records shows."""

from dataclasses import dataclass
from typing import TypedDict

from crm_app.kernel.errors import NotFound
from crm_app.kernel.times import moment_text
from crm_app.services.record_query import PAGE_SIZE
from crm_app.services.trash import DeletedRecord, deleted_records, restore_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import deleted_path, list_path, record_path
from crm_app.ui.elements import icon_name
from crm_app.ui.records.list_address import pairs_of
from crm_app.ui.records.record_data import NO_RECORD, ref_of

_MAX_DIGITS = 9


class DeletedLine(TypedDict):
    """`note` says what comes back with it, or that it went with another record."""

    id: str
    name: str
    at: str
    by: str
    note: str


@dataclass(frozen=True)
class DeletedData:
    """One page; the addresses of those before and after are empty where there are none."""

    name: str
    plural: str
    icon: str
    list_href: str
    lines: list[DeletedLine]
    range_text: str
    previous_href: str
    next_href: str


def start_of(query: str) -> int:
    """`?start=51`: the number of the page's first record."""
    text = dict(pairs_of(query)).get("start", "")
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else 1


def deleted_data(work: UnitOfWork, name: str, start: int) -> DeletedData:
    definition = work.definition(name)
    found = deleted_records(work, name, PAGE_SIZE + 1, start - 1)
    lines = [_line(work, each) for each in found[:PAGE_SIZE]]
    return DeletedData(
        name=name,
        plural=definition.plural,
        icon=icon_name(definition.icon),
        list_href=list_path(name),
        lines=lines,
        range_text=f"{start:,}\N{EN DASH}{start + len(lines) - 1:,}" if lines else "",
        previous_href=_page(name, start - PAGE_SIZE) if start > 1 else "",
        next_href=_page(name, start + PAGE_SIZE) if len(found) > PAGE_SIZE else "",
    )


def _page(name: str, start: int) -> str:
    return f"{deleted_path(name)}?start={start}" if start > 1 else deleted_path(name)


def _line(work: UnitOfWork, record: DeletedRecord) -> DeletedLine:
    note = "Went with another record." if record.is_with_another else record.sentence(work)
    at = moment_text(record.at, work.who.time_zone)
    return DeletedLine(id=str(record.ref.id), name=record.name, at=at, by=record.by, note=note)


def restored(work: UnitOfWork, name: str, identifier: str) -> tuple[str, str]:
    """What it is called, and its address."""
    ref = ref_of(name, identifier)
    if ref is None:
        raise NotFound(NO_RECORD)
    record = restore_record(work, ref)
    return record.name, record_path(name, ref.id)
