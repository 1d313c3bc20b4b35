"""CSV files become records once: repaired where the mapping knows better, refused line by line, never half."""

import csv
import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from crm_app.definitions.load import load_definition
from crm_app.definitions.mapping import ImportMapping
from crm_app.kernel.actor import Actor, SystemActor, UserActor
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.money import Money
from crm_app.services.accounts import add_user, find_user
from crm_app.services.import_keys import AlreadyImporting
from crm_app.services.import_reading import BadFile
from crm_app.services.import_report import ImportReport, write_report
from crm_app.services.imports import BadMapping, find_files, find_mapping, import_files
from crm_app.services.lists import count_records, list_records
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import Condition, Record, RecordQuery, Sort
from crm_app.services.records import delete_record, update_record
from crm_app.services.workspace import Workspace

DATA = Path(__file__).parents[1] / "data" / "sales"
SYSTEM = SystemActor("test")
DASH = "\N{EN DASH}"


@pytest.fixture
def workspace(database_url: str) -> Iterator[Workspace]:
    found = Workspace.open(database_url, pool_size=3)
    prepare_workspace(found)
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA, tmp_path / "sales"))


@pytest.fixture
def content_hash(database_url: str) -> Callable[[], str]:
    """Of every row of every table but those of sessions."""

    def compute() -> str:
        digest = hashlib.sha256()
        with psycopg.connect(database_url) as connection:
            tables = connection.execute(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
                "WHERE schemaname IN ('crm', 'data') AND tablename NOT IN ('session', 'login_attempt') ORDER BY 1"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(f"SELECT t::text FROM {table} t ORDER BY 1").fetchall()  # noqa: S608
                digest.update(repr((table, rows)).encode())
        return digest.hexdigest()

    return compute


def run(workspace: Workspace, *places: Path, actor: Actor = SYSTEM) -> ImportReport:
    mapping = find_mapping("maven")
    with workspace.work(actor) as work:
        return import_files(work, mapping, find_files(mapping, list(places)))


def counts(report: ImportReport) -> dict[str, dict[str, int]]:
    return {file.file.partition(".")[0]: {k: n for k, n in file.counts.items() if n} for file in report.files}


def deal(workspace: Workspace, external_id: str) -> Record:
    query = RecordQuery(
        "deal",
        (Condition("external_id", "eq", external_id),),
        fields=("name", "stage", "amount", "company", "product", "owner", "engage_date", "close_date"),
    )
    with workspace.work(SYSTEM) as work:
        return list_records(work, query).records[0]


def change(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))


def test_lines_become_records_with_all_that_the_mapping_says(workspace: Workspace, folder: Path) -> None:
    report = run(workspace, folder)
    assert counts(report) == {
        "sales_teams": {"created": 3},
        "products": {"created": 3},
        "accounts": {"created": 4, "repaired": 1},
        "sales_pipeline": {"created": 5, "repaired": 1},
    }
    won = deal(workspace, "A2")
    assert won.name == f"GTX Pro {DASH} Top, Inc."
    assert won.values["stage"] == "won"
    assert won.values["amount"] == Money(Decimal("4514.00"), "USD")
    assert (won.values["engage_date"], won.values["close_date"]) == (date(2016, 10, 25), date(2017, 3, 11))
    assert {name: each.name for name, each in won.references.items()} == {
        "company": "Top, Inc.",
        "product": "GTX Pro",
        "owner": "Pía Núñez",
    }


