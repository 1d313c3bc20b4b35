"""Workspaces of many objects and many fields, and what is asked of them."""

from collections.abc import Callable
from typing import Any

from crm_app.api import lists as api_lists
from crm_app.api.call import Call
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import SystemActor
from crm_app.services.definitions import publish
from crm_app.services.lists import list_records
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import list_data
from crm_app.ui.shell_state import surroundings

ACTOR = SystemActor("measurement")
FIRST = "o000"
RECORDS = 200
_TYPES = ("text", "number", "currency", "date", "boolean", "email", "select", "percent", "phone", "datetime")
_RELATION_EVERY = 20
_OPTIONS = [{"name": name, "label": name.upper()} for name in ("a", "b", "c")]


def object_name(number: int) -> str:
    return f"o{number:03}"


def wide_object(number: int, fields: int, objects: int) -> dict[str, Any]:
    """A name and fields of many types; some point at the next object."""
    name = object_name(number)
    bodies: list[dict[str, Any]] = [{"name": "name", "label": "Name", "type": "text", "required": True}]
    for index in range(1, fields):
        body: dict[str, Any] = {"name": f"f{index:03}", "label": f"Field {index}"}
        if index % _RELATION_EVERY == 0:
            body |= {"type": "relation", "config": {"object": object_name((number + 1) % objects)}}
        else:
            body["type"] = _TYPES[index % len(_TYPES)]
            if body["type"] == "select":
                body["config"] = {"options": _OPTIONS}
        bodies.append(body)
    labels = {"label": f"Object {number}", "plural": f"Objects {number}", "name_field": "name"}
    return {"format_version": 1, "name": name, **labels, "fields": bodies}


def wide_package(objects: int, fields: int) -> Package:
    return package_of(*(wide_object(number, fields, objects) for number in range(objects)))


def package_of(*bodies: dict[str, Any]) -> Package:
    return load_package({"objects": {f"objects/{body['name']}.json": body for body in bodies}})


def filled(database_url: str, package: Package, owner: str = "") -> Workspace:
    """A workspace with the package, and some records of its first object."""
    workspace = Workspace.open(database_url, pool_size=2)
    prepare_workspace(workspace, package="", owner=owner)
    with workspace.work(ACTOR) as work:
        publish(work, package)
    with workspace.work(ACTOR) as work:
        for number in range(RECORDS):
            create_record(work, FIRST, {"name": f"Record {number}", "f001": number})
    return workspace


def _by_services(work: UnitOfWork) -> object:
    return list_records(work, RecordQuery(FIRST)).records


def _by_api(work: UnitOfWork) -> object:
    return api_lists.read_page(work, Call({"object": FIRST}, b"", {}))


def _by_page(work: UnitOfWork) -> object:
    return surroundings(work, FIRST), list_data(work, FIRST, ListAddress())


LISTS: dict[str, Callable[[UnitOfWork], object]] = {
    "services": _by_services,
    "API": _by_api,
    "page": _by_page,
}
