"""Records are put into a related list and taken out of it, with the rights of a change at the other end."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from crm_app.services.linking import candidates, link_here, unlink_here
from crm_app.services.record_query import Record
from tests.builders import SYSTEM, Crm, role_body
from tests.integration.linked import linked_crm


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    with linked_crm(database_url) as crm:
        yield crm


def put_in(crm: Crm, here: Record, name: str, other: Record, actor: Any = SYSTEM) -> None:
    with crm.work(actor) as work:
        link_here(work, here.ref, name, other.ref.id)


def take_out(crm: Crm, here: Record, name: str, other: Record, actor: Any = SYSTEM) -> None:
    with crm.work(actor) as work:
        unlink_here(work, here.ref, name, other.ref.id)


def offered(crm: Crm, here: Record, name: str, words: str = "", actor: Any = SYSTEM) -> list[str]:
    with crm.work(actor) as work:
        return [each.name for each in candidates(work, here.ref, name, words)]


@pytest.mark.parametrize(
    ("here", "name", "other", "field"),
    [
        ("company", "deal_company", "deal", "company"),
        ("tag", "deal_tags", "deal", "tags"),
        ("deal", "note_about", "note", "about"),
    ],
)
def test_a_record_goes_into_a_list_and_out_again(crm: Crm, here: str, name: str, other: str, field: str) -> None:
    page, first, second = crm.create(here, name="Page"), crm.create(other, name="One"), crm.create(other, name="Two")
    assert offered(crm, page, name) == ["One", "Two"]
    assert offered(crm, page, name, "tw") == ["Two"]
    put_in(crm, page, name, first)
    put_in(crm, page, name, second)
    assert offered(crm, page, name) == []
    assert crm.get(first.ref).values[field] in (page.ref.id, page.ref, [page.ref.id])
    take_out(crm, page, name, first)
    assert crm.get(first.ref).values[field] is None
    assert crm.get(second.ref).values[field] is not None
    with pytest.raises(Conflict, match="taken out of the list already"):
        take_out(crm, page, name, first)


def test_others_links_stay_and_a_moved_record_leaves_its_old_list(crm: Crm) -> None:
    red, blue = crm.create("tag", name="red"), crm.create("tag", name="blue")
    old, new = crm.create("company", name="Old"), crm.create("company", name="New")
    deal = crm.create("deal", name="Big", tags=[str(red.ref.id)], company=str(old.ref.id))
    put_in(crm, blue, "deal_tags", deal)
    take_out(crm, red, "deal_tags", deal)
    assert crm.get(deal.ref).values["tags"] == [blue.ref.id]
    put_in(crm, new, "deal_company", deal)
    with pytest.raises(Conflict):
        take_out(crm, old, "deal_company", deal)
    assert crm.get(deal.ref).values["company"] == new.ref.id


def test_what_has_to_point_somewhere_is_not_taken_out(crm: Crm) -> None:
    acme = crm.create("company", name="Acme")
    part = crm.create("part", name="p", company=str(acme.ref.id))
    with pytest.raises(Invalid) as refused:
        take_out(crm, acme, "part_company", part)
    assert [problem.path for problem in refused.value.problems] == ["company"]


@pytest.mark.parametrize("name", ["", "deal_size", "deal", "part_company; drop", 5])
def test_only_lists_of_the_page_are_changed(crm: Crm, name: Any) -> None:
    acme, deal = crm.create("company", name="Acme"), crm.create("deal", name="Big")
    with pytest.raises(NotFound):
        put_in(crm, acme, name, deal)


def test_linking_takes_the_rights_of_a_change_at_the_other_end(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    acme = crm.create("company", name="Acme")
    his = crm.create("contract", bob, name="His")
    assert offered(crm, acme, "contract_company", actor=ann) == []
    with pytest.raises(NotFound):
        put_in(crm, acme, "contract_company", his, ann)
    level = {"object": "deal", "field": "company", "level": "read"}
    reader = role_body("reader", {"objects": ["company", "deal"], "actions": ["read", "edit"]}, field_levels=[level])
    looker = role_body("looker", {"objects": ["company", "deal"], "actions": ["read"]})
    roles = {f"roles/{body['name']}.json": body for body in (reader, looker)}
    crm.publish(load_package({"roles": roles}))
    deal = crm.create("deal", name="Big", company=str(acme.ref.id))
    other = crm.create("deal", name="Small")
    for role, refusal in (("reader", Invalid), ("looker", Forbidden)):
        person = crm.user(role.capitalize(), role)
        assert offered(crm, acme, "deal_company", actor=person) == []
        with pytest.raises(refusal):
            put_in(crm, acme, "deal_company", other, person)
        with pytest.raises(refusal):
            take_out(crm, acme, "deal_company", deal, person)
    with pytest.raises(NotFound), crm.work() as work:
        link_here(work, acme.ref, "deal_company", uuid4())
