"""Records through the door: what is saved, what is refused, and who sees it."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest

from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from crm_app.kernel.events import RecordRef
from crm_app.kernel.money import Money
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.lists import aggregate_records, list_records
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.records import create_records
from crm_app.services.timeline import related_records, timeline
from crm_app.services.unit_of_work import UnitOfWork
from tests.builders import Crm


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def test_a_record_reads_back_as_it_was_written(crm: Crm) -> None:
    acme = crm.create("company", name="Acme")
    deal = crm.create("deal", name="Big", stage="Engaging", amount="1,200.50", company=str(acme.ref.id))
    read = crm.get(deal.ref)
    assert read.values["stage"] == "engaging"
    assert str(read.values["amount"]) == "1200.50 USD"
    assert isinstance(read.values["amount"], Money)
    assert read.references["company"].name == "Acme"


def test_every_problem_of_a_bad_record_is_named_and_nothing_is_saved(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused:
        crm.create("deal", stage="almost", amount="fifty", nonsense=1)
    assert {problem.path for problem in refused.value.problems} == {"name", "stage", "amount", "nonsense"}
    assert crm.count(RecordQuery("deal")) == 0


def test_one_bad_record_of_many_refuses_all_and_says_which(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused, crm.work() as work:
        create_records(work, "deal", [{"name": "a"}, {"name": "b", "amount": "x"}])
    assert [problem.path for problem in refused.value.problems] == ["1/amount"]
    assert crm.count(RecordQuery("deal")) == 0


def test_a_relation_to_nothing_is_refused(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused:
        crm.create("deal", name="Big", company=str(uuid4()))
    assert [problem.path for problem in refused.value.problems] == ["company"]


def test_a_stale_change_gets_the_three_way_difference(crm: Crm) -> None:
    deal = crm.create("deal", name="Big", stage="engaging")
    crm.update(deal.ref, {"stage": "won"}, version=1)
    with pytest.raises(Conflict) as refused:
        crm.update(deal.ref, {"stage": "lost"}, version=1)
    stage = refused.value.details["fields"]["stage"]
    assert (stage["original"], stage["theirs"], stage["yours"]) == ("engaging", "won", "lost")
    assert crm.get(deal.ref).values["stage"] == "won"


def test_saving_what_is_already_so_changes_no_version(crm: Crm) -> None:
    deal = crm.create("deal", name="Big")
    assert crm.update(deal.ref, {"name": "Big"}).version == 1


def test_a_rep_sees_the_deals_of_the_own_team_only(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="north")
    cid = crm.user("Cid", team="south")
    deal = crm.create("deal", ann, name="Big", stage="won", amount=5)
    query = RecordQuery("deal")
    assert crm.names(query, bob) == ["Big"]
    assert (crm.names(query, cid), crm.count(query, cid)) == ([], 0)
    with crm.work(cid) as work:
        assert aggregate_records(work, query, "stage", ("amount",)) == []
    with pytest.raises(NotFound):
        crm.get(deal.ref, cid)
    with pytest.raises(NotFound):
        crm.update(deal.ref, {"name": "Mine"}, cid)
    assert crm.get(deal.ref).values["name"] == "Big"


def test_a_manager_sees_the_teams_that_they_manage_and_may_hand_deals_over(crm: Crm) -> None:
    ann, cid = crm.user("Ann", team="north"), crm.user("Cid", team="south")
    boss = crm.user("Boss", role="manager")
    with crm.work() as work:
        work.connection.exec_driver_sql("UPDATE crm.team SET manager = %s", (boss.user_id,))
    deal = crm.create("deal", ann, name="Big")
    crm.create("deal", cid, name="Small")
    assert sorted(crm.names(RecordQuery("deal"), boss)) == ["Big", "Small"]
    crm.update(deal.ref, {"owner": str(cid.user_id)}, boss)
    assert crm.names(RecordQuery("deal"), ann) == []
    with pytest.raises(Invalid):
        crm.update(deal.ref, {"owner": str(ann.user_id)}, cid)


@pytest.mark.parametrize("use", ["filter", "sort", "rule", "group", "write"])
def test_a_hidden_field_is_no_field_on_any_way_in(crm: Crm, use: str) -> None:
    ann = crm.user("Ann", team="north")
    deal = crm.create("deal", ann, name="Big")
    crm.update(deal.ref, {"secret": "x"})
    assert "secret" not in crm.get(deal.ref, ann).values
    queries = {
        "filter": RecordQuery("deal", (Condition("secret", "eq", "x"),)),
        "sort": RecordQuery("deal", sort=(Sort("secret"),)),
        "rule": RecordQuery("deal", rule="secret = 'x'"),
    }
    ways: dict[str, Callable[[UnitOfWork], object]] = {
        "group": lambda work: aggregate_records(work, RecordQuery("deal"), "secret"),
        "write": lambda work: create_records(work, "deal", [{"name": "b", "secret": "y"}]),
    }
    way = ways.get(use, lambda work: list_records(work, queries[use]))
    with pytest.raises(Invalid), crm.work(ann) as work:
        way(work)


def test_an_unknown_object_and_an_unseen_one_look_the_same(crm: Crm) -> None:
    nobody = crm.user("Nobody", role="none")
    for name in ("deal", "nonsense"):
        with pytest.raises(NotFound, match=f"There is no object '{name}'"):
            crm.names(RecordQuery(name), nobody)


def test_a_deactivated_person_is_out_at_the_next_request(crm: Crm) -> None:
    ann = crm.user("Ann", team="north")
    assert crm.names(RecordQuery("deal"), ann) == []
    with crm.work() as work:
        work.connection.exec_driver_sql("UPDATE crm.app_user SET is_active = false")
    with pytest.raises(Unauthenticated):
        crm.names(RecordQuery("deal"), ann)


def test_a_role_taken_away_is_gone_at_the_next_request(crm: Crm) -> None:
    ann = crm.user("Ann", team="north")
    deal = crm.create("deal", ann, name="Big")
    with crm.work() as work:
        work.connection.exec_driver_sql("DELETE FROM crm.user_role")
    with pytest.raises(NotFound):
        crm.get(deal.ref, ann)


def test_deleting_clears_what_pointed_here_and_tells_it(crm: Crm) -> None:
    acme = crm.create("company", name="Acme")
    deal = crm.create("deal", name="Big", company=str(acme.ref.id))
    crm.delete(acme.ref)
    assert crm.get(deal.ref).values["company"] is None
    with crm.work() as work:
        newest = timeline(work, deal.ref)[0]
    assert [change.label for change in newest.changes] == ["Company"]
    with pytest.raises(NotFound):
        crm.get(acme.ref)


def test_related_records_and_their_count_agree_for_each_reader(crm: Crm) -> None:
    acme = crm.create("company", name="Acme")
    ann, cid = crm.user("Ann", team="north"), crm.user("Cid", team="south")
    for actor, name in ((ann, "a1"), (ann, "a2"), (cid, "c1")):
        crm.create("deal", actor, name=name, company=str(acme.ref.id))
    with crm.work(ann) as work:
        deals = next(r for r in related_records(work, acme.ref) if r.object.name == "deal")
    assert (len(deals.records), deals.count.value) == (2, 2)


@pytest.mark.parametrize("descending", [False, True])
def test_a_keyset_walk_meets_every_record_once_with_nulls_and_ties(crm: Crm, descending: bool) -> None:
    amounts = [None, 3, 3, 1, None, 2, 3, None, 1, 2]
    with crm.work() as work:
        create_records(work, "deal", [{"name": f"d{i}", "amount": amount} for i, amount in enumerate(amounts)])
    seen: list[str] = []
    cursor = ""
    while True:
        query = RecordQuery("deal", sort=(Sort("amount", descending),), limit=3, cursor=cursor)
        with crm.work() as work:
            page = list_records(work, query)
        seen += [record.name for record in page.records]
        cursor = page.next_cursor
        if not cursor:
            break
    shown = [amounts[int(name[1:])] for name in seen]
    given = sorted((a for a in amounts if a is not None), reverse=descending)
    assert len(set(seen)) == len(amounts)
    assert shown == [*given, None, None, None]


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "' or 1=1", "W251bGwsbnVsbF0", "A" * 5000])
def test_a_made_up_cursor_is_refused(crm: Crm, cursor: str) -> None:
    with pytest.raises(Invalid):
        crm.names(RecordQuery("deal", cursor=cursor))


def test_a_search_takes_wildcards_literally(crm: Crm) -> None:
    for name in ("100% Cotton", "1000 Nights", "a_b", "aXb"):
        crm.create("company", name=name)
    assert crm.names(RecordQuery("company", search="100%")) == ["100% Cotton"]
    assert crm.names(RecordQuery("company", search="A_B")) == ["a_b"]


def test_a_rep_may_not_administer(crm: Crm) -> None:
    ann = crm.user("Ann", team="north")
    with crm.work(ann) as work, pytest.raises(Forbidden):
        work.require("administer", "deal")


def test_the_audit_can_not_be_rewritten_even_by_the_role_that_owns_it(
    crm: Crm, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    deal = crm.create("deal", name="Big")
    owner_url = postgres_server.owner_url_of(database_url.rpartition("/")[2])
    with psycopg.connect(owner_url) as owner, pytest.raises(psycopg.Error, match="append-only"):
        owner.execute("DELETE FROM crm.audit WHERE record = %s", (deal.ref.id,))


def test_a_record_of_another_object_is_not_found_under_this_one(crm: Crm) -> None:
    acme = crm.create("company", name="Acme")
    with pytest.raises(NotFound):
        crm.get(RecordRef("deal", acme.ref.id))


def test_a_filter_by_words_takes_no_notice_of_case(crm: Crm) -> None:
    crm.create("company", name="Acme", city="Oslo")
    crm.create("company", name="Blue", city="Bergen")
    assert crm.names(RecordQuery("company", (Condition("city", "contains", "OSL"),))) == ["Acme"]
    assert crm.names(RecordQuery("company", (Condition("name", "starts_with", "ac"),))) == ["Acme"]


def test_a_rule_reaches_related_records_only_as_far_as_its_reader_does(crm: Crm) -> None:
    acme, blue = crm.create("company", name="Acme"), crm.create("company", name="Blue")
    ann, cid = crm.user("Ann", team="north"), crm.user("Cid", team="south")
    crm.create("deal", ann, name="a", amount=50, company=str(acme.ref.id))
    crm.create("deal", cid, name="c", amount=90, company=str(blue.ref.id))
    query = RecordQuery("company", rule="any(deal_company where amount > 5 USD)")
    assert sorted(crm.names(query)) == ["Acme", "Blue"]
    assert (crm.names(query, ann), crm.names(query, cid)) == (["Acme"], ["Blue"])
