"""What a reader can't see of a relation is nothing to them: in groups, conditions, rules and sorts."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import UserActor
from crm_app.rules.errors import RuleError
from crm_app.services.field_history import field_history
from crm_app.services.lists import aggregate_records, list_records
from crm_app.services.record_query import Condition, Record, RecordQuery, Sort
from crm_app.services.role_people import give_role
from tests.builders import SYSTEM, Crm, field, object_body, role_body
from tests.integration.linked import EVERYTHING, linked_crm


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    with linked_crm(database_url) as crm:
        yield crm


@pytest.fixture
def ann(crm: Crm) -> UserActor:
    return crm.user("Ann", team="north")


@pytest.fixture
def screws(crm: Crm, ann: UserActor) -> dict[str, Record]:
    """Everybody sees the screws; Ann sees her own part, and not that of the other team."""
    company = str(crm.create("company", name="Acme").ref.id)
    hers = crm.create("part", ann, name="Hers", company=company)
    his = crm.create("part", crm.user("Bob", team="south"), name="His", company=company)
    crm.create("screw", name="of hers", part=str(hers.ref.id))
    crm.create("screw", name="of his", part=str(his.ref.id))
    crm.create("screw", name="of none")
    return {"hers": hers, "his": his}


def publish(crm: Crm, **bodies: dict[str, Any]) -> None:
    """One more definition of each kind, beside those that are there."""
    crm.publish(load_package({kind: {f"{kind}/{body['name']}.json": body} for kind, body in bodies.items()}))


def groups(crm: Crm, actor: Any) -> dict[Any, int]:
    with crm.work(actor) as work:
        return {group.key: group.count for group in aggregate_records(work, RecordQuery("screw"), "part")}


def test_groups_by_a_relation_put_what_is_unseen_under_nothing(
    crm: Crm, ann: UserActor, screws: dict[str, Record]
) -> None:
    hers, his = screws["hers"].ref.id, screws["his"].ref.id
    assert groups(crm, SYSTEM) == {hers: 1, his: 1, None: 1}
    assert groups(crm, ann) == {hers: 1, None: 2}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("part is empty", ["of his", "of none"]),
        ("part is not empty", ["of hers"]),
        ("part = '{his}'", []),
        ("part != '{hers}'", []),
        ("part in ['{his}', '{hers}']", ["of hers"]),
        ("not (part = '{his}')", ["of hers"]),
        ("part = '{hers}'", ["of hers"]),
        ("part.name = 'His'", []),
        ("part.company is empty", ["of his", "of none"]),
    ],
)
def test_a_rule_reads_an_unseen_target_as_nothing(
    crm: Crm, ann: UserActor, screws: dict[str, Record], rule: str, expected: list[str]
) -> None:
    ids = {name: str(record.ref.id) for name, record in screws.items()}
    assert sorted(crm.names(RecordQuery("screw", rule=rule.format(**ids)), ann)) == expected


def test_conditions_agree_with_the_values_that_the_reader_sees(
    crm: Crm, ann: UserActor, screws: dict[str, Record]
) -> None:
    def listed(operator: str, value: Any = None) -> list[str]:
        return sorted(crm.names(RecordQuery("screw", (Condition("part", operator, value),)), ann))

    assert listed("is_empty") == ["of his", "of none"]
    assert listed("is_not_empty") == ["of hers"]
    assert listed("eq", str(screws["his"].ref.id)) == []
    assert listed("eq", str(screws["hers"].ref.id)) == ["of hers"]
    assert crm.count(RecordQuery("screw", (Condition("part", "is_empty"),)), ann) == len(listed("is_empty"))


@pytest.mark.parametrize("descending", [True, False])
def test_sorted_by_a_relation_what_is_unseen_comes_last_like_nothing(
    crm: Crm, ann: UserActor, screws: dict[str, Record], descending: bool
) -> None:
    names, cursor = list[str](), ""
    for _ in range(len(screws) + 1):
        with crm.work(ann) as work:
            page = list_records(work, RecordQuery("screw", sort=(Sort("part", descending),), limit=1, cursor=cursor))
        names, cursor = [*names, page.records[0].name], page.next_cursor
    unseen = ["of his", "of none"]
    assert names == ["of hers", *(reversed(unseen) if descending else unseen)]
    assert cursor == ""


def test_what_is_brought_along_points_at_nothing_unseen(crm: Crm, ann: UserActor, screws: dict[str, Record]) -> None:
    """Nor does the field's history tell that it pointed there."""
    memo = object_body("memo", field("screw", "relation", config={"object": "screw"}))
    publish(crm, objects=memo, roles=role_body("clerk", {"objects": ["memo"], "actions": EVERYTHING}))
    with crm.work() as work:
        give_role(work, "clerk", ann.user_id)
        names = ("of hers", "of his")
        found = {each.name: each.ref for each in list_records(work, RecordQuery("screw")).records}
    for name in names:
        crm.create("memo", name=name, screw=str(found[name].id))
    for actor, shown in ((SYSTEM, {"of hers": "hers", "of his": "his"}), (ann, {"of hers": "hers", "of his": ""})):
        with crm.work(actor) as work:
            for record in list_records(work, RecordQuery("memo", expand=("screw",))).records:
                part = screws[shown[record.name]].ref.id if shown[record.name] else None
                assert record.references["screw"].values["part"] == part
            past = {name: len(field_history(work, found[name], "part")) for name in names}
            assert past == {name: int(bool(shown[name])) for name in names}


def test_a_relation_to_several_objects_is_empty_where_its_target_is_unseen(crm: Crm) -> None:
    memo = object_body("memo", field("about", "relation", config={"objects": ["tag", "contact"]}))
    grants = [{"objects": ["memo", "tag"], "actions": EVERYTHING}]
    grants += [{"objects": ["contact"], "actions": EVERYTHING, "scope": "team"}]
    publish(crm, objects=memo, roles=role_body("clerk", *grants))
    ann, bob = crm.user("Ann", "clerk", "north"), crm.user("Bob", "clerk", "south")
    tag, his = crm.create("tag", name="red"), crm.create("contact", bob, name="His")
    hers = crm.create("contact", ann, name="Hers")
    for name, about in {"t": ("tag", tag), "his": ("contact", his), "hers": ("contact", hers)}.items():
        crm.create("memo", name=name, about=f"{about[0]}:{about[1].ref.id}")
    assert crm.names(RecordQuery("memo", rule="about is empty"), ann) == ["his"]
    assert sorted(crm.names(RecordQuery("memo", rule="about is not empty"), ann)) == ["hers", "t"]


@pytest.mark.parametrize("level", ["none", "mask"])
def test_a_closed_relation_is_no_way_back_either(crm: Crm, level: str) -> None:
    closing = [{"object": "deal", "field": name, "level": level} for name in ("company", "tags")]
    objects = ["company", "deal", "tag"]
    reader = role_body("reader", {"objects": objects, "actions": ["read"]}, field_levels=closing)
    publish(crm, roles=reader)
    eve = crm.user("Eve", "reader")
    acme, red = crm.create("company", name="Acme"), crm.create("tag", name="red")
    crm.create("deal", name="Big", company=str(acme.ref.id), tags=[str(red.ref.id)])
    for name, rule in {"company": "any(deal_company where name = 'Big')", "tag": "count(deal_tags) > 0"}.items():
        assert len(crm.names(RecordQuery(name, rule=rule))) == 1
        with pytest.raises(RuleError, match="has no field 'deal_"):
            crm.names(RecordQuery(name, rule=rule), eve)
