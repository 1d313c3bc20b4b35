"""8,800 real deals as they are found in the wild. The files are not part of the project; CI has them beside it, and
without them the made-up files of `test_import.py` hold the same promises.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pytest

from crm_app.kernel.actor import Actor, SystemActor, UserActor
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.accounts import add_user, find_user
from crm_app.services.import_report import ImportReport
from crm_app.services.imports import find_files, find_mapping, import_files
from crm_app.services.lists import aggregate_records, count_records, list_records
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.workspace import Workspace
from tests.databases import database

REAL = CHECKOUT.parent / "shared" / "data" / "maven-crm"
STAGES = {"won": 4238, "lost": 2473, "engaging": 1589, "prospecting": 500}
WON_SUM = Decimal(10_005_534)
SYSTEM = SystemActor("test")


@dataclass
class Imported:
    workspace: Workspace
    url: str
    report: ImportReport
    admin: UserActor


def run(workspace: Workspace, actor: Actor = SYSTEM) -> ImportReport:
    mapping = find_mapping("maven")
    with workspace.work(actor) as work:
        return import_files(work, mapping, find_files(mapping, [REAL]))


@pytest.fixture(scope="module")
def crm(postgres_server: EmbeddedPostgres) -> Iterator[Imported]:
    with database(postgres_server) as url:
        workspace = Workspace.open(url, pool_size=2)
        prepare_workspace(workspace)
        with workspace.work(SYSTEM) as work:
            admin = UserActor(add_user(work, "Admin", "admin@example.com", roles=["admin"]))
        yield Imported(workspace, url, run(workspace, admin), admin)
        workspace.close()


def content_hash(url: str) -> str:
    digest = hashlib.sha256()
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname IN ('crm', 'data') AND tablename <> 'session' ORDER BY 1"
        ).fetchall()
        for (table,) in tables:
            query = f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"  # noqa: S608
            digest.update(repr((table, connection.execute(query).fetchone())).encode())
    return digest.hexdigest()


def test_every_line_is_accounted_for(crm: Imported) -> None:
    counts = {file.file: dict(file.counts) for file in crm.report.files}
    nothing = {"updated": 0, "unchanged": 0, "refused": 0, "duplicate": 0}
    assert {name: {**nothing, **count} for name, count in counts.items()} == {
        "sales_teams.csv": {**nothing, "created": 35, "repaired": 0},
        "products.csv": {**nothing, "created": 7, "repaired": 0},
        "accounts.csv": {**nothing, "created": 85, "repaired": 13},
        "sales_pipeline.csv": {**nothing, "created": 8800, "repaired": 1480},
    }
    kinds = dict(kind for file in crm.report.files for kind in file.kinds())
    assert kinds == {
        "sector: technolgy → technology": 12,
        "office_location: Philipines → Philippines": 1,
        "product: GTXPro → GTX Pro": 1480,
    }


def test_the_list_counts_the_deals_of_each_stage(crm: Imported) -> None:
    with crm.workspace.work(crm.admin) as work:
        for stage, number in STAGES.items():
            query = RecordQuery("deal", (Condition("stage", "eq", stage),))
            assert count_records(work, query).value == number
        assert count_records(work, RecordQuery("deal", (Condition("company", "is_empty"),))).value == 1425


def test_the_pages_of_the_list_add_up_to_what_was_won(crm: Imported) -> None:
    total, number, cursor = Decimal(0), 0, ""
    with crm.workspace.work(crm.admin) as work:
        while True:
            query = RecordQuery(
                "deal",
                (Condition("stage", "eq", "won"),),
                sort=(Sort("close_date", descending=True),),
                limit=200,
                cursor=cursor,
                fields=("amount",),
            )
            page = list_records(work, query)
            total += sum(record.values["amount"].amount for record in page.records)
            number += len(page.records)
            cursor = page.next_cursor
            if not cursor:
                break
    assert (total, number) == (WON_SUM, STAGES["won"])


def test_the_board_counts_and_adds_up_the_same(crm: Imported) -> None:
    with crm.workspace.work(crm.admin) as work:
        groups = {g.key: g for g in aggregate_records(work, RecordQuery("deal"), "stage", ("amount",))}
    assert {key: group.count for key, group in groups.items()} == STAGES
    assert groups["won"].sums["amount"] == {"USD": WON_SUM}


def test_a_rep_and_their_manager_see_what_their_teams_own(crm: Imported) -> None:
    query = RecordQuery("deal")
    with crm.workspace.work(SYSTEM) as work:
        rep, manager, other = (
            find_user(work, f"{name}@example.com") for name in ("moses.frase", "dustin.brinkmann", "zane.levy")
        )
        assert rep
        assert manager
        assert other
        names = ("Anna Snelling", "Cecily Lampkin", "Versie Hillebrand", "Lajuana Vencill", "Moses Frase")
        people = [str(find_user(work, f"{name.lower().replace(' ', '.')}@example.com")) for name in names]
        owned = count_records(work, RecordQuery("deal", (Condition("owner", "in", people),))).value
    seen = {}
    for user in (rep, manager, other):
        with crm.workspace.work(UserActor(user)) as work:
            seen[user] = count_records(work, query).value
            groups = aggregate_records(work, query, "stage")
            assert sum(group.count for group in groups) == seen[user]
    assert seen[rep] == seen[manager] == owned
    assert 0 < seen[other] < sum(STAGES.values())
    assert owned < sum(STAGES.values())


def test_companies_point_at_their_parents(crm: Imported) -> None:
    with crm.workspace.work(crm.admin) as work:
        assert count_records(work, RecordQuery("company", (Condition("parent", "is_not_empty"),))).value == 15
        assert count_records(work, RecordQuery("company", (Condition("sector", "eq", "technology"),))).value == 12


def test_a_second_run_changes_nothing(crm: Imported) -> None:
    before = content_hash(crm.url)
    report = run(crm.workspace, crm.admin)
    assert report.changed_nothing
    assert not report.total("refused")
    assert content_hash(crm.url) == before
