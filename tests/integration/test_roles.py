"""Roles: the difference before saving is exact and names people; a save is one version that all processes follow."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import insert

from crm_app.definitions.edits import Body
from crm_app.definitions.role import Action
from crm_app.definitions.role_edits import set_cell, set_condition, set_inherits, set_level
from crm_app.kernel import clock
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, TrellisError
from crm_app.kernel.ids import new_id
from crm_app.services.lists import count_records, list_records
from crm_app.services.policies import NobodyLeftToAdminister
from crm_app.services.rebase import SomebodyPublished
from crm_app.services.record_query import RecordQuery
from crm_app.services.role_difference import Difference
from crm_app.services.role_people import (
    AlreadyGiven,
    give_role,
    given_difference,
    holders,
    others,
    take_role,
    with_role,
    without_role,
)
from crm_app.services.roles import (
    all_roles,
    archive_role,
    discard_role,
    draft_role,
    edit_role,
    one_role,
    role_difference,
    save_role,
)
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.access_tables import ShareRow
from crm_app.storage.system_tables import table_of
from tests.builders import STAGES, Crm

DEALS = RecordQuery("deal")


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


@pytest.fixture
def admin(crm: Crm) -> UserActor:
    return crm.user("Ada", "admin")


def edit(crm: Crm, admin: UserActor, change: Callable[[Body], Body], role: str = "rep") -> Difference:
    with crm.work(admin) as work:
        edit_role(work, role, "Change", change)
    with crm.work(admin) as work:
        return role_difference(work, one_role(work, role).now)


def save(crm: Crm, admin: UserActor, reason: str = "because", role: str = "rep") -> None:
    with crm.work(admin) as work:
        save_role(work, role, reason)


def said(found: Difference) -> list[tuple[str, str, bool, list[tuple[str, int | None]], int | None]]:
    return [
        (each.object, each.action, each.is_gain, [(felt.name, felt.records) for felt in each.people], each.records)
        for each in found.actions
    ]


def deals(crm: Crm, owner: UserActor | None, count: int) -> None:
    for number in range(count):
        crm.create("deal", name=f"Deal {number}", owner=owner.user_id if owner else None)


def test_the_difference_counts_for_each_person_and_all_together(crm: Crm, admin: UserActor) -> None:
    ann, bob, cid = crm.user("Ann", team="north"), crm.user("Bob", team="north"), crm.user("Cid", team="south")
    for owner, count in ((ann, 2), (bob, 3), (cid, 4), (None, 1)):
        deals(crm, owner, count)
    found = edit(crm, admin, partial(set_cell, name="deal", action="read", scope="all"))
    people = [("Ann", 5), ("Bob", 5), ("Cid", 6)]
    assert said(found) == [("deal", "read", True, people, 10)]
    assert [name.startswith("Deal") for _, name in found.actions[0].samples] == [True] * 3


def test_what_is_counted_is_what_people_then_see(crm: Crm, admin: UserActor) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="north")
    deals(crm, ann, 2)
    deals(crm, bob, 3)
    before = crm.count(DEALS, ann)
    found = edit(crm, admin, partial(set_cell, name="deal", action="read", scope="own"))
    assert said(found)[0] == ("deal", "read", False, [("Ann", 3), ("Bob", 2)], 5)
    save(crm, admin)
    assert (before, crm.count(DEALS, ann), crm.count(DEALS, bob)) == (5, 2, 3)


def test_fields_are_told_by_level_for_those_who_read_the_object(crm: Crm, admin: UserActor) -> None:
    crm.user("Ann")
    found = edit(crm, admin, partial(set_level, name="deal", field="secret", level="mask"))
    assert [(each.field, each.before, each.after, each.is_gain) for each in found.fields] == [
        ("secret", "none", "mask", True)
    ]
    found = edit(crm, admin, partial(set_level, name="deal", field="amount", level="read"))
    assert [(each.field, each.after, [felt.name for felt in each.people]) for each in found.fields] == [
        ("amount", "read", ["Ann"]),
        ("secret", "mask", ["Ann"]),
    ]


def test_what_a_role_inherits_is_felt_by_those_who_have_the_heir(crm: Crm, admin: UserActor) -> None:
    max_ = crm.user("Max", "manager")
    deals(crm, max_, 1)
    found = edit(crm, admin, partial(set_inherits, roles=["rep"]), "manager")
    assert [(each.field, each.after) for each in found.fields] == [("secret", "none")]
    save(crm, admin, role="manager")
    found = edit(crm, admin, partial(set_cell, name="company", action="delete", scope="deny"))
    assert [(action, gain, [n for n, _ in people]) for _, action, gain, people, _ in said(found)] == []
    crm.create("company", name="Acme", owner=max_.user_id)
    with crm.work(admin) as work:
        found = role_difference(work, one_role(work, "rep").now)
    assert said(found) == [("company", "delete", False, [("Max", 1)], 1)]


CONDITIONS = (
    {"actions": ["read", "edit"], "scope": "rule:amount > 5 USD"},
    {"actions": ["read"], "scope": "rule:stage = 'lost' or created_by = me"},
    {"actions": ["read"], "scope": "rule:stage != 'won'", "effect": "restrict"},
    {"actions": ["edit"], "scope": "own", "effect": "restrict"},
)


def seen(crm: Crm, actor: UserActor, action: Action) -> set[UUID]:
    with crm.work(actor) as work:
        return set(work.records.existing("deal", list(_all_deals(crm)), work.reach(action, "deal")))


def _all_deals(crm: Crm) -> set[UUID]:
    with crm.work() as work:
        return {record.ref.id for record in list_records(work, RecordQuery("deal", limit=100)).records}


@pytest.mark.parametrize("most_rules", [24, 0], ids=["in one pass", "one by one"])
def test_rules_restrictions_and_shares_are_counted_as_they_are_then_felt(
    crm: Crm, admin: UserActor, monkeypatch: pytest.MonkeyPatch, most_rules: int
) -> None:
    monkeypatch.setattr("crm_app.storage.reach_counts.MOST_RULES", most_rules)
    people = {name: crm.user(name, team=team) for name, team in (("Ann", "north"), ("Bob", "north"), ("Cid", "south"))}
    owners = [*people.values(), None]
    for number in range(12):
        owner = owners[number % 4]
        values = {"amount": {"amount": number, "currency": "USD"}, "stage": STAGES[number % 3 + 1]}
        record = crm.create("deal", name=f"Deal {number}", owner=owner.user_id if owner else None, **values)
        if number < 4:
            share(crm, record.ref.id, people["Cid"])
    for at, condition in enumerate(CONDITIONS):
        before = {(name, action): seen(crm, who, action) for name, who in people.items() for action in ("read", "edit")}
        found = edit(crm, admin, partial(set_condition, name="deal", at=at, condition=dict(condition)))
        save(crm, admin)
        after = {(name, action): seen(crm, who, action) for name, who in people.items() for action in ("read", "edit")}
        told = {(each.action, each.is_gain): each for each in found.actions if each.action in ("read", "edit")}
        for action, is_gain in product(("read", "edit"), (True, False)):
            gaps = {
                n: (after[n, action] - before[n, action]) if is_gain else (before[n, action] - after[n, action])
                for n in people
            }
            change = told.get((action, is_gain))
            assert {n: len(gap) for n, gap in gaps.items() if gap} == (
                {felt.name: felt.records for felt in change.people} if change else {}
            ), (at, action, is_gain)
            assert len(set[UUID]().union(*gaps.values())) == (change.records if change else 0)


def share(crm: Crm, record: UUID, person: UserActor) -> None:
    row = {"id": new_id(), "object": "deal", "record": record, "kind": "user", "grantee": str(person.user_id)}
    with crm.work() as work:
        work.connection.execute(insert(table_of(ShareRow)), {**row, "level": "read", "at": clock.now()})


def test_a_right_to_create_has_no_number(crm: Crm, admin: UserActor) -> None:
    crm.user("Ann")
    found = edit(crm, admin, partial(set_cell, name="company", action="import", scope="all"))
    assert said(found) == [("company", "import", True, [("Ann", None)], None)]


def test_saying_the_same_otherwise_is_no_change(crm: Crm, admin: UserActor) -> None:
    with crm.work(admin) as work:
        edit_role(work, "rep", "Change", partial(set_cell, name="deal", action="edit", scope="all"))
        edit_role(work, "rep", "Change", partial(set_cell, name="deal", action="edit", scope="team"))
        assert not one_role(work, "rep").is_changed


def test_a_save_is_followed_by_another_process_at_its_next_request(
    crm: Crm, admin: UserActor, database_url: str
) -> None:
    ann = crm.user("Ann")
    deals(crm, None, 2)
    other = Workspace.open(database_url, pool_size=1)
    try:
        with other.work(ann) as work:
            assert count_records(work, DEALS).value == 0
        edit(crm, admin, partial(set_cell, name="deal", action="read", scope="all"))
        save(crm, admin, "Everybody sells")
        with other.work(ann) as work:
            assert count_records(work, DEALS).value == 2
    finally:
        other.close()


def test_a_save_is_audited_with_its_reason_and_leaves_the_rest_of_the_draft(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, partial(set_cell, name="deal", action="read", scope="all"))
    edit(crm, admin, partial(set_cell, name="deal", action="edit", scope="own"), "manager")
    save(crm, admin, "Everybody sells")
    with crm.work(admin) as work:
        query = "SELECT name, changes, actor ->> 'name', reason FROM crm.audit ORDER BY id DESC LIMIT 2"
        policy, published = work.connection.exec_driver_sql(query).all()
        assert published == ("definitions.published", {"plan": [None, ["change roles/rep"]]}, "Ada", "Everybody sells")
        lines = [["p, rep, deal, *, read, team, allow"], ["p, rep, deal, *, read, all, allow"]]
        assert policy == ("policy.changed", {"rep": lines}, "Ada", "Everybody sells")
        assert not one_role(work, "rep").is_changed
        assert one_role(work, "manager").is_changed


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(crm: Crm, admin: UserActor) -> None:
    second = crm.user("Eve", "admin")
    edit(crm, admin, partial(set_cell, name="deal", action="read", scope="all"))
    edit(crm, second, partial(set_cell, name="deal", action="edit", scope="own"))
    save(crm, second)
    with pytest.raises(SomebodyPublished, match="Somebody else changed this role"):
        save(crm, admin)
    with crm.work(admin) as work:
        discard_role(work, "rep")
        assert not one_role(work, "rep").is_changed


def test_what_does_not_fit_is_refused_with_a_sentence(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, partial(set_inherits, roles=["manager"]))
    save(crm, admin)
    with pytest.raises(Invalid, match="circle"):
        _publish_circle(crm, admin)


def _publish_circle(crm: Crm, admin: UserActor) -> None:
    edit(crm, admin, partial(set_inherits, roles=["rep"]), "manager")
    save(crm, admin, role="manager")


def test_a_new_permission_set_adds_to_a_role(crm: Crm, admin: UserActor) -> None:
    ann = crm.user("Ann")
    deals(crm, None, 3)
    with crm.work(admin) as work:
        draft_role(work, "all_deals", "All deals", "permission_set")
    edit(crm, admin, partial(set_cell, name="deal", action="read", scope="all"), "all_deals")
    save(crm, admin, role="all_deals")
    with crm.work(admin) as work:
        found = given_difference(work, _id(ann), with_role(work, _id(ann), "all_deals"))
    assert said(found) == [("deal", "read", True, [("Ann", 3)], 3)]
    with crm.work(admin) as work:
        give_role(work, "all_deals", _id(ann))
    assert crm.count(DEALS, ann) == 3
    with crm.work(admin) as work:
        assert [each.name for each in holders(work, "all_deals")] == ["Ann"]
        assert next(role for role in all_roles(work) if role.now.name == "all_deals").people == 1
        with pytest.raises(AlreadyGiven):
            give_role(work, "all_deals", _id(ann))
        found = given_difference(work, _id(ann), without_role(work, _id(ann), "all_deals"))
        assert said(found) == [("deal", "read", False, [("Ann", 3)], 3)]
        take_role(work, "all_deals", _id(ann))
        assert [each.name for each in others(work, "all_deals", "ANN", 5)] == ["Ann"]
    assert crm.count(DEALS, ann) == 0


def test_the_last_administrator_stays(crm: Crm, admin: UserActor) -> None:
    with pytest.raises(NobodyLeftToAdminister), crm.work(admin) as work:
        take_role(work, "admin", _id(admin))
    with crm.work(admin) as work:
        draft_role(work, "humble", "Humble", "role")
        edit_role(work, "humble", "Deny", partial(set_cell, name="*", action="administer", scope="deny"))
        give = "INSERT INTO crm.user_role VALUES (%(user)s, 'humble')"
        work.connection.exec_driver_sql(give, {"user": _id(admin)})
    with pytest.raises(NobodyLeftToAdminister):
        save(crm, admin, role="humble")
    with crm.work(admin) as work:
        assert work.access("*").allows("administer")


def test_an_archived_role_grants_nothing_and_is_told_as_a_loss(crm: Crm, admin: UserActor) -> None:
    ann = crm.user("Ann", team="north")
    deals(crm, ann, 2)
    with crm.work(admin) as work:
        archive_role(work, "rep")
    with crm.work(admin) as work:
        found = role_difference(work, one_role(work, "rep").now)
    assert ("deal", "read", False, [("Ann", 2)], 2) in said(found)
    save(crm, admin)
    with pytest.raises(NotFound):
        crm.count(DEALS, ann)


@pytest.mark.parametrize("who", ["rep", "manager"])
def test_only_an_administrator_reads_or_changes_roles(crm: Crm, who: str) -> None:
    person = crm.user("Ann", who)
    steps: list[Callable[[UnitOfWork], object]] = [
        all_roles,
        lambda work: draft_role(work, "mine", "Mine", "role"),
        lambda work: save_role(work, "rep", ""),
        lambda work: holders(work, "rep"),
        lambda work: others(work, "rep", "", 5),
        lambda work: give_role(work, "admin", _id(person)),
        lambda work: take_role(work, who, _id(person)),
        lambda work: given_difference(work, _id(person), {"admin"}),
    ]
    for step in steps:
        with pytest.raises(Forbidden), crm.work(person) as work:
            step(work)


def test_a_role_that_is_unknown_is_named(crm: Crm, admin: UserActor) -> None:
    with pytest.raises(TrellisError, match="no role 'boss'"), crm.work(admin) as work:
        give_role(work, "boss", _id(admin))


def _id(actor: UserActor) -> UUID:
    return actor.user_id