def test_a_deal_without_company_says_so_in_its_name(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    assert deal(workspace, "A4").name == "GTX Basic (no company)"
    assert deal(workspace, "A4").values["company"] is None


def test_companies_point_at_parents_that_come_later_in_the_file(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    with workspace.work(SYSTEM) as work:
        query = RecordQuery("company", sort=(Sort("name"),), fields=("name", "parent", "sector", "country"))
        companies = {record.name: record for record in list_records(work, query).records}
    assert companies["Child & Co"].references["parent"].name == "Middle Ltd"
    assert companies["Middle Ltd"].references["parent"].name == "Top, Inc."
    assert companies["Middle Ltd"].values["sector"] == "technology"
    assert companies["Middle Ltd"].values["country"] == "Philippines"
    assert "Two\nLines" in companies


def test_every_repaired_line_is_named(workspace: Workspace, folder: Path, tmp_path: Path) -> None:
    report = run(workspace, folder)
    write_report(report, tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(newline="") as file:
        rows = [(r["file"], r["line"], r["outcome"], r["before"], r["after"]) for r in csv.DictReader(file)]
    assert rows == [
        ("accounts.csv", "3", "repaired", "technolgy", "technology"),
        ("accounts.csv", "3", "repaired", "Philipines", "Philippines"),
        ("sales_pipeline.csv", "3", "repaired", "GTXPro", "GTX Pro"),
    ]


def test_people_belong_to_managers_and_regions(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    with workspace.work(SYSTEM) as work:
        found = {each: find_user(work, f"{each}@example.com") for each in ("otto.brand", "nora.quill", "pia.nunez")}
    assert all(found.values())
    seen = {}
    for email, user in found.items():
        with workspace.work(UserActor(user)) as work:  # pyright: ignore[reportArgumentType]
            query = RecordQuery("deal", sort=(Sort("name"),), fields=("external_id",))
            seen[email] = {record.values["external_id"] for record in list_records(work, query).records}
    assert seen == {"otto.brand": {"A1", "A2", "A5"}, "nora.quill": {"A1", "A2", "A5"}, "pia.nunez": {"A1", "A2", "A5"}}


def test_a_second_import_changes_nothing(workspace: Workspace, folder: Path, content_hash: Callable[[], str]) -> None:
    run(workspace, folder)
    before = content_hash()
    report = run(workspace, folder)
    assert report.changed_nothing
    assert content_hash() == before


def test_a_changed_line_updates_its_record_only(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    change(
        folder / "sales_pipeline.csv",
        "A4,Quinn Abara,GTX Basic,,Engaging,12/1/2016,,",
        "A4,Quinn Abara,GTX Basic,Middle Ltd,Won,12/1/2016,2/3/2017,700",
    )
    report = run(workspace, folder)
    assert counts(report)["sales_pipeline"] == {"unchanged": 4, "updated": 1, "repaired": 1}
    changed = deal(workspace, "A4")
    assert (changed.version, changed.values["stage"], changed.name) == (2, "won", f"GTX Basic {DASH} Middle Ltd")
    assert deal(workspace, "A1").version == 1


def test_a_line_that_moves_a_deal_passes_the_gate_that_history_is_spared(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    assert deal(workspace, "A3").values["stage"] == "lost"
    old = "A4,Quinn Abara,GTX Basic,,Engaging,12/1/2016,,"
    change(folder / "sales_pipeline.csv", old, "A4,Quinn Abara,GTX Basic,,Lost,12/1/2016,2/3/2017,0")
    report = run(workspace, folder)
    assert [str(remark) for remark in report.files[-1].remarks if remark.outcome == "refused"] == [
        "lost_reason: Reason for the loss is needed to enter Lost."
    ]
    assert deal(workspace, "A4").values["stage"] == "engaging"


def test_what_people_changed_here_is_kept_while_the_line_says_the_same(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    with workspace.work(SYSTEM) as work:
        update_record(work, deal(workspace, "A1").ref, {"name": "Our best"})
    assert run(workspace, folder).changed_nothing
    assert deal(workspace, "A1").name == "Our best"


def test_a_company_that_was_renamed_here_is_still_found(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    company = deal(workspace, "A2").references["company"]
    with workspace.work(SYSTEM) as work:
        update_record(work, RecordRef("company", company.id), {"name": "Top Incorporated"})
    with (folder / "sales_pipeline.csv").open("a") as file:
        file.write('A6,Nora Quill,GTX Basic,"top, inc.",Prospecting,,,\n')
    run(workspace, folder)
    assert deal(workspace, "A6").references["company"].id == company.id


def test_a_record_that_was_deleted_here_stays_deleted(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    with workspace.work(SYSTEM) as work:
        delete_record(work, deal(workspace, "A5").ref)
    assert run(workspace, folder).changed_nothing
    change(
        folder / "sales_pipeline.csv",
        "A5,Nora Quill,MG Special,,Prospecting,,,",
        "A5,Nora Quill,MG Special,,Engaging,1/2/2017,,",
    )
    report = run(workspace, folder)
    assert [str(remark) for remark in report.files[-1].remarks if remark.outcome == "refused"] == [
        "Its record was deleted here."
    ]


BROKEN = {
    "B1,Nora Quill,GTX Basic,Nowhere,Won,1/1/2017,1/2/2017,5": "account: There is no company 'Nowhere'.",
    "B2,Nora Quill,GTX Basic,,Sold,1/1/2017,1/2/2017,5": "deal_stage: 'Sold' is not an option.",
    "B3,Nora Quill,GTX Basic,,Won,31/12/2017,1/2/2017,5": "engage_date: '31/12/2017' is not a date such as 01/31/2026.",
    "B4,Nora Quill,GTX Basic,,Won,1/1/2017,1/2/2017,fifty": "close_value: 'fifty' is not a number.",
    "B5,Nora Quill,GTX Basic,,Won,1/1/2017,1/2/2017": "It has 7 cells, but the header has 8.",
    ",Nora Quill,GTX Basic,,Won,1/1/2017,1/2/2017,5": "'opportunity_id' is empty, and lines are told apart by it.",
    "A1,Nora Quill,GTX Basic,,Won,1/1/2017,1/2/2017,5": "It has the key of line 2; only the first is used.",
    "B6,Somebody Else,GTX Basic,,Won,1/1/2017,1/2/2017,5": "sales_agent: There is no user 'Somebody Else'.",
    'B7,"Nora" Quill,GTX Basic,,Won,1/1/2017,1/2/2017,5': (
        "A quotation mark stands in the middle of a cell; inside quotes it is written twice."
    ),
    'B8,Nora Quill,"GTX Basic,,Won,1/1/2017,1/2/2017,5': "A quotation mark opens a cell that is never closed.",
}


def test_a_broken_line_is_refused_by_its_number_and_the_others_are_taken(workspace: Workspace, folder: Path) -> None:
    with (folder / "sales_pipeline.csv").open("a") as file:
        file.write("\n".join([*BROKEN, "B9,Nora Quill,GTX Basic,,Won,1/1/2017,1/2/2017,5"]) + "\n")
    report = run(workspace, folder).files[-1]
    refused = {remark.line: str(remark) for remark in report.remarks if remark.outcome == "refused"}
    assert list(refused) == list(range(7, 7 + len(BROKEN)))
    for found, expected in zip(refused.values(), BROKEN.values(), strict=True):
        assert found.startswith(expected)
    assert report.counts["created"] == 6
    assert report.lines == 6 + len(BROKEN)
    assert deal(workspace, "B9").values["amount"] == Money(Decimal("5.00"), "USD")


def test_a_unique_value_that_is_taken_refuses_only_its_line(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    mapping = find_mapping("maven").model_dump(mode="json")
    again = load_definition(ImportMapping, {**mapping, "name": "again"})
    with (folder / "products.csv").open("a") as file:
        file.write("GTX New,GTX,1\n")
    with workspace.work(SYSTEM) as work:
        report = import_files(work, again, {"products.csv": folder / "products.csv"})
    assert counts(report) == {"products": {"created": 1, "refused": 3}}
    assert str(report.files[0].remarks[0]) == "product: Another product already has this name."


def test_companies_that_point_at_each_other_in_a_circle_are_refused(workspace: Workspace, folder: Path) -> None:
    with (folder / "accounts.csv").open("a") as file:
        file.write("Left,retail,2000,1,1,Peru,Right\nRight,retail,2000,1,1,Peru,Left\n")
    report = run(workspace, folder).files[2]
    assert report.counts["created"] == 4
    assert [r.line for r in report.remarks if "points at itself" in r.reason] == [7, 8]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04\x00\x00\x00binary", "is no CSV file"),
        (b"opportunity_id,sales_agent\n1,2\n", "doesn't fit the mapping"),
    ],
)
def test_a_file_that_cannot_be_read_changes_nothing_at_all(
    workspace: Workspace, folder: Path, content_hash: Callable[[], str], body: bytes, message: str
) -> None:
    before = content_hash()
    (folder / "sales_pipeline.csv").write_bytes(body)
    with pytest.raises(BadFile, match=message):
        run(workspace, folder)
    assert content_hash() == before


def test_a_folder_must_hold_every_file(workspace: Workspace, folder: Path) -> None:
    (folder / "products.csv").unlink()
    with pytest.raises(BadMapping, match=r"There is no products\.csv"):
        run(workspace, folder)


def test_a_single_file_can_be_imported_on_its_own(workspace: Workspace, folder: Path) -> None:
    assert counts(run(workspace, folder / "products.csv")) == {"products": {"created": 3}}


def test_only_who_may_import_can(workspace: Workspace, folder: Path, content_hash: Callable[[], str]) -> None:
    with workspace.work(SYSTEM) as work:
        rep = add_user(work, "Rep", "rep@example.com", roles=["sales_rep"])
        manager = add_user(work, "Manager", "manager@example.com", roles=["sales_manager"])
    before = content_hash()
    for user, place in ((rep, "accounts.csv"), (manager, "products.csv"), (manager, "sales_teams.csv")):
        with pytest.raises(Forbidden):
            run(workspace, folder / place, actor=UserActor(user))
    assert content_hash() == before
    assert counts(run(workspace, folder / "accounts.csv", actor=UserActor(manager)))["accounts"]["created"] == 4


def test_a_mapping_must_fit_the_workspace(workspace: Workspace, folder: Path) -> None:
    body = find_mapping("maven").model_dump(mode="json")
    body["files"][1]["fields"]["weight"] = "series"
    bad = load_definition(ImportMapping, body)
    with workspace.work(SYSTEM) as work, pytest.raises(BadMapping, match=r"products\.csv/fields/weight"):
        import_files(work, bad, {"products.csv": folder / "products.csv"})


def test_an_unknown_mapping_lists_the_known_ones() -> None:
    with pytest.raises(NotFound, match="maven"):
        find_mapping("mavn")


def test_two_imports_of_one_source_do_not_meet(workspace: Workspace, folder: Path) -> None:
    mapping = find_mapping("maven")
    with workspace.work(SYSTEM) as first:
        import_files(first, mapping, {"products.csv": folder / "products.csv"})
        with pytest.raises(AlreadyImporting):
            run(workspace, folder / "products.csv")


def test_listened_objects_tell_the_automations(workspace: Workspace, folder: Path, database_url: str) -> None:
    run(workspace, folder)
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT object, name, count(*) FROM crm.outbox GROUP BY 1, 2").fetchall()
    assert rows == [("deal", "record.created", 5)]


def test_a_hidden_deal_is_not_counted_for_a_rep_of_another_team(workspace: Workspace, folder: Path) -> None:
    run(workspace, folder)
    with workspace.work(SYSTEM) as work:
        south = find_user(work, "quinn.abara@example.com")
    with workspace.work(UserActor(south)) as work:  # pyright: ignore[reportArgumentType]
        assert count_records(work, RecordQuery("deal")).value == 2
