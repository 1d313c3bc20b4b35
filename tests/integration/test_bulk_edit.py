"""Many records at once: each with the permission, gates, audit and news of a single change."""

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid, TrellisError
from crm_app.services.bulk_edit import BulkReport, Chosen, choose_records, delete_records, edit_records
from crm_app.services.record_query import Record, RecordQuery
from crm_app.services.records import create_records
from crm_app.services.timeline import timeline
from tests.builders import SYSTEM, Crm, field, object_body, role_body, select_field

STAGES = ("lead", "offer", "won")
ALL = ["read", "create", "edit", "delete"]


def business() -> Package:
    """An offer needs an amount. Reps change their team's deals and their own ones in bulk; chiefs transfer them."""
    pipeline = {
        "name": "sales",
        "label": "Sales",
        "field": "stage",
        "stages": [
            {"name": "lead"},
            {"name": "offer", "gate": {"required": ["amount"]}},
            {"name": "won", "kind": "won"},
        ],
    }
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency"),
        field("code", unique=True),
        field("secret", "text"),
        field("papers", "file"),
        field("part_of", "relation", config={"object": "deal", "on_delete": "cascade"}),
        pipelines=[pipeline],
    )
    visit = object_body("visit", field("deal", "relation", config={"object": "deal", "on_delete": "restrict"}))
    hidden = [{"object": "deal", "field": "secret", "level": "none"}]
    roles = [
        role_body(
            "rep",
            {"objects": ["deal"], "actions": ALL, "scope": "team"},
            {"objects": ["deal"], "actions": ["bulk"], "scope": "own"},
            {"objects": ["visit"], "actions": ["read", "create"]},
            field_levels=hidden,
        ),
        role_body("single", {"objects": ["deal"], "actions": ALL}),
        role_body("reader", {"objects": ["deal"], "actions": ["read", "bulk"]}),
        role_body("chief", {"objects": ["deal"], "actions": [*ALL, "bulk", "transfer"]}),
        role_body(
            "masked",
            {"objects": ["deal"], "actions": [*ALL, "bulk"]},
            field_levels=[{"object": "deal", "field": "secret", "level": "mask"}],
        ),
    ]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (deal, visit)},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    yield crm
    crm.close()


def chosen(*records: Record) -> list[Chosen]:
    return [Chosen(record.ref.id, record.version) for record in records]


def edit(crm: Crm, records: list[Chosen], actor: Any = SYSTEM, /, **values: Any) -> BulkReport:
    with crm.work(actor) as work:
        return edit_records(work, "deal", records, values)


def delete(crm: Crm, records: list[Chosen], actor: Any = SYSTEM) -> BulkReport:
    with crm.work(actor) as work:
        return delete_records(work, "deal", records)


def deals(crm: Crm, number: int, owner: UserActor | None = None, **values: Any) -> list[Record]:
    more = {"owner": str(owner.user_id)} if owner else {}
    return [crm.create("deal", name=f"Deal {index}", **more, **values) for index in range(number)]


def entries(crm: Crm, record: Record) -> list[str]:
    with crm.work() as work:
        return [entry.kind for entry in timeline(work, record.ref, 10)]


def test_each_record_is_changed_and_told_of_like_a_single_one(crm: Crm) -> None:
    one, other = deals(crm, 2, stage="lead", amount=5)
    single = crm.create("deal", name="Single", stage="lead", amount=5)
    crm.update(single.ref, {"stage": "offer"})
    report = edit(crm, chosen(one, other), stage="offer")
    assert (report.done, report.refused) == ([one.ref.id, other.ref.id], [])
    assert [crm.get(each.ref).values["stage"] for each in (one, other)] == ["offer", "offer"]
    assert crm.get(one.ref).version == 2
    assert entries(crm, one) == entries(crm, other) == entries(crm, single)


def test_a_gate_holds_for_each_record_and_keeps_no_other_back(crm: Crm) -> None:
    ready, unready = crm.create("deal", name="Ready", amount=1), crm.create("deal", name="Unready")
    report = edit(crm, chosen(unready, ready), stage="offer")
    assert report.done == [ready.ref.id]
    assert [(each.name, [p.path for p in each.problems]) for each in report.refused] == [("Unready", ["amount"])]
    assert crm.get(unready.ref).version == 1


def test_a_record_that_somebody_saved_meanwhile_is_not_overwritten(crm: Crm) -> None:
    stale, fresh = deals(crm, 2)
    picked = chosen(stale, fresh)
    crm.update(stale.ref, {"name": "Theirs"})
    report = edit(crm, picked, name="Ours")
    assert [(each.name, each.code) for each in report.refused] == [("Theirs", "stale_version")]
    assert [crm.get(each.ref).name for each in (stale, fresh)] == ["Theirs", "Ours"]
    deleted = delete(crm, picked)
    assert {each.code for each in deleted.refused} == {"stale_version"}


