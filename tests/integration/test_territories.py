"""Territories as people keep them: a tree, who looks after which, and the records that lie there."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID

import pytest

from crm_app.definitions.role_edits import set_cell
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from crm_app.kernel.ids import new_id
from crm_app.services.audit_log import AuditQuery, read_audit
from crm_app.services.roles import edit_role, one_role, role_difference, save_role
from crm_app.services.territories import (
    in_order,
    records_in,
    remove_territory,
    save_territory,
    set_members,
    territories,
)
from tests.access.test_scopes import business, deals, rep, scoped
from tests.builders import Crm


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business(rep(scoped("territory_below")), access={"territory": "region"}))
    yield crm
    crm.close()


def save(crm: Crm, name: str, parent: UUID | None = None, territory: UUID | None = None) -> UUID:
    with crm.work() as work:
        return save_territory(work, name, parent, territory)


def look_after(crm: Crm, territory: UUID, *users: UUID) -> None:
    with crm.work() as work:
        set_members(work, territory, set(users))


def test_whoever_looks_after_one_reaches_it_until_they_do_not(crm: Crm) -> None:
    ann = crm.user("Ann")
    europe = save(crm, "Europe")
    france = save(crm, "France", europe)
    crm.create("deal", name="fr", region=str(france))
    look_after(crm, europe, ann.user_id)
    assert deals(crm, ann) == ["fr"]
    save(crm, "France", None, france)
    assert deals(crm, ann) == []
    look_after(crm, france, ann.user_id)
    assert deals(crm, ann) == ["fr"]
    look_after(crm, france)
    assert deals(crm, ann) == []


def test_a_tree_is_told_in_its_order_and_makes_no_circle(crm: Crm) -> None:
    europe, asia = save(crm, "Europe"), save(crm, "Asia")
    france = save(crm, "France", europe)
    save(crm, "Paris", france)
    with crm.work() as work:
        assert [(each.name, depth) for each, depth in in_order(territories(work))] == [
            ("Asia", 0),
            ("Europe", 0),
            ("France", 1),
            ("Paris", 2),
        ]
    for parent in (europe, france):
        with pytest.raises(Invalid, match="not saved"):
            save(crm, "Europe", parent, europe)
    with pytest.raises(Invalid, match="not saved"):
        save(crm, " Asia ")
    with pytest.raises(NotFound):
        save(crm, "Nowhere", None, new_id())
    assert asia


def test_records_are_counted_and_keep_their_territory(crm: Crm) -> None:
    europe = save(crm, "Europe")
    empty = save(crm, "Empty")
    first = crm.create("deal", name="one", region=str(europe)).ref
    crm.create("deal", name="two", region=str(europe))
    crm.create("deal", name="nowhere")
    with crm.work() as work:
        assert records_in(work) == {europe: {"deal": 2}}
    crm.delete(first)
    with crm.work() as work:
        assert records_in(work) == {europe: {"deal": 1}}
        with pytest.raises(Conflict, match="records lie in it"):
            remove_territory(work, europe)
        remove_territory(work, empty)
        assert [each.name for each in territories(work)] == ["Europe"]


def test_only_administrators_keep_them_and_the_audit_says_who(crm: Crm) -> None:
    ann = crm.user("Ann")
    europe = save(crm, "Europe")
    with crm.work(ann) as work:
        for act in (
            lambda: save_territory(work, "Mine"),
            lambda: set_members(work, europe, {ann.user_id}),
            lambda: remove_territory(work, europe),
            lambda: records_in(work),
        ):
            with pytest.raises(Forbidden):
                act()
    look_after(crm, europe, ann.user_id)
    look_after(crm, europe, ann.user_id)
    with pytest.raises(NotFound):
        look_after(crm, europe, new_id())
    with crm.work() as work:
        names = [entry.name for entry in read_audit(work, AuditQuery(object="territory")).entries]
    assert names == ["territory.members", "territory.saved"]


def test_a_change_of_a_role_counts_what_lies_in_territories(crm: Crm) -> None:
    admin, ann, ben = crm.user("Ada", "admin"), crm.user("Ann"), crm.user("Ben")
    europe = save(crm, "Europe")
    france = save(crm, "France", europe)
    look_after(crm, europe, ann.user_id)
    look_after(crm, france, ben.user_id)
    for region, count in ((europe, 2), (france, 3), (None, 4)):
        for _ in range(count):
            crm.create("deal", name="deal", region=str(region) if region else None)
    with crm.work(admin) as work:
        edit_role(work, "rep", "Change", partial(set_cell, name="deal", action="read", scope="territory"))
    with crm.work(admin) as work:
        (lost,) = [each for each in role_difference(work, one_role(work, "rep").now).actions if each.action == "read"]
    assert (lost.is_gain, [(felt.name, felt.records) for felt in lost.people], lost.records) == (False, [("Ann", 3)], 3)
    with crm.work(admin) as work:
        save_role(work, "rep", "Only their own")
    assert (len(deals(crm, ann)), len(deals(crm, ben))) == (2, 3)
