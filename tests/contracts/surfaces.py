"""One object with a field of every registered type, and the ways by which a value comes in: form, API and CSV file."""

import csv
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.load import load_package
from crm_app.definitions.mapping import ImportMapping
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Invalid
from crm_app.kernel.events import RecordRef
from crm_app.services.imports import import_files
from crm_app.services.lists import list_records
from crm_app.services.record_query import Record, RecordQuery, Sort
from crm_app.services.records import create_record, update_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.form_data import FormField
from crm_app.ui.records.form_layout import edit_form
from crm_app.ui.records.form_values import raw_values
from crm_app.ui.records.input_values import part_input
from tests.builders import Crm, field, object_body
from tests.contracts.test_field_types import CONFIGS
from tests.integration.api_client import Api

_TEXT_AREAS = ("long_text", "json")
_JSON = {"content-type": "application/json"}
KEYS = tuple(f"0190a5c0-0000-7000-8000-00000000000{digit}" for digit in (1, 2))
NAMES = {"user": "Ina", "team": "East", "access_territory": "Coast", "company": "Acme"}
_TARGETS = (
    """INSERT INTO crm.app_user (id, name, email, password_hash, time_zone, is_active, created_at)
       VALUES (CAST(:id AS uuid), :user, :user, '', '', true, now())""",
    "INSERT INTO crm.team (id, name) VALUES (CAST(:id AS uuid), :team)",
    "INSERT INTO crm.territory (id, name) VALUES (CAST(:id AS uuid), :access_territory)",
    """INSERT INTO data.company (id, version, created_at, updated_at, name)
       VALUES (CAST(:id AS uuid), 1, now(), now(), :company)""",
)


def cell_of(definition: FieldDefinition, value: Any) -> str:
    """The CSV cell that stands for it: what points at records says their names."""
    if definition.field_type.is_linked:
        names = {KEYS[0]: NAMES[definition.target], KEYS[1]: f"Another {definition.target}"}
        return "; ".join(names[str(each)] for each in value)
    return NAMES.get(definition.target) or definition.edit(value)


class Refused(Exception):
    """The value was refused; the message is the sentence."""


def name_of(kind: FieldType) -> str:
    return f"f_{kind.name}"


def thing() -> Any:
    fields = [field(name_of(kind), kind.name, config=CONFIGS.get(kind.name, {})) for kind in FIELD_TYPES]
    bodies = (object_body("thing", *fields), object_body("company"))
    return load_package({"objects": {f"objects/{body['name']}.json": body for body in bodies}})


