"""A field gets another type: its values are written in it, or listed before anything changes."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid
from crm_app.services.definitions import How, plan, publish, revert
from crm_app.services.record_editor import StaleVersion
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.retyping import CannotConvert
from tests.builders import Crm, field, object_body, select_field
from tests.integration.test_publish import objects

OPTIONS = ("red", "green")


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def thing(*fields: dict[str, Any]) -> Package:
    return objects(object_body("thing", *fields))


def typed(type_name: str, **more: Any) -> dict[str, Any]:
    if type_name in ("select", "multi_select"):
        return {**select_field("x", OPTIONS), "type": type_name}
    return field("x", type_name, **more)


@pytest.mark.parametrize(
    ("old", "value", "new", "expected"),
    [
        ("text", "1,234", "number", 1234),
        ("number", 1234, "text", "1234"),
        ("select", "red", "multi_select", ["red"]),
        ("text", "Green", "select", "green"),
        ("select", "red", "text", "Red"),
        ("date", "2026-01-31", "datetime", "2026-01-31T00:00:00Z"),
        ("datetime", "2026-01-31T09:00Z", "date", "2026-01-31"),
        ("currency", "12.50 USD", "text", "12.50 USD"),
        ("text", "12.50 EUR", "currency", {"amount": "12.50", "currency": "EUR"}),
        ("number", 7, "percent", "7.00"),
        ("boolean", True, "text", "Yes"),
        ("text", "a@example.com", "email", "a@example.com"),
        ("multi_select", ["red", "green"], "text", "Red; Green"),
    ],
)
def test_a_value_is_written_in_the_new_type(crm: Crm, old: str, value: Any, new: str, expected: Any) -> None:
    crm.publish(thing(typed(old)))
    record = crm.create("thing", name="One", x=value)
    empty = crm.create("thing", name="None")
    crm.publish(thing(typed(new)))
    with crm.work() as work:
        definition = work.catalog.by_name["thing"].all_fields["x"]
    assert definition.dump(crm.get(record.ref).values["x"]) == expected
    assert crm.get(empty.ref).values["x"] is None


def test_the_plan_counts_what_converts_and_names_what_can_not(crm: Crm) -> None:
    crm.publish(thing(typed("text")))
    for index in range(30):
        crm.create("thing", name=f"Bad {index}", x="many")
    crm.create("thing", name="Good", x="12")
    with crm.work() as work:
        (change,) = plan(work, thing(typed("number")))
    assert str(change) == "retype objects/thing/fields/x  (destructive: 31 records)"
    assert change.notes[0] == "1 value converts, 30 can't."
    assert change.notes[1] == "'Bad 0' holds 'many': 'many' is not a number."
    assert change.notes[21:] == ("… and 10 more", "Seen by 0 people in 1 role: Administrator.")


def test_nothing_changes_while_a_value_can_not_be_converted(crm: Crm) -> None:
    crm.publish(thing(typed("text")))
    good, bad = crm.create("thing", name="Good", x="12"), crm.create("thing", name="Bad", x="many")
    with pytest.raises(CannotConvert, match="'Bad' holds 'many'"):
        crm.publish(thing(typed("number")))
    assert crm.get(bad.ref).values["x"] == "many"
    with crm.work() as work:
        publish(work, thing(typed("number")), (), How(set_empty=True))
    assert [crm.get(record.ref).values["x"] for record in (good, bad)] == [12, None]
    assert crm.update(good.ref, {"x": 13}).values["x"] == 13
    assert crm.names(RecordQuery("thing", rule="x > 5", sort=(Sort("x"),))) == ["Good"]


def test_going_back_restores_what_was_except_where_it_has_changed_since(crm: Crm) -> None:
    crm.publish(thing(typed("text")))
    with crm.work() as work:
        version = work.schema.version
    same = crm.create("thing", name="Same", x="1,000")
    lost = crm.create("thing", name="Lost", x="many")
    new = crm.create("thing", name="New", x="1")
    with crm.work() as work:
        publish(work, thing(typed("number")), (), How(set_empty=True))
    crm.update(new.ref, {"x": 2})
    late = crm.create("thing", name="Late", x=3)
    with crm.work() as work:
        revert(work, version)
    assert [crm.get(record.ref).values["x"] for record in (same, lost, new, late)] == ["1,000", "many", "2", "3"]
    crm.publish(thing(typed("text")))
    with crm.work() as work:
        publish(work, thing(typed("number")), (), How(set_empty=True))
    assert crm.get(new.ref).values["x"] == 2


def test_money_in_a_foreign_currency_is_no_number(crm: Crm) -> None:
    crm.publish(thing(typed("currency")))
    crm.create("thing", name="Home", x="12 USD")
    crm.create("thing", name="Abroad", x="12 EUR")
    with pytest.raises(CannotConvert, match="'Abroad' holds '12 EUR'"):
        crm.publish(thing(typed("number")))


def test_what_points_at_records_has_no_other_type(crm: Crm) -> None:
    crm.publish(thing(field("x", "relation", config={"object": "company"})))
    with pytest.raises(CannotConvert, match="relation can't become text"):
        crm.publish(thing(typed("text")))


def test_a_rule_that_no_longer_fits_is_named(crm: Crm) -> None:
    view = {"format_version": 1, "name": "v", "label": "V", "object": "thing", "filter": "x contains 'a'"}
    crm.publish(objects(object_body("thing", typed("text")), views={"views/v.json": view}))
    with pytest.raises(Invalid, match="views/v/filter"):
        crm.publish(thing(typed("number")))


def test_values_that_become_the_same_are_refused_where_they_must_differ(crm: Crm) -> None:
    crm.publish(thing(typed("text", unique=True)))
    crm.create("thing", name="A", x="1")
    crm.create("thing", name="B", x="1.0")
    with pytest.raises(CannotConvert, match="the field is unique"):
        crm.publish(thing(typed("number", unique=True)))
    assert crm.count(RecordQuery("thing", rule="x = '1.0'")) == 1


def test_the_plan_says_what_names_the_field(crm: Crm) -> None:
    view = {"format_version": 1, "name": "v", "label": "V", "object": "thing", "sort": [{"field": "x"}]}
    crm.publish(objects(object_body("thing", typed("text")), views={"views/v.json": view}))
    with crm.work() as work:
        (change,) = plan(work, thing(typed("number")))
    assert change.notes == (
        "0 values convert, 0 can't.",
        "Seen by 0 people in 1 role: Administrator.",
        "Touches 1 view.",
        "Named by View V: order (views/v/sort/0/field).",
    )


def test_a_conflict_over_a_time_before_the_conversion_is_still_told(crm: Crm) -> None:
    crm.publish(thing(typed("text")))
    ref = crm.create("thing", name="a", x="many").ref
    crm.update(ref, {"x": "5"})
    with crm.work() as work:
        publish(work, thing(typed("number")))
    with pytest.raises(StaleVersion) as refused:
        crm.update(ref, {"x": 6}, version=1)
    assert refused.value.details["fields"]["x"]["original"] is None


def renamed_and_retyped(**how: Any) -> Package:
    return thing({**field("y", "number"), **how})


@pytest.mark.parametrize("how", [{"column": "x"}, {"former_names": ["x"]}, {"column": "x", "former_names": ["x"]}])
def test_a_new_name_and_a_new_type_together_keep_the_values(crm: Crm, how: dict[str, Any]) -> None:
    crm.publish(thing(typed("text")))
    with crm.work() as work:
        version = work.schema.version
    ref = crm.create("thing", name="a", x="1,234").ref
    changed = crm.create("thing", name="b", x="5").ref
    with crm.work() as work:
        changes = plan(work, renamed_and_retyped(**how))
    assert [str(change) for change in changes] == [
        "rename objects/thing/fields/x → objects/thing/fields/y",
        "retype objects/thing/fields/y  (destructive: 2 records)",
    ]
    assert changes[1].notes[0] == "2 values convert, 0 can't."
    crm.publish(renamed_and_retyped(**how))
    assert crm.get(ref).values["y"] == 1234
    crm.update(changed, {"y": 6})
    with crm.work() as work:
        definition = work.schema.stored.by_name["thing"]
        assert [each.name for each in definition.fields] == ["name", "y"]
        assert plan(work, renamed_and_retyped(**how)) == []
        revert(work, version)
    assert [crm.get(each).values["x"] for each in (ref, changed)] == ["1,234", "6"]


def test_a_new_name_and_a_type_that_can_not_be_had_are_refused(crm: Crm) -> None:
    crm.publish(thing(field("x", "relation", config={"object": "company"})))
    with pytest.raises(CannotConvert, match="relation can't become number"):
        crm.publish(renamed_and_retyped(column="x"))
