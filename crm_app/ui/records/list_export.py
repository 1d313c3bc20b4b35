"""What the export of a list holds."""

from dataclasses import replace
from uuid import UUID

from crm_app.kernel.ids import parse_id
from crm_app.services.exports import CsvExport
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.list_address import ListAddress, pairs_of
from crm_app.ui.records.list_data import query_of, readable_by_name, shown_fields, view_of

_MAX_IDS = 1_000


def exported_ids(query: str) -> tuple[UUID, ...] | None:
    """`ids=…,…`: only these lines of the list. `None` where the address doesn't say."""
    single = dict(pairs_of(query))
    if "ids" not in single:
        return None
    found = [parse_id(text) for text in single["ids"].split(",")[:_MAX_IDS]]
    return tuple(each for each in found if each)


def list_export(work: UnitOfWork, name: str, address: ListAddress, ids: tuple[UUID, ...] | None = None) -> CsvExport:
    """All pages of what the list shows, in its order, and each record's name in any case."""
    definition = work.definition(name)
    view = view_of(work, name, address)
    readable = readable_by_name(work, name)
    names = dict.fromkeys((definition.name_field, *shown_fields(definition, view)))
    fields = tuple(field for field in names if field in readable)
    query = replace(query_of(name, view, address), fields=fields, ids=ids)
    return CsvExport(query, is_for_people=True, has_id=False, has_bom=True)
