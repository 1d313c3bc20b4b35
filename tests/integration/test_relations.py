"""Relations to one of several objects, trees, and what happens on delete and on restoring."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from crm_app.access.visible import EVERYONE
from crm_app.automation.rules import rules_of
from crm_app.definitions.check import BrokenReference
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.rules.errors import RuleError
from crm_app.services import deletion
from crm_app.services.definitions import publish
from crm_app.services.record_query import Condition, Record, RecordQuery
from crm_app.services.records import consequences_of, create_records
from crm_app.services.renames import rename
from crm_app.services.retargeting import Retargeted
from crm_app.services.trash import deleted_records, restore_record
from tests.builders import SYSTEM, Crm, field, object_body
from tests.integration.linked import linked_crm


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    with linked_crm(database_url) as crm:
        yield crm


def key(record: Record) -> str:
    return str(record.ref.id)


def restore(crm: Crm, ref: RecordRef, actor: Any = SYSTEM) -> Record:
    with crm.work(actor) as work:
        return restore_record(work, ref)


def in_trash(crm: Crm, name: str, actor: Any = SYSTEM) -> list[str]:
    with crm.work(actor) as work:
        return [each.name for each in deleted_records(work, name)]


def test_a_relation_points_at_a_record_of_either_object(crm: Crm) -> None:
    acme, deal = crm.create("company", name="Acme", city="Oslo"), crm.create("deal", name="Big")
    crm.create("note", name="n1", about={"object": "company", "id": key(acme)})
    second = crm.create("note", name="n2", about=f"deal:{key(deal)}")
    read = crm.get(second.ref, expand=("about",))
    assert read.values["about"] == deal.ref
    assert (read.references["about"].object, read.references["about"].name) == ("deal", "Big")
    about_acme = (Condition("about", "eq", f"company:{key(acme)}"),)
    assert crm.names(RecordQuery("note", about_acme, expand=("about",))) == ["n1"]
    assert crm.names(RecordQuery("note", rule=f"about = '{key(deal)}'")) == ["n2"]
    assert crm.names(RecordQuery("company", rule="any(note_about where name = 'n1')")) == ["Acme"]
    assert crm.names(RecordQuery("note", rule="about is empty")) == []
    with pytest.raises(RuleError, match="several objects, so no path"):
        crm.names(RecordQuery("note", rule="about.name = 'Acme'"))


@pytest.mark.parametrize("raw", ["deal", "tag:{}", {"object": "deal"}, {"object": "deal", "id": 1}, "deal:{}", 5])
def test_a_relation_to_several_refuses_what_is_none_of_them(crm: Crm, raw: Any) -> None:
    company = crm.create("company", name="Acme")
    with pytest.raises(Invalid) as refused:
        crm.create("note", name="n", about=raw.format(key(company)) if isinstance(raw, str) else raw)
    assert [problem.path for problem in refused.value.problems] == ["about"]


def test_a_tree_refuses_circles_of_any_length(crm: Crm) -> None:
    top = crm.create("company", name="Top")
    middle = crm.create("company", name="Middle", parent=key(top))
    low = crm.create("company", name="Low", parent=key(middle))
    for target in (top, middle, low):
        with pytest.raises(Invalid) as refused:
            crm.update(top.ref, {"parent": key(target)})
        assert refused.value.problems[0].message == "Parent would make a circle: this company is above that one."
    crm.update(low.ref, {"parent": key(top)})


def test_two_people_cant_close_a_circle_together(crm: Crm) -> None:
    one, two = crm.create("company", name="One"), crm.create("company", name="Two")

    def put(pair: tuple[Record, Record]) -> bool:
        try:
            crm.update(pair[0].ref, {"parent": key(pair[1])})
        except TrellisError:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(put, [(one, two), (two, one)]))
    assert sorted(done) == [False, True]


def test_what_cascades_goes_with_its_record_and_comes_back_with_it(crm: Crm) -> None:
    acme = crm.create("company", name="Acme")
    part = crm.create("part", name="Wheel", company=key(acme))
    screw = crm.create("screw", name="M4", part=key(part))
    deal = crm.create("deal", name="Big", company=key(acme))
    with crm.work() as work:
        record = work.records.fetch("company", [acme.ref.id], EVERYONE)[acme.ref.id]
        found = deletion.consequences(work, "company", record)
        said = "1 part and 1 screw will be deleted with it. It will be taken out of 1 deal."
        assert found.sentence(work) == said
    crm.delete(acme.ref)
    assert [crm.count(RecordQuery(name)) for name in ("company", "part", "screw", "deal")] == [0, 0, 0, 1]
    assert crm.get(deal.ref).values["company"] is None
    with pytest.raises(Conflict, match="Company is required, and that company is deleted"):
        restore(crm, part.ref)
    assert restore(crm, acme.ref).version == 3
    assert crm.get(screw.ref).values["part"] == part.ref.id
    assert crm.get(deal.ref).values["company"] == acme.ref.id
    assert in_trash(crm, "company") == in_trash(crm, "part") == []


def test_a_restriction_keeps_the_record_and_counts_only_what_is_seen(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    acme = crm.create("company", name="Acme")
    crm.create("contract", bob, name="His", company=key(acme))
    with pytest.raises(Conflict, match=r"can't be deleted: other records still point at it\."):
        crm.delete(acme.ref, ann)
    crm.create("contract", ann, name="Hers", company=key(acme))
    with pytest.raises(Conflict, match=r"can't be deleted: 1 contract still points at it\."):
        crm.delete(acme.ref, ann)
    assert crm.get(acme.ref).version == 1


def test_a_cascade_needs_the_right_to_delete_all_that_goes(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    acme = crm.create("company", name="Acme")
    crm.create("part", bob, name="His", company=key(acme))
    with pytest.raises(Forbidden, match=r"records that you may not delete would go with it\."):
        crm.delete(acme.ref, ann)
    assert crm.count(RecordQuery("part")) == 1


def test_a_cascade_has_a_bound(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletion, "MAX_DELETED", 10)
    acme = crm.create("company", name="Acme")
    with crm.work() as work:
        create_records(work, "part", [{"name": f"p{n}", "company": key(acme)} for n in range(10)])
    with pytest.raises(Conflict, match="more than 10 records would go with it"):
        crm.delete(acme.ref)
    assert crm.count(RecordQuery("part")) == 10


def test_a_restored_record_has_its_links_back_as_far_as_they_live(crm: Crm) -> None:
    red, blue = crm.create("tag", name="red"), crm.create("tag", name="blue")
    deal = crm.create("deal", name="Big", tags=[key(red), key(blue)])
    other = crm.create("deal", name="Other", tags=[key(red)])
    crm.delete(deal.ref)
    crm.delete(blue.ref)
    assert restore(crm, deal.ref).values["tags"] == [red.ref.id]
    crm.delete(red.ref)
    assert crm.get(other.ref).values["tags"] is None
    restore(crm, red.ref)
    assert [crm.get(each.ref).values["tags"] for each in (deal, other)] == [[red.ref.id], [red.ref.id]]
    with crm.work() as work:
        query = "SELECT name FROM crm.audit WHERE record = %s ORDER BY id"
        told = [name for (name,) in work.connection.exec_driver_sql(query, (deal.ref.id,))]
    assert told == [f"record.{verb}" for verb in ("created", "deleted", "restored", "updated", "updated")]


def test_a_restored_record_takes_nothing_from_those_that_moved_on(crm: Crm) -> None:
    acme, bolt = crm.create("company", name="Acme"), crm.create("company", name="Bolt")
    moved, stayed = (crm.create("deal", name=name, company=key(acme)) for name in ("Moved", "Stayed"))
    crm.delete(acme.ref)
    crm.update(moved.ref, {"company": key(bolt)})
    restore(crm, acme.ref)
    assert [crm.get(each.ref).values["company"] for each in (moved, stayed)] == [bolt.ref.id, acme.ref.id]


def test_restoring_makes_no_circle(crm: Crm) -> None:
    top = crm.create("company", name="Top")
    middle = crm.create("company", name="Middle", parent=key(top))
    low = crm.create("company", name="Low", parent=key(middle))
    crm.delete(middle.ref)
    crm.update(top.ref, {"parent": key(low)})
    assert restore(crm, middle.ref).values["parent"] == top.ref.id
    assert crm.get(low.ref).values["parent"] is None


def test_only_whoever_may_delete_a_record_sees_it_in_the_trash_and_restores_it(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    hers = crm.create("contact", ann, name="Hers")
    crm.delete(hers.ref, ann)
    assert (in_trash(crm, "contact", ann), in_trash(crm, "contact", bob)) == (["Hers"], [])
    with pytest.raises(NotFound, match="There is no such deleted contact"):
        restore(crm, hers.ref, bob)
    assert restore(crm, hers.ref, ann).values["name"] == "Hers"
    with pytest.raises(NotFound):
        restore(crm, hers.ref, ann)


def test_an_unseen_target_shows_as_nothing_and_is_not_lost_by_saving(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    acme = crm.create("company", name="Acme")
    part = crm.create("part", bob, name="His", company=key(acme))
    screw = crm.create("screw", name="M4", part=key(part))
    assert crm.get(screw.ref, ann).values["part"] is None
    assert crm.update(screw.ref, {"part": None, "name": "M5"}, ann).values["part"] is None
    assert crm.get(screw.ref).values["part"] == part.ref.id


@pytest.mark.parametrize(
    ("name", "config"),
    [("company", {"objects": ["company", "deal"]}), ("company", {"object": "tag"}), ("tags", {"object": "contact"})],
)
def test_what_a_relation_points_at_stays(crm: Crm, name: str, config: dict[str, Any]) -> None:
    deal = crm.create("deal", name="Big")
    with crm.work() as work:
        body = work.definition("deal").canonical()
    body["fields"] = [{**each, "config": config} if each["name"] == name else each for each in body["fields"]]
    with pytest.raises(Retargeted) as refused:
        crm.publish(load_package({"objects": {"objects/deal.json": body}}))
    assert [problem.path for problem in refused.value.problems] == [f"objects/deal/fields/{name}/config"]
    assert crm.get(deal.ref).name == "Big"


@pytest.mark.parametrize(("old", "new"), [("company", "firm"), ("deal", "chance"), ("tag", "mark")])
def test_relations_and_links_follow_the_new_name_of_an_object(crm: Crm, old: str, new: str) -> None:
    acme, red = crm.create("company", name="Acme"), crm.create("tag", name="red")
    deal = crm.create("deal", name="Big", tags=[key(red)], company=key(acme))
    notes = [
        crm.create("note", name=name, about=f"{name}:{key(to)}") for name, to in (("company", acme), ("deal", deal))
    ]
    with crm.work() as work:
        publish(work, rename(work, Package(), f"objects/{old}", new, rules_of))
    names = {each: new if each == old else each for each in ("company", "deal", "tag")}
    found = [crm.get(note.ref).references["about"] for note in notes]
    assert [(each.object, each.name) for each in found] == [(names["company"], "Acme"), (names["deal"], "Big")]
    read = crm.get(RecordRef(names["deal"], deal.ref.id))
    assert [(each.object, each.name) for each in read.linked["tags"]] == [(names["tag"], "red")]


@pytest.mark.parametrize(
    ("more", "path", "said"),
    [
        ({"type": "relation", "required": True, "config": {"object": "thing"}}, "config/on_delete", "can't be cleared"),
        ({"type": "relation", "config": {"object": "other", "tree": True}}, "config/tree", "to Thing itself"),
        ({"type": "relation", "config": {"objects": ["thing", "ghost"]}}, "config/objects", "no object 'ghost'"),
        ({"type": "many_to_many", "unique": True, "config": {"object": "thing"}}, "unique", "can't be unique"),
        ({"type": "many_to_many", "config": {"object": "ghost"}}, "config/object", "no object 'ghost'"),
    ],
)
def test_a_relation_that_cant_keep_its_promise_is_not_published(
    crm: Crm, more: dict[str, Any], path: str, said: str
) -> None:
    bodies = [object_body("other"), object_body("thing", field("link", more.pop("type"), **more))]
    package = load_package({"objects": {f"objects/{body['name']}.json": body for body in bodies}})
    with pytest.raises(BrokenReference) as refused:
        crm.publish(package)
    assert [(p.path, said in p.message) for p in refused.value.problems] == [
        (f"objects/thing/fields/link/{path}", True)
    ]


def consequence(crm: Crm, record: Record, actor: Any = SYSTEM) -> str:
    with crm.work(actor) as work:
        return consequences_of(work, record.ref).sentence(work)


def test_what_a_deletion_would_bring_about_is_said_before(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    acme = crm.create("company", name="Acme")
    assert consequence(crm, acme) == ""
    part = crm.create("part", ann, name="hers", company=key(acme))
    for name in ("M4", "M5"):
        crm.create("screw", name=name, part=key(part))
    crm.create("deal", name="Big", company=key(acme))
    said = "1 part and 2 screws will be deleted with it. It will be taken out of 1 deal."
    assert consequence(crm, acme, ann) == said
    with pytest.raises(Forbidden, match="records that you may not delete"):
        consequence(crm, acme, bob)
    assert crm.get(acme.ref).name == "Acme"
    contact = crm.create("contact", bob, name="His")
    crm.create("contact", bob, name="Friend", friends=[key(contact)])
    crm.update(crm.create("contact", ann, name="Unseen").ref, {"friends": [key(contact)]})
    assert consequence(crm, contact, bob) == "It will be taken out of 1 contact."


def test_the_trash_says_what_comes_back_with_a_record(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    acme = crm.create("company", name="Acme")
    for actor, name in ((ann, "hers"), (bob, "his")):
        crm.create("screw", name=name, part=key(crm.create("part", actor, name=name, company=key(acme))))
    crm.delete(acme.ref)

    def brought(actor: Any) -> list[str]:
        with crm.work(actor) as work:
            return [each.sentence(work) for each in deleted_records(work, "company")]

    assert brought(SYSTEM) == ["Comes back with 2 parts and 2 screws."]
    assert brought(ann) == ["Comes back with 1 part and 2 screws."]
    with crm.work() as work:
        assert [(each.is_with_another, each.sentence(work)) for each in deleted_records(work, "part")] == [
            (True, ""),
            (True, ""),
        ]