@pytest.mark.parametrize(
    ("role", "asked", "expected"),
    [
        ("rep", {"name": "New"}, {"own": "done", "team": "forbidden", "other": "not_found"}),
        ("rep", {"owner": "me"}, "forbidden"),
        ("rep", {"secret": "x"}, "invalid"),
        ("single", {"name": "New"}, "forbidden"),
        ("reader", {"name": "New"}, "forbidden"),
        ("masked", {"secret": "x"}, "invalid"),
        ("masked", {"name": "New"}, {"own": "done", "team": "done", "other": "done"}),
        ("chief", {"owner": "me"}, {"own": "done", "team": "done", "other": "done"}),
    ],
)
def test_who_may_change_what(crm: Crm, role: str, asked: dict[str, str], expected: dict[str, str] | str) -> None:
    me, mate, other = crm.user("Me", role, "north"), crm.user("Mate", "rep", "north"), crm.user("Bob", "rep", "south")
    owners = {"own": me, "team": mate, "other": other}
    made = {place: deals(crm, 1, owner, secret="s")[0] for place, owner in owners.items()}
    values = {name: str(me.user_id) if value == "me" else value for name, value in asked.items()}
    if isinstance(expected, str):
        with pytest.raises(TrellisError) as refused:
            edit(crm, chosen(*made.values()), me, **values)
        assert isinstance(refused.value, Invalid if expected == "invalid" else Forbidden)
        assert {crm.get(each.ref).version for each in made.values()} == {1}
        return
    report = edit(crm, chosen(*made.values()), me, **values)
    found = {each.ref.id: each.code for each in report.refused}
    assert {place: found.get(each.ref.id, "done") for place, each in made.items()} == expected
    assert [each.name for each in report.refused if each.code == "not_found"] == [""] * ("not_found" in found.values())


def test_deleting_needs_its_own_permission_for_each(crm: Crm) -> None:
    me, mate = crm.user("Me", "rep", "north"), crm.user("Mate", "rep", "north")
    mine, theirs = deals(crm, 1, me)[0], deals(crm, 1, mate)[0]
    report = delete(crm, chosen(mine, theirs), me)
    assert (report.done, [each.code for each in report.refused]) == ([mine.ref.id], ["forbidden"])
    with pytest.raises(Forbidden):
        delete(crm, chosen(theirs), crm.user("Reader", "reader"))


def test_what_can_not_be_for_any_record_is_refused_before_the_first(crm: Crm) -> None:
    made = chosen(*deals(crm, 2))
    for values in ({}, {"nonsense": 1}, {"stage": "almost"}, {"papers": [{"id": str(uuid4())}]}):
        with pytest.raises(Invalid):
            edit(crm, made, **values)
    with pytest.raises(Invalid):
        edit(crm, [made[0], made[0]], name="Twice")
    with pytest.raises(Invalid):
        edit(crm, [], name="None")
    with pytest.raises(Invalid):
        edit(crm, [Chosen(uuid4()) for _ in range(1_001)], name="Too many")
    assert crm.names(RecordQuery("deal")) == ["Deal 1", "Deal 0"]


def test_a_unique_value_goes_to_one_record_and_the_others_say_why(crm: Crm) -> None:
    first, second = deals(crm, 2)
    report = edit(crm, chosen(first, second), code="A1")
    assert (report.done, [each.problems[0].path for each in report.refused]) == ([first.ref.id], ["code"])
    assert crm.get(second.ref).values["code"] is None


def test_of_a_refused_record_nothing_is_told(crm: Crm) -> None:
    """Its part would go first; that the visit then forbids it all must not leave half a story."""
    whole = crm.create("deal", name="Whole")
    part = crm.create("deal", name="Part", part_of=str(whole.ref.id))
    crm.create("visit", name="Visit", deal=str(whole.ref.id))
    free = crm.create("deal", name="Free")
    report = delete(crm, chosen(whole, free))
    assert (report.done, [each.name for each in report.refused]) == ([free.ref.id], ["Whole"])
    assert crm.get(part.ref).version == 1
    assert len(entries(crm, part)) == 1


def test_a_record_that_goes_with_another_chosen_one_is_done(crm: Crm) -> None:
    whole = crm.create("deal", name="Whole")
    part = crm.create("deal", name="Part", part_of=str(whole.ref.id))
    report = delete(crm, chosen(whole, part))
    assert (len(report.done), report.refused) == (2, [])
    assert crm.count(RecordQuery("deal")) == 0


def test_a_failure_in_the_middle_leaves_everything_as_it_was(crm: Crm) -> None:
    made = deals(crm, 2)

    def fail() -> None:
        with crm.work() as work:
            edit_records(work, "deal", chosen(*made), {"name": "New"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert {crm.get(each.ref).version for each in made} == {1}


def test_a_thousand_are_changed_together_in_seconds(crm: Crm) -> None:
    with crm.work() as work:
        create_records(work, "deal", [{"name": f"Deal {number}", "amount": 1} for number in range(1_000)])
    with crm.work() as work:
        found = choose_records(work, RecordQuery("deal", rule="amount = 1 USD"))
    started = time.monotonic()
    report = edit(crm, found, stage="offer")
    took = time.monotonic() - started
    print(f"1,000 records changed in {took:.2f} s")  # noqa: T201 - the figure is what one runs this for
    assert len(report.done) == 1_000
    assert crm.count(RecordQuery("deal", rule="stage = 'offer'")) == 1_000
    assert took < 20
