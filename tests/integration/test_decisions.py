"""Decision tables at work: published, asked by every kind of rule, the same in the database and out of it."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.automation.rules import rules_of
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid
from crm_app.rules.errors import RuleError
from crm_app.services.definitions import How, plan, publish
from crm_app.services.impact import impact
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.renames import rename
from tests.builders import STAGES, Crm, field, object_body, role_body, select_field

ROWS = (
    (">= 1000 USD", "'Bonn', 'Ulm'", "20"),
    (">= 1000 USD", "-", "10"),
    ("between 100 USD and 999.99 USD", "-", "5"),
)


def table(*rows: tuple[str, ...], name: str = "discount", **more: Any) -> Package:
    body = {
        "format_version": 1,
        "name": name,
        "label": name.capitalize(),
        "object": "deal",
        "inputs": [{"rule": "amount"}, {"rule": "company.city", "label": "City"}],
        "rows": [{"when": list(row[:-1]), "then": row[-1]} for row in rows or ROWS],
        **({"otherwise": "0"} if more.get("hit", "first") == "first" else {}),
        **more,
    }
    return load_package({"decisions": {f"decisions/{name}.json": body}})


def business() -> Package:
    company = object_body("company", field("city"))
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency"),
        field("discount", "number"),
        field("company", "relation", config={"object": "company"}),
    )
    grants = {"objects": ["deal", "company"], "actions": ["read", "create", "edit"]}
    blind = role_body("blind", grants, field_levels=[{"object": "company", "field": "city", "level": "none"}])
    bodies = {f"objects/{body['name']}.json": body for body in (company, deal)}
    return load_package({"objects": bodies, "roles": {"roles/blind.json": blind}})


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    crm.publish(table())
    yield crm
    crm.close()


def _with_check(crm: Crm, when: str) -> None:
    with crm.work() as work:
        body = work.definition("deal").canonical()
    body = {**body, "validation_rules": [{"when": when, "message": "Too much off."}]}
    crm.publish(load_package({"objects": {"objects/deal.json": body}}))


def test_lists_and_checks_ask_a_table_and_get_the_same_answer(crm: Crm) -> None:
    _with_check(crm, "discount > decision('discount')")
    bonn = crm.create("company", name="B", city="Bonn")
    for amount, city, highest in ((2000, True, 20), (2000, False, 10), (500, True, 5), (50, True, 0), (None, True, 0)):
        there = {"company": str(bonn.ref.id)} if city else {}
        name = f"{amount} {city}"
        with pytest.raises(Invalid, match="Too much off"):
            crm.create("deal", name=name, amount=amount and str(amount), discount=str(highest + 1), **there)
        crm.create("deal", name=name, amount=amount and str(amount), discount=str(highest), **there)
        with crm.work() as work:
            rule = f"decision('discount') = {highest} and name = '{name}'"
            assert [each.name for each in list_records(work, RecordQuery("deal", rule=rule)).records] == [name]


def test_what_is_collected_is_the_same_in_the_database(crm: Crm) -> None:
    rows = ((">= 10 USD", "-", "'large'"), (">= 100 USD", "-", "'huge'"), ("-", "is empty", "'lost'"))
    crm.publish(table(*rows, name="tags", hit="collect"))
    crm.publish(table((">= 10 USD", "-", "2"), (">= 100 USD", "-", "3"), name="score", hit="collect", combine="sum"))
    crm.publish(table((">= 10 USD", "-", "2"), (">= 100 USD", "-", "3"), name="many", hit="collect", combine="count"))
    crm.create("deal", name="a", amount="500")
    crm.create("deal", name="b", amount="50")

    def named(rule: str) -> list[str]:
        with crm.work() as work:
            return sorted(each.name for each in list_records(work, RecordQuery("deal", rule=rule)).records)

    assert named("decision('tags') contains 'huge'") == ["a"]
    assert named("decision('tags') not contains 'huge'") == ["b"]
    assert named("decision('score') = 5") == ["a"]
    assert named("decision('many') = 1") == ["b"]
    assert named("count(decision('tags')) = 2") == ["b"]


def test_a_table_that_is_to_have_one_row_for_each_record_is_refused_with_one_for_which_it_has_two(crm: Crm) -> None:
    with pytest.raises(Invalid) as found:
        crm.publish(table(("< 10 USD", "-", "1"), ("> 5 USD", "'Bonn'", "2"), name="fee", hit="unique"))
    [problem] = found.value.problems
    assert problem.path == "decisions/fee/rows/1/when"
    assert problem.message.startswith("A record with Amount 7.5 USD, Company")
    assert problem.message.endswith("would be in row 1, too.")


@pytest.mark.parametrize(
    ("rows", "path", "said"),
    [
        ((("> 5", "-", "1"),), "decisions/fee/rows/0/when/0", "is money"),
        ((("-", "-", "1"), ("-", "-", "'x'")), "decisions/fee", "row 1 gives int, row 2 gives text"),
        ((("-", "1"),), "decisions/fee/rows/0/when", "2 conditions, one for each input; this one has 1"),
        ((("-", "-", "amont"),), "decisions/fee/rows/0/then", "no field 'amont'"),
    ],
)
def test_a_table_that_is_wrong_is_refused_at_its_place(
    crm: Crm, rows: tuple[tuple[str, ...], ...], path: str, said: str
) -> None:
    with pytest.raises(Invalid) as found:
        crm.publish(table(*rows, name="fee"))
    assert [(problem.path, said in problem.message) for problem in found.value.problems] == [(path, True)]


def test_a_plan_tells_of_gaps_and_of_rows_that_are_never_reached(crm: Crm) -> None:
    rows = ((">= 0 USD", "-", "1"), (">= 5 USD", "'Bonn'", "2"))
    with crm.work() as work:
        [change] = plan(work, table(*rows, name="fee", otherwise=""))
    assert change.notes[0] == "Row 2 is never reached: the rows before it take all of it."
    assert change.notes[1].startswith("No row is for a record with Amount minus 1 USD, Company")


def test_a_rename_is_followed_into_cells_and_what_a_table_names_counts_as_its_use(crm: Crm) -> None:
    _with_check(crm, "discount > decision('discount')")
    crm.publish(table(("if amount > 5 USD", "in [name]", "1"), ("amount", "is empty", "2"), name="other"))
    with crm.work() as work:
        uses = [use.path for use in impact(work, ("company", "city"), rules_of)]
        assert {"decisions/discount/inputs/1/rule", "objects/deal/validation_rules/0/when"} <= set(uses)
        after = rename(work, Package(), "objects/deal/fields/amount", "price", rules_of)
        body = next(each for each in after.decisions if each.name == "other").canonical()
        assert body["inputs"][0]["rule"] == "price"
        assert [row["when"] for row in body["rows"]] == [["if price > 5 USD", "in [name]"], ["in [price]", "is empty"]]
        publish(work, after, (), How())


def test_a_table_that_a_rule_asks_can_not_be_archived(crm: Crm) -> None:
    _with_check(crm, "discount > decision('discount')")
    with pytest.raises(Invalid, match="There is no decision table 'discount'"):
        crm.publish(table(archived=True))


def test_whoever_may_not_see_what_a_table_names_can_not_ask_it(crm: Crm) -> None:
    with crm.work(crm.user("Ben", "blind")) as work, pytest.raises(RuleError) as found:
        list_records(work, RecordQuery("deal", rule="decision('discount') = 10"))
    assert "city" not in str(found.value)
