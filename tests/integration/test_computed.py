"""Formulas and rollups: worked out whenever they are read, the same in SQL and in Python, and never more than the
reader may see.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid
from crm_app.kernel.money import Money
from crm_app.services.definitions import plan, publish
from crm_app.services.lists import aggregate_records, list_records
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.record_rules import RecordRules
from crm_app.services.renames import no_rules, rename
from tests.builders import Crm, field, object_body, role_body, select_field

STAGES = ("open", "won", "lost")
WEIGHTED = "amount * (if stage = 'won' then 100 else if stage = 'open' then 40 else 0) / 100"


def formula(name: str, text: str, **more: Any) -> dict[str, Any]:
    return field(name, "formula", config={"formula": text, **more})


def rollup(name: str, function: str, of: str = "", **more: Any) -> dict[str, Any]:
    config = {"relation": "sale_firm", "function": function, **({"field": of} if of else {}), **more}
    return field(name, "rollup", config=config)


FIRM = (
    field("city"),
    field("parent", "relation", config={"object": "firm"}),
    rollup("sales", "count"),
    rollup("won", "sum", "amount", where="stage = 'won'"),
    rollup("likely", "sum", "weighted"),
    rollup("average", "avg", "share"),
    rollup("latest", "max", "closes"),
    formula("is_big", "won >= 100 USD"),
    formula("ratio", "sales / 3", decimals=4),
)
SALE = (
    select_field("stage", STAGES),
    field("amount", "currency"),
    field("share", "number", config={"decimals": 2}),
    field("firm", "relation", config={"object": "firm"}),
    field("closes", "date"),
    formula("weighted", WEIGHTED),
    formula("half", "weighted / 2"),
    formula("city", "firm.city"),
    formula("firm_won", "firm.won"),
    formula("stage_again", "stage"),
    formula("days", "closes - @2026-01-01"),
    formula("label", "name & ' in ' & coalesce(firm.city, '-')"),
)


def package(firm: tuple[Any, ...] = FIRM, sale: tuple[Any, ...] = SALE, **more: Any) -> Package:
    everything = ["read", "create", "edit", "delete"]
    rep = role_body(
        "rep",
        {"objects": ["firm"], "actions": everything},
        {"objects": ["sale"], "actions": everything, "scope": "own"},
    )
    blind = role_body(
        "blind",
        {"objects": ["firm", "sale"], "actions": everything},
        field_levels=[{"object": "sale", "field": "amount", "level": "none"}],
    )
    roles = {f"roles/{body['name']}.json": body for body in (rep, blind)}
    return load_package({"objects": objects(firm, sale, **more), "roles": roles})


def objects(firm: tuple[Any, ...], sale: tuple[Any, ...], **more: Any) -> dict[str, dict[str, Any]]:
    bodies = (object_body("firm", *firm), object_body("sale", *sale, **more))
    return {f"objects/{body['name']}.json": body for body in bodies}


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    made = Crm(database_url, package())
    yield made
    made.close()


def sales(crm: Crm, firm: Any, *amounts: tuple[str, str], **more: Any) -> list[Any]:
    return [
        crm.create("sale", name=f"s{at}", stage=stage, amount=amount, firm=str(firm.ref.id), share="1.25", **more)
        for at, (stage, amount) in enumerate(amounts)
    ]


def test_they_are_worked_out_when_a_record_is_written_read_and_listed(crm: Crm) -> None:
    firm = crm.create("firm", name="Acme", city="Bonn")
    assert (firm.values["sales"], firm.values["won"], firm.values["is_big"]) == (0, None, None)
    made = sales(crm, firm, ("won", "100"), ("open", "50.05"), ("lost", "7"), closes="2026-01-31")
    assert made[1].values["weighted"] == Money(Decimal("20.02"), "USD")
    assert made[1].values["half"] == Money(Decimal("10.01"), "USD")
    assert made[1].values["label"] == "s1 in Bonn"
    assert made[1].values["days"].days == 30
    read = crm.get(firm.ref).values
    assert (read["sales"], read["won"], read["is_big"]) == (3, Money(Decimal(100), "USD"), True)
    assert (read["likely"], read["average"]) == (Money(Decimal("120.02"), "USD"), Decimal("1.25"))
    assert read["ratio"] == Decimal(1)
    with crm.work() as work:
        page = list_records(work, RecordQuery("sale", sort=(Sort("weighted"),), fields=("name", "weighted", "city")))
    assert [record.name for record in page.records] == ["s2", "s1", "s0"]
    assert {record.values["city"] for record in page.records} == {"Bonn"}


def test_lists_filter_sort_page_group_and_sum_by_them(crm: Crm) -> None:
    first, second = crm.create("firm", name="A"), crm.create("firm", name="B")
    crm.create("firm", name="C")
    sales(crm, first, ("won", "100"), ("won", "200"))
    sales(crm, second, ("won", "10"))
    assert crm.names(RecordQuery("firm", (Condition("won", "gt", "50"),))) == ["A"]
    assert crm.names(RecordQuery("firm", (Condition("sales", "eq", "0"),))) == ["C"]
    assert crm.names(RecordQuery("firm", rule="is_big and sales > 1")) == ["A"]
    assert crm.names(RecordQuery("firm", sort=(Sort("won", descending=True),))) == ["A", "B", "C"]
    found: list[str] = []
    cursor = ""
    while cursor or not found:
        query = RecordQuery("firm", sort=(Sort("won"),), limit=1, cursor=cursor, fields=("name", "won"))
        with crm.work() as work:
            page = list_records(work, query)
        found, cursor = [*found, page.records[0].name], page.next_cursor
    assert found == ["B", "A", "C"]
    with crm.work() as work:
        groups = aggregate_records(work, RecordQuery("sale"), "stage_again", ("weighted", "half"))
        by_sales = {group.key: group.count for group in aggregate_records(work, RecordQuery("firm"), "sales")}
    assert [(group.key, group.sums["weighted"]) for group in groups] == [("won", {"USD": Decimal(310)})]
    assert by_sales == {0: 1, 1: 1, 2: 1}


def test_nobody_sets_one(crm: Crm) -> None:
    with pytest.raises(Invalid) as refused:
        crm.create("sale", name="x", weighted="5")
    assert refused.value.problems[0].message == "Weighted is worked out from other fields, so it can't be set."


def test_a_rollup_counts_what_its_reader_may_see(crm: Crm) -> None:
    ann, bob = crm.user("Ann"), crm.user("Bob")
    firm = crm.create("firm", name="Acme")
    for actor in (ann, ann, bob):
        crm.create("sale", actor, name="x", stage="won", amount="10", firm=str(firm.ref.id))
    assert [crm.get(firm.ref, actor).values["sales"] for actor in (ann, bob)] == [2, 1]
    assert crm.names(RecordQuery("firm", (Condition("sales", "ge", "2"),)), bob) == []


def test_who_may_not_see_a_field_does_not_see_what_is_worked_out_from_it(crm: Crm) -> None:
    eve = crm.user("Eve", role="blind")
    firm = crm.create("firm", name="Acme")
    (sale,) = sales(crm, firm, ("won", "100"))
    assert {"weighted", "half", "firm_won"}.isdisjoint(crm.get(sale.ref, eve).values)
    assert {"won", "likely", "is_big"}.isdisjoint(crm.get(firm.ref, eve).values)
    assert crm.get(firm.ref, eve).values["sales"] == 1
    for query in (RecordQuery("firm", rule="is_big"), RecordQuery("firm", sort=(Sort("won"),))):
        with pytest.raises(Invalid, match=r"no field"):
            crm.names(query, eve)


def test_rules_in_python_and_lists_in_sql_agree_about_them(crm: Crm) -> None:
    firms = [crm.create("firm", name="A", city="Ulm"), crm.create("firm", name="B")]
    sales(crm, firms[0], ("won", "33.33"), ("open", "66.67"), ("lost", "1"), closes="2026-03-01")
    sales(crm, firms[1], ("open", "-0.05"))
    for name in ("firm", "sale"):
        with crm.work() as work:
            definition = work.definition(name)
            rules = RecordRules(work, definition)
            for record in list_records(work, RecordQuery(name)).records:
                stored = work.records.fetch(name, [record.ref.id], work.reach("read", name))[record.ref.id]
                inputs = rules.inputs(stored.values, record.ref.id)
                for each in definition.computed_fields:
                    compiled = work.schema.rules.of(name, each.name, None)
                    assert compiled.value(inputs) == record.values[each.name], each.name


def test_validation_rules_and_what_was_before_know_them(database_url: str) -> None:
    checks = [
        {"when": "weighted > 1000 USD", "message": "Too big."},
        {"when": "old.half > half", "message": "Never less."},
        {"when": "firm.sales > 2", "message": "Enough."},
    ]
    crm = Crm(database_url, package(validation_rules=checks))
    firm = crm.create("firm", name="Acme")
    with pytest.raises(Invalid, match=r"Nothing was saved"):
        sales(crm, firm, ("won", "1001"))
    (sale,) = sales(crm, firm, ("won", "900"))
    with pytest.raises(Invalid) as refused:
        crm.update(sale.ref, {"amount": "800"})
    assert [problem.message for problem in refused.value.problems] == ["Never less."]
    assert crm.update(sale.ref, {"amount": "950"}).values["half"] == Money(Decimal(475), "USD")
    crm.close()


def test_a_rename_rewrites_them_and_what_they_use_is_not_archived(crm: Crm) -> None:
    with crm.work() as work:
        renamed = rename(work, Package(), "objects/sale/fields/amount", "value", no_rules)
        publish(work, renamed)
    with crm.work() as work:
        fields = work.definition("sale").all_fields
        assert "value * (if" in fields["weighted"].config["formula"]
        assert work.definition("firm").all_fields["won"].config["field"] == "value"
        publish(work, rename(work, Package(), "objects/sale/fields/firm", "customer", no_rules))
    with crm.work() as work:
        assert work.definition("firm").all_fields["sales"].config["relation"] == "sale_customer"
        assert work.definition("sale").all_fields["firm_won"].config["formula"] == "customer.won"
        sale = work.catalog.by_name["sale"]
        stored = next(each for each in work.schema.stored.objects if each.name == "sale")
        gone = [changed(each, archived=True) if each.name == "value" else each for each in stored.fields]
        with pytest.raises(Invalid) as refused:
            publish(work, Package.of({"objects": [changed(stored, fields=tuple(gone))]}))
    assert sale.all_fields["weighted"].is_computed
    assert [problem.path for problem in refused.value.problems] == ["objects/firm/fields/won/config/field"]


def test_a_changed_formula_gives_another_value_at_once_and_destroys_nothing(crm: Crm) -> None:
    sale = crm.create("sale", name="x", amount="100", stage="open")
    changes = tuple(formula("weighted", "amount * 2") if each["name"] == "weighted" else each for each in SALE)
    after = load_package({"objects": objects(FIRM, changes)})
    with crm.work() as work:
        planned = plan(work, after)
    assert [(change.kind, change.path, change.is_destructive) for change in planned] == [
        ("change", "objects/sale/fields/weighted", False)
    ]
    crm.publish(after)
    assert crm.get(sale.ref).values["weighted"] == Money(Decimal(200), "USD")
