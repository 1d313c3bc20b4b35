"""Many-to-many fields through the door: lists of links, from either end, and what each reader sees of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import pytest

from crm_app.kernel.errors import Conflict, Invalid
from crm_app.kernel.events import RecordRef
from crm_app.rules.errors import RuleError
from crm_app.services.lists import list_records
from crm_app.services.record_query import Condition, Record, RecordQuery
from crm_app.services.records import create_records
from tests.builders import Crm
from tests.integration.linked import linked_crm

NOBODY = "0190a5c0-0000-7000-8000-000000000001"


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    with linked_crm(database_url) as crm:
        yield crm


def ids(*records: Record) -> list[str]:
    return [str(record.ref.id) for record in records]


def linked(crm: Crm, ref: RecordRef, field: str = "tags", **more: Any) -> list[UUID]:
    return crm.get(ref, **more).values[field] or []


def changes(crm: Crm, ref: RecordRef) -> list[tuple[str, dict[str, Any]]]:
    with crm.work() as work:
        rows = work.connection.exec_driver_sql(
            "SELECT name, changes FROM crm.audit WHERE record = %s ORDER BY id", (ref.id,)
        )
        return [(name, body) for name, body in rows]


def test_links_read_back_from_either_end_and_every_change_is_audited(crm: Crm) -> None:
    red, blue = crm.create("tag", name="red"), crm.create("tag", name="blue")
    deal = crm.create("deal", name="Big", tags=ids(red))
    assert linked(crm, deal.ref) == [red.ref.id]
    after = crm.update(deal.ref, {"tags": ";".join(ids(blue, red))})
    assert (after.values["tags"], after.version) == ([red.ref.id, blue.ref.id], 2)
    assert crm.update(deal.ref, {"tags": ids(blue, red)}).version == 2
    assert crm.update(deal.ref, {"tags": []}).values["tags"] is None
    assert [body.get("tags") for _, body in changes(crm, deal.ref)] == [
        [None, ids(red)],
        [ids(red), ids(red, blue)],
        [ids(red, blue), None],
    ]


def test_many_records_are_created_with_their_links_at_once(crm: Crm) -> None:
    tags = [crm.create("tag", name=f"t{number}") for number in range(3)]
    with crm.work() as work:
        raws = [{"name": f"d{number}", "tags": ids(*tags[: number % 4])} for number in range(1000)]
        made = create_records(work, "deal", raws)
    assert [len(record.values["tags"] or ()) for record in made[:5]] == [0, 1, 2, 3, 0]
    assert crm.count(RecordQuery("deal", rule="count(tags) = 3")) == 250
    with pytest.raises(Invalid) as refused, crm.work() as work:
        create_records(work, "deal", [{"name": "a"}, {"name": "b", "tags": [str(uuid4())]}])
    assert [problem.path for problem in refused.value.problems] == ["1/tags"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (("contains", "red"), ["both", "one"]),
        (("contains", "red,blue"), ["both", "one", "other"]),
        (("contains_none", "red"), ["none", "other"]),
        (("contains_none", "red,blue"), ["none"]),
        (("is_empty", ""), ["none"]),
        (("is_not_empty", ""), ["both", "one", "other"]),
    ],
)
def test_a_list_is_filtered_by_links(crm: Crm, condition: tuple[str, str], expected: list[str]) -> None:
    red, blue = crm.create("tag", name="red"), crm.create("tag", name="blue")
    for name, tags in (("both", (red, blue)), ("one", (red,)), ("other", (blue,)), ("none", ())):
        crm.create("deal", name=name, tags=ids(*tags))
    value = condition[1].replace("red", ids(red)[0]).replace("blue", ids(blue)[0])
    query = RecordQuery("deal", (Condition("tags", condition[0], value),))
    assert sorted(crm.names(query)) == expected
    assert crm.count(query) == len(expected)


def test_rules_go_over_links_from_both_ends(crm: Crm) -> None:
    red = crm.create("tag", name="red")
    crm.create("tag", name="blue")
    crm.create("deal", name="Big", size=9, tags=ids(red))
    crm.create("deal", name="Small", size=1, tags=ids(red))
    crm.create("deal", name="Bare")
    assert sorted(crm.names(RecordQuery("deal", rule="any(tags where name = 'red')"))) == ["Big", "Small"]
    assert crm.names(RecordQuery("deal", rule="count(tags) = 0 and tags is empty")) == ["Bare"]
    assert crm.names(RecordQuery("tag", rule="any(deal_tags where size > 5)")) == ["red"]
    assert crm.names(RecordQuery("tag", rule="sum(deal_tags: size) = 10")) == ["red"]
    assert crm.names(RecordQuery("tag", rule="deal_tags is empty")) == ["blue"]
    assert sorted(crm.names(RecordQuery("deal", rule=f"tags contains '{red.ref.id}'"))) == ["Big", "Small"]
    with pytest.raises(RuleError, match="This is a list"):
        crm.names(RecordQuery("deal", rule="tags.name = 'red'"))


def test_what_a_reader_cant_see_of_the_links_is_not_there_and_stays(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    hers, his = crm.create("contact", ann, name="Hers"), crm.create("contact", bob, name="His")
    deal = crm.create("deal", name="Shared", contacts=ids(hers, his))
    assert linked(crm, deal.ref, "contacts", actor=ann) == [hers.ref.id]
    assert crm.count(RecordQuery("deal", rule="count(contacts) = 1"), ann) == 1
    assert crm.names(RecordQuery("deal", (Condition("contacts", "contains", ids(his)[0]),)), ann) == []
    with pytest.raises(Invalid, match="correct what is marked"):
        crm.update(deal.ref, {"contacts": ids(hers, his)}, crm.user("Cid", team="west"))
    assert crm.update(deal.ref, {"contacts": None}, ann).values["contacts"] is None
    assert linked(crm, deal.ref, "contacts") == [his.ref.id]
    with crm.work(ann) as work:
        page = list_records(work, RecordQuery("deal"))
        assert [record.values["contacts"] for record in page.records] == [None]


def test_an_unseen_record_is_refused_as_if_it_were_not_there(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    his = crm.create("contact", bob, name="His")
    deal = crm.create("deal", name="Shared")
    told: list[list[str]] = []
    for identifier in (ids(his)[0], str(uuid4())):
        with pytest.raises(Invalid) as refused:
            crm.update(deal.ref, {"contacts": {"add": [identifier]}}, ann)
        told.append([problem.message for problem in refused.value.problems])
    assert told == [["There is no such contact."]] * 2


def test_a_stale_change_says_nothing_of_unseen_links(crm: Crm) -> None:
    ann, bob = crm.user("Ann", team="north"), crm.user("Bob", team="south")
    hers, his = crm.create("contact", ann, name="Hers"), crm.create("contact", bob, name="His")
    deal = crm.create("deal", name="Shared")
    crm.update(deal.ref, {"contacts": ids(his)})
    with pytest.raises(Conflict) as refused:
        crm.update(deal.ref, {"contacts": ids(hers)}, ann, version=1)
    assert refused.value.details["fields"]["contacts"] == {
        "label": "Contacts",
        "theirs": None,
        "original": None,
        "yours": ids(hers),
    }


def test_links_added_at_the_same_time_are_all_there(crm: Crm) -> None:
    tags = [crm.create("tag", name=f"t{number}") for number in range(12)]
    deal = crm.create("deal", name="Busy", tags=ids(*tags[:6]))

    def edit(number: int) -> None:
        change = {"add": ids(tags[6 + number]), "remove": ids(tags[number])}
        crm.update(deal.ref, {"tags": change})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(edit, range(6)))
    assert linked(crm, deal.ref) == sorted(tag.ref.id for tag in tags[6:])
    assert crm.get(deal.ref).version == 7


def test_a_record_has_a_thousand_links(crm: Crm) -> None:
    with crm.work() as work:
        tags = create_records(work, "tag", [{"name": f"t{number:04}"} for number in range(1000)])
    deal = crm.create("deal", name="Huge", tags=ids(*tags))
    assert len(linked(crm, deal.ref)) == 1000
    crm.update(deal.ref, {"tags": {"remove": ids(*tags[:10])}})
    assert crm.names(RecordQuery("deal", rule="count(tags) = 990")) == ["Huge"]
    assert crm.names(RecordQuery("deal", rule="any(tags where name = 't0500') and not any(tags where name = 't0001')"))


def test_an_object_links_to_itself(crm: Crm) -> None:
    ada = crm.create("contact", name="Ada")
    bob = crm.create("contact", name="Bob", friends=ids(ada))
    assert crm.names(RecordQuery("contact", rule="any(friends where name = 'Ada')")) == ["Bob"]
    assert crm.names(RecordQuery("contact", rule="any(contact_friends where name = 'Bob')")) == ["Ada"]
    crm.delete(ada.ref)
    assert linked(crm, bob.ref, "friends") == []


def test_deleting_either_end_clears_the_links_and_says_so(crm: Crm) -> None:
    red, blue = crm.create("tag", name="red"), crm.create("tag", name="blue")
    deal = crm.create("deal", name="Big", tags=ids(red, blue))
    crm.delete(red.ref)
    assert linked(crm, deal.ref) == [blue.ref.id]
    assert changes(crm, deal.ref)[-1] == ("record.updated", {"tags": [ids(red, blue), ids(blue)]})
    crm.delete(deal.ref)
    name, body = changes(crm, deal.ref)[-1]
    assert (name, body["tags"]) == ("record.deleted", [ids(blue), None])
    with crm.work() as work:
        assert work.connection.exec_driver_sql("SELECT count(*) FROM data.deal__tags").scalar_one() == 0


@pytest.mark.parametrize(
    "raw", ["x", 7, [["a"]], {"add": "x"}, {"set": []}, {}, [NOBODY] * 2, {"add": [NOBODY]}], ids=repr
)
def test_nonsense_is_refused_at_the_field(crm: Crm, raw: object) -> None:
    with pytest.raises(Invalid) as refused:
        crm.create("deal", name="Big", tags=raw)
    assert {problem.path for problem in refused.value.problems} == {"tags"}
