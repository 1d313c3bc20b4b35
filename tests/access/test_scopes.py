"""What each scope reaches, in every way that records are read and written."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.kernel.ids import new_id
from crm_app.services.definitions import publish
from crm_app.services.record_query import RecordQuery
from crm_app.services.renames import no_rules, rename
from crm_app.storage.access_tables import ShareRow, TerritoryMemberRow, TerritoryRow
from crm_app.storage.system_tables import UserRoleRow, table_of
from tests.builders import Crm, field, object_body, role_body

EVERYTHING = ["read", "create", "edit", "delete", "transfer"]


def business(*roles: dict[str, Any], **deal: Any) -> Package:
    objects = [
        object_body("company", field("city"), field("keeper", "user")),
        object_body(
            "deal",
            field("size", "number"),
            field("company", "relation", config={"object": "company"}),
            field("region", "territory"),
            **deal,
        ),
        object_body("note", field("deal", "relation", config={"object": "deal"})),
    ]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in objects},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


def rep(*grants: dict[str, Any], **more: Any) -> dict[str, Any]:
    return role_body("rep", {"objects": ["company", "note"], "actions": EVERYTHING}, *grants, **more)


def by_rule(rule: str, *actions: str, **more: Any) -> dict[str, Any]:
    return {"objects": ["deal"], "actions": list(actions) or EVERYTHING, "scope": f"rule:{rule}", **more}


def scoped(scope: str, *actions: str, **more: Any) -> dict[str, Any]:
    return {"objects": ["deal"], "actions": list(actions) or EVERYTHING, "scope": scope, **more}


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business(rep(scoped("own"))))
    yield crm
    crm.close()


def deals(crm: Crm, actor: UserActor) -> list[str]:
    return sorted(crm.names(RecordQuery("deal"), actor))


def give(crm: Crm, *roles: dict[str, Any], **deal: Any) -> None:
    crm.publish(business(*roles, **deal))


def test_a_rule_decides_over_the_record_the_reader_and_a_hop(crm: Crm) -> None:
    give(crm, rep(by_rule("size < 10 or company.keeper = me")))
    ann, other = crm.user("Ann"), crm.user("Other")
    acme = crm.create("company", name="Acme", keeper=str(ann.user_id))
    for name, values in {
        "small": {"size": "5"},
        "kept": {"size": "50", "company": str(acme.ref.id)},
        "big": {"size": "50"},
        "unknown": {},
    }.items():
        crm.create("deal", name=name, **values)
    assert (deals(crm, ann), deals(crm, other)) == (["kept", "small"], ["small"])
    assert crm.count(RecordQuery("deal"), ann) == 2


def test_an_edit_stays_within_the_rule_before_and_after(crm: Crm) -> None:
    give(crm, rep(by_rule("size < 10", "edit"), scoped("all", "read")))
    ann = crm.user("Ann")
    small, big = crm.create("deal", name="small", size="5"), crm.create("deal", name="big", size="50")
    assert crm.update(small.ref, {"size": "6"}, ann).values["size"] == 6
    for ref, size in ((small.ref, "11"), (big.ref, "5")):
        with pytest.raises(Forbidden):
            crm.update(ref, {"size": size}, ann)
    assert crm.get(small.ref).values["size"] == 6


def test_a_restriction_holds_for_every_other_grant_and_for_shares(crm: Crm) -> None:
    give(crm, rep(scoped("all")), role_body("limit", by_rule("size < 10", "read", effect="restrict")))
    ann = crm.user("Ann", role="limit")
    with crm.work() as work:
        work.connection.execute(insert(table_of(UserRoleRow)), {"user": ann.user_id, "role": "rep"})
    small, big = crm.create("deal", name="small", size="5"), crm.create("deal", name="big", size="50")
    share(crm, "deal", big.ref.id, "user", str(ann.user_id))
    assert deals(crm, ann) == ["small"]
    with pytest.raises(NotFound):
        crm.update(big.ref, {"name": "mine"}, ann)
    with pytest.raises(Forbidden):
        crm.update(small.ref, {"size": "11"}, ann)


def test_what_may_not_be_read_may_not_be_changed(crm: Crm) -> None:
    give(crm, rep(scoped("own", "read"), scoped("all", "edit", "delete")))
    deal = crm.create("deal", name="theirs")
    ann = crm.user("Ann")
    for act in (lambda: crm.update(deal.ref, {"name": "mine"}, ann), lambda: crm.delete(deal.ref, ann)):
        with pytest.raises(NotFound):
            act()


def test_a_share_opens_one_record_until_it_ends(crm: Crm) -> None:
    ann = crm.user("Ann", team="north")
    refs = {name: crm.create("deal", name=name).ref for name in ("mine", "team", "role", "past", "other")}
    share(crm, "deal", refs["mine"].id, "user", str(ann.user_id), level="edit")
    share(crm, "deal", refs["team"].id, "team", str(crm.team("north")))
    share(crm, "deal", refs["role"].id, "role", "rep", until=clock.now() + timedelta(hours=1))
    share(crm, "deal", refs["past"].id, "role", "rep", until=clock.now() - timedelta(seconds=1))
    assert deals(crm, ann) == ["mine", "role", "team"]
    assert crm.update(refs["mine"], {"name": "edited"}, ann).name == "edited"
    with pytest.raises(Forbidden):
        crm.update(refs["team"], {"name": "edited"}, ann)
    with pytest.raises(Forbidden):
        crm.delete(refs["mine"], ann)
    with pytest.raises(NotFound):
        crm.update(refs["past"], {"name": "edited"}, ann)


def test_managers_reach_what_their_people_own_where_the_object_says_so(crm: Crm) -> None:
    boss = crm.user("Boss")
    lead = crm.user("Lead", manager=boss.user_id)
    worker = crm.user("Worker", manager=lead.user_id)
    crm.create("deal", worker, name="worker's")
    crm.create("deal", lead, name="lead's")
    assert deals(crm, boss) == []
    give(crm, rep(scoped("own")), access={"managers_of_owner": True})
    assert (deals(crm, boss), deals(crm, lead)) == (["lead's", "worker's"], ["lead's", "worker's"])
    assert deals(crm, worker) == ["worker's"]


def test_managers_in_a_circle_end(crm: Crm) -> None:
    give(crm, rep(scoped("own")), access={"managers_of_owner": True})
    one = crm.user("One")
    two = crm.user("Two", manager=one.user_id)
    with crm.work() as work:
        work.connection.exec_driver_sql(
            "UPDATE crm.app_user SET manager = %s WHERE id = %s", (two.user_id, one.user_id)
        )
    crm.create("deal", two, name="two's")
    assert deals(crm, one) == ["two's"]


def test_territories_reach_what_lies_in_them_and_below(crm: Crm) -> None:
    give(crm, rep(scoped("territory", "edit"), scoped("territory_below", "read")), access={"territory": "region"})
    ann = crm.user("Ann")
    europe = territory(crm, "Europe", members=[ann.user_id])
    france = territory(crm, "France", parent=europe)
    asia = territory(crm, "Asia")
    refs = {
        name: crm.create("deal", name=name, region=str(region)).ref
        for name, region in (("eu", europe), ("fr", france), ("as", asia))
    }
    crm.create("deal", name="nowhere")
    assert deals(crm, ann) == ["eu", "fr"]
    crm.update(refs["eu"], {"size": "1"}, ann)
    with pytest.raises(Forbidden):
        crm.update(refs["fr"], {"size": "1"}, ann)
    with pytest.raises(Forbidden):
        crm.update(refs["eu"], {"region": str(france)}, ann)


def test_scopes_hold_through_relations_and_rollups(crm: Crm) -> None:
    give(crm, rep(by_rule("size < 10")))
    ann = crm.user("Ann")
    acme = crm.create("company", name="Acme")
    big = crm.create("deal", name="big", size="50", company=str(acme.ref.id))
    crm.create("deal", name="small", size="5", company=str(acme.ref.id))
    note = crm.create("note", name="about big", deal=str(big.ref.id))
    assert crm.get(note.ref, ann).values["deal"] is None
    assert crm.names(RecordQuery("company", rule="any(deal_company where size > 10)"), ann) == []
    assert crm.names(RecordQuery("company", rule="count(deal_company) = 1"), ann) == ["Acme"]


def test_a_rule_that_does_not_hold_is_refused_and_a_rename_follows(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused:
        give(crm, rep(by_rule("sise < 10")))
    assert [problem.path for problem in refused.value.problems] == ["roles/rep/grants/1/scope"]
    give(crm, rep(by_rule("size < 10")))
    with crm.work() as work:
        publish(work, rename(work, Package(), "objects/deal/fields/size", "weight", no_rules))
    ann = crm.user("Ann")
    crm.create("deal", name="small", weight="5")
    crm.create("deal", name="big", weight="50")
    assert deals(crm, ann) == ["small"]


def test_a_line_that_nobody_understands_reaches_nothing(crm: Crm) -> None:
    ann = crm.user("Ann", role="odd")
    crm.create("deal", name="hers", owner=str(ann.user_id))
    for scope, effect in (("sideways", "allow"), ("rule:nonsense =", "allow"), ("all", "alow")):
        with crm.work() as work:
            work.connection.exec_driver_sql("DELETE FROM crm.policy WHERE role = 'odd'")
            work.connection.exec_driver_sql(
                "INSERT INTO crm.policy (id, role, line) VALUES (gen_random_uuid(), 'odd', "
                "jsonb_build_array('p', 'odd', 'deal', '*', 'read', %s::text, %s::text))",
                (scope, effect),
            )
        with crm.work(ann) as work:
            assert work.reach("read", "deal").nobody


def share(crm: Crm, name: str, record: UUID, kind: str, grantee: str, **more: Any) -> None:
    row = {"level": "read", "until": None, **more}
    row |= {"id": new_id(), "object": name, "record": record, "kind": kind, "grantee": grantee}
    with crm.work() as work:
        work.connection.execute(insert(table_of(ShareRow)), {**row, "at": clock.now()})


def territory(crm: Crm, name: str, *, parent: UUID | None = None, members: list[UUID] | None = None) -> UUID:
    made = new_id()
    with crm.work() as work:
        work.connection.execute(insert(table_of(TerritoryRow)), {"id": made, "name": name, "parent": parent})
        for user in members or ():
            work.connection.execute(insert(table_of(TerritoryMemberRow)), {"territory": made, "user": user})
    return made
