"""A list as CSV. It takes the parameters of the list, and sends all pages."""

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from crm_app.api.parameters import read_parameters
from crm_app.kernel.actor import KeyActor
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.objects import readable_fields
from crm_app.services.record_query import RecordQuery
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.web.downloads import csv_response

_CSV = frozenset({"where", "search", "sort", "fields", "bom"})
_YES_NO = ("false", "true")


async def read_csv(workspace: Workspace, actor: KeyActor, request: Request) -> Response:
    name = str(request.path_params["object"])
    parameters = read_parameters(request.scope["query_string"], _CSV, filters=True)
    has_bom = parameters.choice("bom", _YES_NO) == "true"
    query = RecordQuery(
        object=name,
        conditions=parameters.conditions,
        rule=parameters.text("where"),
        search=parameters.text("search"),
        sort=parameters.sorts(),
        fields=parameters.names("fields"),
    )

    def asked(work: UnitOfWork) -> CsvExport:
        shown = query.fields or tuple(field.name for field in readable_fields(work, name))
        return CsvExport(replace(query, fields=shown), has_bom=has_bom)

    return await csv_response(request, csv_stream(workspace, actor, asked), f"{name}.csv")
