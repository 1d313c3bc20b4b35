"""Lists as CSV: complete, safe to open in a spreadsheet, and read back unchanged; and who may take them."""

import csv
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.mapping import ImportMapping
from crm_app.definitions.package import Package
from crm_app.services.imports import import_files
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.records import create_records
from tests.builders import Crm, field, object_body, role_body, select_field, small_business
from tests.integration.api_client import Api

DEALS = "/api/v1/objects/deal/records.csv"
NOTES = "/api/v1/objects/note/records.csv"
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", '=HYPERLINK("http://evil.example","x")', "'=1", "''=1", "'x",
    "-", "=", "'", "a,b", 'say "hi"', "two\r\nlines", "two\nlines", "; drop", "\u202eabc", "\ufeffx", "日本", "😀",
    "\uff1d1", "O'Brien", "NULL", "true", "1e5", "007", "' =1", "\u2028x", "x\x0bx", " both blanks ", "a;b", '"', "\\",
)  # fmt: skip
SHOWN = ("name", "body", "score", "worth", "done", "at", "mood")


def wider_business() -> Package:
    """The small one, with people who may export different records, and two objects of the same shape."""
    everything = ["read", "create", "edit"]
    plain = (
        field("body", "long_text"),
        field("score", "number", config={"decimals": 2}),
        field("worth", "currency"),
        field("done", "boolean"),
        field("at", "datetime"),
        select_field("mood", ("good", "bad")),
    )
    roles = [
        role_body("reader", {"objects": ["deal", "company"], "actions": ["read"]}),
        role_body(
            "own_exporter",
            {"objects": ["deal", "company"], "actions": everything},
            {"objects": ["deal"], "actions": ["export"], "scope": "own"},
            field_levels=[
                {"object": "deal", "field": "secret", "level": "none"},
                {"object": "deal", "field": "amount", "level": "mask"},
                {"object": "deal", "field": "company", "level": "mask"},
            ],
        ),
    ]
    package = {
        "objects": {f"objects/{name}.json": object_body(name, *plain) for name in ("note", "memo")},
        "roles": {f"roles/{body['name']}.json": body for body in roles},
    }
    return small_business().merged(load_package(package))


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    crm = Crm(database_url, wider_business())
    yield Api(crm)
    crm.close()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text, newline="")))


def notes(api: Api, name: str) -> list[dict[str, Any]]:
    with api.crm.work() as work:
        found = list_records(work, RecordQuery(name, sort=(Sort("score"),), limit=200)).records
    return [{key: record.values[key] for key in SHOWN} for record in found]


def test_hostile_texts_come_back_unchanged_and_none_of_them_is_a_formula(api: Api, tmp_path: Path) -> None:
    with api.crm.work() as work:
        values = [
            {"name": text, "body": text, "score": f"-{n}.5", "worth": f"-{n} EUR", "done": n % 2 == 0,
             "at": "2026-01-31T09:00:00.123Z", "mood": "bad"}
            for n, text in enumerate(HOSTILE)
        ]  # fmt: skip
        create_records(work, "note", values)
    answer = api.client().get(NOTES)
    assert answer.status_code == 200, answer.text
    for row in csv.reader(StringIO(answer.text, newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r", "\n", "\uff1d")), cell
    assert {row["score"] for row in rows(answer.text)} == {f"-{n}.50" for n in range(len(HOSTILE))}
    file = tmp_path / "note.csv"
    file.write_bytes(answer.content)
    mapping = ImportMapping.model_validate(
        {
            "format_version": 1, "name": "back", "label": "Back",
            "files": [{"file": "note.csv", "object": "memo", "key": ["id"], "encoding": "utf-8", "keep_blanks": True,
                       "fields": {name: name for name in SHOWN}}],
        }
    )  # fmt: skip
    with api.crm.work() as work:
        report = import_files(work, mapping, {"note.csv": file})
    assert report.files[0].counts["created"] == len(HOSTILE)
    assert notes(api, "memo") == notes(api, "note")


def test_a_file_has_every_page_in_the_order_of_the_list(api: Api) -> None:
    with api.crm.work() as work:
        for start in (0, 1000, 2000):
            create_records(work, "company", [{"name": f"C{n:05}"} for n in range(start, start + 1000)])
    found = rows(
        api.client().get("/api/v1/objects/company/records.csv", params={"sort": "-name", "fields": "name"}).text
    )
    assert [row["name"] for row in found] == [f"C{n:05}" for n in range(2999, -1, -1)]
    assert len({row["id"] for row in found}) == 3000


def test_a_file_is_filtered_like_the_list(api: Api) -> None:
    for stage in ("won", "lost"):
        api.deal("ann", name=f"A {stage} deal", stage=stage, amount="5 USD")
    parameters = {"filter[stage]": "won", "where": "amount > 1 USD", "search": "deal", "fields": "name,owner,amount"}
    found = rows(api.client().get(DEALS, params=parameters).text)
    assert [(row["name"], row["owner"], row["amount"]) for row in found] == [("A won deal", "Ann", "5")]


def test_a_byte_order_mark_is_there_when_asked_for(api: Api) -> None:
    client = api.client()
    assert client.get(DEALS, params={"bom": "true"}).content.startswith(b"\xef\xbb\xbfid,name")
    answer = client.get(DEALS)
    assert answer.content.startswith(b"id,name")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="deal.csv"')


def test_only_who_may_export_gets_a_file_and_only_of_what_they_may_read_and_export(api: Api) -> None:
    people = {role: api.crm.user(role, role=role) for role in ("reader", "own_exporter")}
    api.people |= people
    company = str(api.crm.create("company", name="Secret Ltd").ref.id)
    api.deal("own_exporter", name="Mine", secret="s", amount="5 USD", company=company)
    api.deal("ann", name="Hers", secret="s", amount="5 USD")
    refused = api.client("reader").get(DEALS)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    assert api.client("", key="").get(DEALS).status_code == 401
    client = api.client("own_exporter")
    assert len(client.get("/api/v1/objects/deal/records").json()["records"]) == 2
    found = rows(client.get(DEALS).text)
    assert [row["name"] for row in found] == ["Mine"]
    assert "secret" not in found[0]
    assert (found[0]["amount"], found[0]["company"]) == ("•••", "•••")
    assert client.get(DEALS, params={"fields": "secret"}).status_code == 422
    assert client.get(DEALS, params={"sort": "amount"}).status_code == 422
    assert client.get("/api/v1/objects/nothing/records.csv").status_code == 404
    assert client.get(DEALS, params={"limit": "5"}).status_code == 422


def test_an_export_is_audited_with_what_was_asked(api: Api) -> None:
    api.client().get(DEALS, params={"fields": "name", "filter[stage]": "won"})
    with api.crm.work() as work:
        found = work.connection.exec_driver_sql(
            "SELECT object, actor, changes FROM crm.audit WHERE name = 'records.exported'"
        ).all()
    assert [(row[0], row[1]["name"]) for row in found] == [("deal", "Max")]
    assert found[0][2] == {"fields": [None, ["name"]], "conditions": [None, [["stage", "eq", "won"]]]}


def test_the_document_offers_the_file_only_to_who_may_export(api: Api) -> None:
    path = "/v1/objects/deal/records.csv"
    api.people["reader"] = api.crm.user("Reader", role="reader")
    assert path in api.client().get("/api/openapi.json").json()["paths"]
    assert path not in api.client("reader").get("/api/openapi.json").json()["paths"]
