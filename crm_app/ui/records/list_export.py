"""What the export of a list holds."""

from dataclasses import replace

from crm_app.services.exports import CsvExport
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import query_of, readable_by_name, shown_fields, view_of


def list_export(work: UnitOfWork, name: str, address: ListAddress) -> CsvExport:
    """All pages of what the list shows, in its order, and each record's name in any case."""
    definition = work.definition(name)
    view = view_of(work, name, address)
    readable = readable_by_name(work, name)
    names = dict.fromkeys((definition.name_field, *shown_fields(definition, view)))
    fields = tuple(field for field in names if field in readable)
    query = replace(query_of(name, view, address), fields=fields)
    return CsvExport(query, is_for_people=True, has_id=False, has_bom=True)
