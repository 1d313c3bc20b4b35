"""Statements and verdicts are kept for the next list; what they say of one reader never serves another."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from crm_app.kernel import clock
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.territories import save_territory, set_members
from tests.access.test_scopes import business, by_rule, deals, give, rep, scoped, share
from tests.builders import Crm


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business(rep(scoped("own"))))
    yield crm
    crm.close()


def test_a_rule_that_names_me_is_each_readers_own(crm: Crm) -> None:
    give(crm, rep(by_rule("company.keeper = me or owner = me")))
    ann, ben = crm.user("Ann"), crm.user("Ben")
    for keeper in (ann, ben):
        company = crm.create("company", name="kept", keeper=str(keeper.user_id))
        crm.create("deal", keeper, name=f"of {keeper.user_id}")
        crm.create("deal", name=f"kept by {keeper.user_id}", company=str(company.ref.id))
    for _ in range(2):
        for reader in (ann, ben):
            assert deals(crm, reader) == [f"kept by {reader.user_id}", f"of {reader.user_id}"]


def test_a_rule_that_names_now_is_asked_again_each_time(crm: Crm) -> None:
    give(crm, rep(by_rule("created_at < now - PT1H")))
    ann = crm.user("Ann")
    crm.create("deal", name="new")
    assert deals(crm, ann) == []
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert deals(crm, ann) == ["new"]


def test_a_share_ends_while_its_person_is_known(crm: Crm) -> None:
    ann = crm.user("Ann")
    shared = crm.create("deal", name="shared").ref.id
    share(crm, "deal", shared, "user", str(ann.user_id), until=clock.now() + timedelta(hours=1))
    assert deals(crm, ann) == ["shared"]
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert deals(crm, ann) == []


def test_what_is_kept_follows_people_territories_and_roles(crm: Crm) -> None:
    ann = crm.user("Ann")
    crm.create("deal", ann, name="own")
    with crm.work() as work:
        north = save_territory(work, "North")
    crm.create("deal", name="in the north", region=str(north))
    assert deals(crm, ann) == ["own"]
    give(crm, rep(scoped("territory")), access={"territory": "region"})
    assert deals(crm, ann) == []
    with crm.work() as work:
        set_members(work, north, {ann.user_id})
    assert deals(crm, ann) == ["in the north"]
    give(crm, rep(scoped("all")))
    assert deals(crm, ann) == ["in the north", "own"]


def test_a_page_after_a_page_and_one_without_values_are_read_as_before(crm: Crm) -> None:
    ann = crm.user("Ann")
    for size in (None, "1", "2", None, "3"):
        crm.create("deal", ann, name=f"{size}", **({"size": size} if size else {}))
    for limit in range(1, 7):
        found: list[str] = []
        query = RecordQuery("deal", sort=(Sort("size", descending=True),), limit=limit)
        while True:
            with crm.work(ann) as work:
                page = list_records(work, query)
            found += [record.name for record in page.records]
            if not page.next_cursor:
                break
            query = replace(query, cursor=page.next_cursor)
        assert found[:3] == ["3", "2", "1"]
        assert found[3:] == ["None", "None"]
