"""Lists filtered, sorted and grouped by rollups, which work them out in one pass, say what a record alone does."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import Actor, UserActor
from crm_app.kernel.money import Money
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.lists import aggregate_records, count_records, list_records
from crm_app.services.record_query import Condition, Record, RecordQuery, Sort
from tests.builders import SYSTEM, Crm, field, object_body, role_body, select_field

ROLLUPS = ("lines", "won", "open_lines", "average", "latest", "first_name", "longest", "tagged")

RULES = {
    "lines > 1": "ab",
    "lines = 0": "d",
    "won = 10 EUR": "a",
    "tagged >= 1 and open_lines = 1": "a",
    "lines > 1 and city = 'City b'": "b",
    "lines = 1 or tagged = 6": "bc",
    "count(line_firm as l where l.share > 1 and city is not empty) > 0": "abc",
}


def rollup(name: str, function: str, of: str = "", where: str = "", relation: str = "line_firm") -> dict[str, Any]:
    config = {"relation": relation, "function": function, **({"field": of} if of else {}), "where": where}
    return field(name, "rollup", config=config)


def business() -> Package:
    bodies = (
        object_body("tag", field("weight", "number")),
        object_body(
            "firm",
            field("city"),
            field("tags", "many_to_many", config={"object": "tag"}),
            rollup("lines", "count"),
            rollup("won", "sum", "amount", "stage = 'won'"),
            rollup("open_lines", "count", where="stage = 'open'"),
            rollup("average", "avg", "share"),
            rollup("latest", "max", "closes"),
            rollup("first_name", "min", "name"),
            rollup("longest", "max", "takes"),
            rollup("tagged", "sum", "weight", relation="tags"),
            field("per_line", "formula", config={"formula": "tagged * 1.0 / lines", "decimals": 3}),
        ),
        object_body(
            "line",
            select_field("stage", ("open", "won")),
            field("amount", "currency"),
            field("share", "number", config={"decimals": 2}),
            field("closes", "date"),
            field("takes", "duration"),
            field("firm", "relation", config={"object": "firm"}),
            field("double", "formula", config={"formula": "share * 2"}),
        ),
    )
    everything = ["read", "create", "edit", "export"]
    rep = role_body(
        "rep",
        {"objects": ["firm", "tag"], "actions": everything},
        {"objects": ["line"], "actions": everything, "scope": "own"},
    )
    return load_package(
        {"objects": {f"objects/{body['name']}.json": body for body in bodies}, "roles": {"roles/rep.json": rep}}
    )


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    made = Crm(database_url, business())
    ann = made.user("Ann")
    tags = [made.create("tag", name=f"t{weight}", weight=str(weight)) for weight in (1, 5)]
    linked = {"a": tags[:1], "b": tags, "c": [], "d": []}
    firms = {
        name: made.create("firm", name=name, city=f"City {name}", tags=[str(tag.ref.id) for tag in of])
        for name, of in linked.items()
    }
    lines = (
        ("a", "x", "won", "10 EUR", "1.25", "2026-01-02", "PT1H"),
        ("a", "w", "open", "99 EUR", "2", "2026-05-02", "PT3H"),
        ("b", "y", "won", "20 EUR", None, "2026-03-02", None),
        ("b", "z", "won", "5 USD", "7", None, "PT2H"),
        ("c", "q", "open", None, "3", None, None),
    )
    for firm, name, stage, amount, share, closes, takes in lines:
        values = {"amount": amount, "share": share, "closes": closes, "takes": takes}
        given = {key: value for key, value in values.items() if value is not None}
        actor = ann if name in "xq" else SYSTEM
        made.create("line", actor, name=name, stage=stage, firm=str(firms[firm].ref.id), **given)
    yield made
    made.close()


def listed(crm: Crm, query: RecordQuery, actor: Actor = SYSTEM) -> list[Record]:
    with crm.work(actor) as work:
        return list(list_records(work, query).records)


def paged(crm: Crm, query: RecordQuery) -> list[str]:
    """Record by record, by cursor."""
    found: list[str] = []
    cursor = ""
    while cursor or not found:
        with crm.work() as work:
            page = list_records(work, RecordQuery(query.object, sort=query.sort, limit=1, cursor=cursor))
        found, cursor = [*found, *(record.name for record in page.records)], page.next_cursor
    return found


def test_a_list_sorted_by_one_is_in_the_order_of_what_it_shows(crm: Crm) -> None:
    for name in (*ROLLUPS, "per_line"):
        for descending in (True, False):
            _require_order(crm, name, descending=descending)


def _require_order(crm: Crm, name: str, *, descending: bool) -> None:
    query = RecordQuery("firm", sort=(Sort(name, descending=descending), Sort("name")))
    records = listed(crm, query)
    known = [record for record in records if record.values[name] is not None]
    values = [_comparable(record.values[name]) for record in known]
    assert len(records) == 4, name
    assert records[: len(known)] == known, name
    assert values == sorted(values, reverse=descending), name
    assert paged(crm, query) == [record.name for record in records], name
    for record in records:
        assert crm.get(record.ref).values[name] == record.values[name], name


def _comparable(value: Any) -> Any:
    return (value.currency, value.amount) if isinstance(value, Money) else value


def test_they_say_what_the_records_come_to(crm: Crm) -> None:
    values = {record.name: record.values for record in listed(crm, RecordQuery("firm"))}
    assert [values[name]["lines"] for name in "abcd"] == [2, 2, 1, 0]
    assert values["a"]["won"] == Money(Decimal(10), "EUR")
    assert [values[name]["won"] for name in "bcd"] == [None, None, None]
    assert [values[name]["tagged"] for name in "abcd"] == [1, 6, 0, 0]
    assert [values[name]["first_name"] for name in "abcd"] == ["w", "y", "q", None]
    assert values["b"]["per_line"] == Decimal(3)
    assert values["d"]["per_line"] is None


def test_filters_agree_with_counts_however_the_list_is_sorted(crm: Crm) -> None:
    for rule, names in RULES.items():
        for sort in ("name", "lines", "won"):
            query = RecordQuery("firm", rule=rule, sort=(Sort(sort),))
            assert sorted(record.name for record in listed(crm, query)) == list(names), (rule, sort)
        with crm.work() as work:
            assert count_records(work, RecordQuery("firm", rule=rule)).value == len(names), rule
            groups = aggregate_records(work, RecordQuery("firm", rule=rule), "lines", ("tagged",))
        assert sum(group.count for group in groups) == len(names), rule


def test_the_largest_group_comes_first_and_equal_ones_by_their_value(crm: Crm) -> None:
    with crm.work() as work:
        groups = aggregate_records(work, RecordQuery("firm"), "lines")
    assert [(group.key, group.count) for group in groups] == [(2, 2), (0, 1), (1, 1)]


def test_a_list_sorted_by_one_shows_what_its_reader_may_see(crm: Crm) -> None:
    (line,) = listed(crm, RecordQuery("line", (Condition("name", "eq", "x"),)))
    ann = UserActor(line.values["owner"])
    found = listed(crm, RecordQuery("firm", sort=(Sort("lines", descending=True), Sort("name"))), ann)
    assert [(record.name, record.values["lines"]) for record in found] == [("a", 1), ("c", 1), ("b", 0), ("d", 0)]


def test_a_formula_sorts_its_empty_values_last_on_every_page(crm: Crm) -> None:
    for descending, names in ((False, "xwqzy"), (True, "zqwxy")):
        query = RecordQuery("line", sort=(Sort("double", descending=descending),))
        assert "".join(paged(crm, query)) == names


def test_records_that_are_brought_along_have_them(crm: Crm) -> None:
    (line,) = listed(crm, RecordQuery("line", (Condition("name", "eq", "x"),), expand=("firm",)))
    assert line.references["firm"].values["lines"] == 2
    assert crm.get(line.ref, expand=("firm",)).references["firm"].values["won"] == Money(Decimal(10), "EUR")


def test_a_file_of_a_list_has_them(crm: Crm) -> None:
    query = RecordQuery("firm", sort=(Sort("lines", descending=True), Sort("name")), fields=("name", "won", "per_line"))
    export = CsvExport(query, has_id=False)
    lines = b"".join(csv_stream(crm.workspace, SYSTEM, lambda _work: export)).decode().splitlines()
    assert lines == ["name,won,per_line", "a,10 EUR,0.500", "b,,3.000", "c,,0.000", "d,,"]
