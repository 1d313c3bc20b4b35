"""The sales package, installed as a customer gets it."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from crm_app.access.who import Who
from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.errors import Forbidden
from crm_app.kernel.ids import new_id
from crm_app.services.accounts import add_user
from crm_app.services.definitions import plan
from crm_app.services.lists import aggregate_records, count_records, list_records
from crm_app.services.log_in import log_in
from crm_app.services.packages import read_package, shipped_package
from crm_app.services.past_records import Moment, PastRecord, add_past_records
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.sample_data import load_sample_data
from crm_app.services.sample_logins import sample_logins
from crm_app.services.sessions import session_actor
from crm_app.services.timeline import timeline
from crm_app.services.workspace import Workspace
from tests.builders import KEYS

SALES = shipped_package("sales")
SYSTEM = SystemActor("test")
_COUNTED = ("company", "contact", "deal", "task", "lead")


@pytest.fixture
def workspace(database_url: str) -> Iterator[Workspace]:
    found = Workspace.open(database_url, pool_size=2, keys=KEYS)
    prepare_workspace(found)
    yield found
    found.close()


def test_installing_it_twice_changes_nothing(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        assert plan(work, read_package(SALES)) == []


def test_it_brings_a_pipeline_of_four_stages(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        pipeline = work.definition("deal").pipeline
    assert pipeline is not None
    assert [(stage.name, stage.kind) for stage in pipeline.stages] == [
        ("prospecting", "open"),
        ("engaging", "open"),
        ("won", "won"),
        ("lost", "lost"),
    ]


def test_every_view_can_be_read(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        for view in work.catalog.views:
            sorts = tuple(Sort(each.field, each.descending) for each in view.sort)
            page = list_records(work, RecordQuery(view.object, rule=view.filter, sort=sorts, fields=view.fields))
            assert page.records == ()


def test_demo_data_is_believable(workspace: Workspace) -> None:
    load_sample_data(workspace, SALES)
    with workspace.work(SYSTEM) as work:
        counts = {name: count_records(work, RecordQuery(name)).value for name in _COUNTED}
        stages = {group.key: group.count for group in aggregate_records(work, RecordQuery("deal"), "stage")}
        oldest, newest = (
            list_records(work, RecordQuery("deal", sort=(Sort("created_at", descending=down),))).records[0]
            for down in (False, True)
        )
        unfinished = count_records(work, RecordQuery("deal", rule="stage = 'won' and close_date > today")).value
        unnamed = count_records(work, RecordQuery("task", rule="subject ends with ':'")).value
    assert (counts["company"], counts["deal"], counts["lead"]) == (60, 400, 70)
    assert 180 <= counts["contact"] <= 260
    assert counts["task"] > 300
    assert set(stages) == {"prospecting", "engaging", "won", "lost"}
    assert 0.4 < stages["won"] / (stages["won"] + stages["lost"]) < 0.6
    assert newest.values["created_at"] - oldest.values["created_at"] > timedelta(days=480)
    assert newest.values["created_at"] > clock.now() - timedelta(days=14)
    assert unfinished == 0
    assert unnamed == 0


def test_a_demo_deal_has_a_past_that_people_made(workspace: Workspace) -> None:
    load_sample_data(workspace, SALES)
    with workspace.work(SYSTEM) as work:
        deal = list_records(work, RecordQuery("deal", rule="stage = 'won'", sort=(Sort("close_date"),))).records[0]
        entries = [entry for entry in timeline(work, deal.ref) if entry.kind != "activity"]
    moves = [change.after for entry in reversed(entries) for change in entry.changes if change.label == "Stage"]
    assert moves == ["Engaging", "Won"]
    assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
    assert all(entry.actor not in ("", "Trellis") for entry in entries)


def test_demo_data_is_no_news_to_automations(workspace: Workspace, database_url: str) -> None:
    load_sample_data(workspace, SALES)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM crm.outbox").fetchone() == (0,)


def test_the_demo_logins_work_and_see_what_their_role_shows(workspace: Workspace) -> None:
    logins = load_sample_data(workspace, SALES)
    seen: dict[str, int] = {}
    for login in logins:
        actor = session_actor(log_in(workspace, login.email, login.password).secret)
        with workspace.work(actor) as work:
            seen[login.label] = count_records(work, RecordQuery("deal")).value
    assert seen["Administrator"] == 400
    assert seen["Manager of team North"] == seen["Rep in team North"]
    assert seen["Rep in team North"] + seen["Rep in team South"] == 400
    assert min(seen.values()) > 100


def test_loading_the_demo_again_changes_nothing(workspace: Workspace) -> None:
    logins = load_sample_data(workspace, SALES)
    assert load_sample_data(workspace, SALES) == logins == sample_logins(SALES)
    with workspace.work(SYSTEM) as work:
        assert count_records(work, RecordQuery("deal")).value == 400


def test_the_same_seed_makes_the_same_demo(workspace: Workspace, database_url: str) -> None:
    load_sample_data(workspace, SALES, seed=3)
    with psycopg.connect(database_url) as connection:
        first = connection.execute("SELECT name FROM data.company ORDER BY name").fetchall()
        connection.execute("TRUNCATE data.task, data.deal, data.contact, data.company, data.product CASCADE")
        connection.execute("UPDATE crm.app_user SET email = 'old.' || email")
        connection.execute("UPDATE crm.team SET name = 'Old ' || name")
    load_sample_data(workspace, SALES, seed=3)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT name FROM data.company ORDER BY name").fetchall() == first


def test_only_the_product_itself_can_write_the_past(workspace: Workspace) -> None:
    with workspace.work(SYSTEM) as work:
        admin = add_user(work, "Admin", "boss@example.com", roles=["admin"])
    who = Who(admin, "Admin")
    past = PastRecord(new_id(), [Moment(clock.now() - timedelta(days=400), who, {"name": "Old"})])
    with workspace.work(UserActor(admin)) as work, pytest.raises(Forbidden):
        add_past_records(work, "company", [past])
    with workspace.work(SYSTEM) as work:
        assert count_records(work, RecordQuery("company")).value == 0