class Surfaces:
    """Every way saves as an administrator whose clocks are those of Berlin."""

    def __init__(self, database_url: str) -> None:
        self.crm = Crm(database_url, thing())
        api = Api(self.crm)
        with self.crm.work() as work:
            for key in KEYS:
                for statement in _TARGETS:
                    names = NAMES if key == KEYS[0] else {name: f"Another {name}" for name in NAMES}
                    work.connection.execute(text(statement), {"id": key, **names})
            work.connection.execute(text("UPDATE crm.app_user SET time_zone = 'Europe/Berlin'"))
        self.actor: UserActor = api.people["max"]
        self._client = api.client()

    def close(self) -> None:
        self.crm.close()

    def definition(self, kind: FieldType) -> FieldDefinition:
        with self.crm.work() as work:
            return work.definition("thing").all_fields[name_of(kind)]

    def by_api(self, kind: FieldType, raw: Any) -> Any:
        """The JSON that comes back, from another request."""
        body = json.dumps({"values": {"name": "x", name_of(kind): raw}})
        answer = self._client.post("/api/v1/objects/thing/records", content=body, headers=_JSON)
        self._require(answer, kind)
        again = self._client.get(f"/api/v1/objects/thing/records/{answer.json()['id']}")
        return again.json()["values"][name_of(kind)]

    @staticmethod
    def _require(answer: httpx.Response, kind: FieldType) -> None:
        if answer.status_code == 422:
            problems = answer.json()["error"]["problems"]
            assert [problem["path"] for problem in problems] == [name_of(kind)], problems
            raise Refused(problems[0]["message"])
        assert answer.status_code == 201, answer.text

    def by_form(self, kind: FieldType, typed: Mapping[str, Any]) -> Record:
        """`typed` is what the field's inputs hold, by their names."""
        form = {"has::name": "", "name": "x", f"has::{name_of(kind)}": "", **typed}
        return self._saved(kind, lambda work: create_record(work, "thing", raw_values(work, "thing", form)))

    def saved_again(self, ref: RecordRef) -> Record:
        """The record after somebody opened its form and saved it as it was."""
        with self.crm.work(self.actor) as work:
            version = edit_form(work, ref).version
            return update_record(work, ref, raw_values(work, "thing", _form_of(work, ref)), version)

    def typed_again(self, kind: FieldType, ref: RecordRef) -> Record:
        """A new record, made by a form that holds what the form of this one shows."""
        with self.crm.work(self.actor) as work:
            form = _form_of(work, ref)
        return self.by_form(kind, {key: value for key, value in form.items() if name_of(kind) in key})

    def exported_and_back(self, kind: FieldType, name: str, folder: Path) -> tuple[list[str], dict[str, list[Any]]]:
        """The exported cells of the records whose name starts so; and by each name their values, then those of the
        records made by importing that file.
        """
        fields = ("name", name_of(kind))
        asked = {"fields": ",".join(fields), "where": f"name starts with '{name}'", "sort": "created_at"}
        answer = self._client.get("/api/v1/objects/thing/records.csv", params=asked)
        assert answer.status_code == 200, answer.text
        path = folder / "out.csv"
        path.write_bytes(answer.content)
        with path.open(newline="", encoding="utf-8") as file:
            cells = [row[name_of(kind)] for row in csv.DictReader(file)]
        body: dict[str, Any] = {"file": path.name, "object": "thing", "key": ["id"], "encoding": "utf-8"}
        body |= {"keep_blanks": True, "fields": {each: each for each in fields}}
        mapping = ImportMapping.model_validate(
            {"format_version": 1, "name": f"out_{kind.name}", "label": "Back", "files": [body]}
        )
        query = RecordQuery("thing", rule=f"name starts with '{name}'", limit=200, sort=(Sort("created_at"),))
        with self.crm.work() as work:
            report = import_files(work, mapping, {path.name: path})
            found = list_records(work, query).records
        assert [remark for remark in report.files[0].remarks if remark.outcome == "refused"] == []
        values: dict[str, list[Any]] = {}
        for record in found:
            values.setdefault(record.name, []).append(record.values[name_of(kind)])
        return cells, values

    def _saved(self, kind: FieldType, save: Callable[[UnitOfWork], Record]) -> Record:
        try:
            with self.crm.work(self.actor) as work:
                return save(work)
        except Invalid as error:
            if [problem.path for problem in error.problems] != [name_of(kind)]:
                raise
            raise Refused(error.problems[0].message) from None

    def by_csv(self, kind: FieldType, cells: Mapping[str, str], folder: Path) -> tuple[dict[str, Any], list[str]]:
        """The values saved by key, and the report's sentences about the lines refused."""
        path = folder / f"{kind.name}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["key", "value"])
            writer.writerows(cells.items())
        body: dict[str, Any] = {"file": path.name, "object": "thing", "key": ["key"]}
        body |= {"encoding": "utf-8", "keep_blanks": True}
        body["fields"] = {"name": "key", name_of(kind): "value"}
        mapping = ImportMapping.model_validate(
            {"format_version": 1, "name": f"{folder.name}_{kind.name}"[-50:], "label": "Back", "files": [body]}
        )
        with self.crm.work() as work:
            report = import_files(work, mapping, {path.name: path})
            found = list_records(work, RecordQuery("thing", rule="name starts with 'key '", limit=200)).records
        saved = {record.name: record.values[name_of(kind)] for record in found if record.name in cells}
        return saved, [remark.reason for remark in report.files[0].remarks if remark.outcome == "refused"]


def _form_of(work: UnitOfWork, ref: RecordRef) -> dict[str, Any]:
    data = edit_form(work, ref)
    fields = [each for tab in data.tabs for section in tab["sections"] for each in section["fields"]]
    return {key: value for each in fields for key, value in _submitted(each).items()}


def _submitted(shown: FormField) -> dict[str, Any]:
    """What a browser sends for an input that nobody touched."""
    name = shown["name"]
    sent: dict[str, Any] = {f"has::{name}": shown["held"]}
    match shown["widget"]:
        case "boolean":
            return {**sent, name: "on"} if shown["is_checked"] else sent
        case "multi_select":
            ticked = [choice["value"] for choice in shown["choices"] if choice["is_chosen"]]
            return sent | {part_input(name, value): "on" for value in ticked}
        case _ if shown["parts"]:
            return sent | {part["name"]: _kept(part["value"], part["is_multiline"]) for part in shown["parts"]}
        case widget:
            return {**sent, name: _kept(shown["value"], widget in _TEXT_AREAS)}


def _kept(text: str, is_multiline: bool) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines if is_multiline else lines.replace("\n", "")
