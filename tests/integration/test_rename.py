"""A new API name: everything that names the thing follows, nothing that is stored moves."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from crm_app.automation.checks import check
from crm_app.automation.rules import rules_of
from crm_app.definitions.load import load_definition, load_package
from crm_app.definitions.mapping import ImportMapping
from crm_app.definitions.package import KINDS, Package
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.services.definitions import plan, publish, revert
from crm_app.services.impact import impact
from crm_app.services.imports import import_files
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.renames import rename
from crm_app.services.timeline import timeline
from crm_app.services.workspace import Workspace
from tests.builders import STAGES, SYSTEM, Crm, field, object_body, role_body, select_field


def business() -> Package:
    company = object_body("company", field("city"))
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency"),
        field("size", "number", visible_when="amount is not empty"),
        field("company", "relation", config={"object": "company"}),
        format_version=2,
        list_fields=["name", "amount"],
        pipelines=[
            {
                "name": "sales", "label": "Sales", "field": "stage", "amount": "amount",
                "stages": [
                    {"name": "prospecting"},
                    {"name": "won", "kind": "won",
                     "gate": {"rule": "amount > 5 USD", "message": "Worth something.", "required": ["amount"]}},
                ],
            }
        ],
        layouts=[
            {"name": "main", "label": "Main", "when": "amount > 1 USD",
             "tabs": [{"label": "A", "sections": [{"label": "B", "fields": ["amount", "*"]}]}]},
        ],
        validation_rules=[{"when": "amount < 0 USD", "message": "Not below nothing.", "field": "amount"}],
        duplicate_rules=[
            {"name": "same", "label": "Same", "match": ["name", "amount"], "when": "amount > 0 USD", "action": "block"},
        ],
    )  # fmt: skip
    view = {
        "format_version": 1, "name": "big", "label": "Big", "object": "deal", "fields": ["name", "amount"],
        "filter": "company.city = 'Bern' and amount > 10 USD", "sort": [{"field": "amount"}],
    }  # fmt: skip
    rich = {
        "format_version": 1, "name": "rich", "label": "Rich", "object": "company",
        "filter": "any(deal_company where amount > 10 USD)",
    }  # fmt: skip
    automation = {
        "format_version": 1, "name": "grow", "label": "Grow",
        "trigger": {"type": "record.updated", "object": "deal", "fields": ["amount"], "when": "amount > old.amount"},
        "steps": [
            {"id": "a", "type": "update", "values": {"amount": "amount * 2", "name": "'x'"}},
            {"id": "b", "type": "create", "object": "deal", "values": {"amount": "amount", "name": "name"}},
            {"id": "c", "type": "update", "record": "company", "values": {"city": "'Bern'"}},
        ],
    }  # fmt: skip
    everything = ["read", "create", "edit", "delete"]
    rep = role_body(
        "rep",
        {"objects": ["deal", "company"], "actions": everything},
        field_levels=[{"object": "deal", "field": "amount", "level": "mask"}],
    )
    boss = role_body("boss", {"objects": ["deal", "company"], "actions": everything})
    return load_package({
        "objects": {f"objects/{body['name']}.json": body for body in (company, deal)},
        "views": {"views/big.json": view, "views/rich.json": rich},
        "automations": {"automations/grow.json": automation},
        "roles": {"roles/rep.json": rep, "roles/boss.json": boss},
    })  # fmt: skip


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    yield crm
    crm.close()


def do_rename(crm: Crm, path: str, new_name: str) -> list[str]:
    with crm.work() as work:
        package = rename(work, Package(), path, new_name, rules_of)
        lines = [str(change) for change in plan(work, package)]
        publish(work, package, (check,))
        return lines


def body(crm: Crm, kind: str, name: str) -> dict[str, Any]:
    with crm.work() as work:
        return next(each.canonical() for k, each in work.schema.stored.definitions() if (k, each.name) == (kind, name))


def test_a_renamed_field_keeps_its_values_and_everything_that_names_it_follows(crm: Crm) -> None:
    old = crm.create("deal", name="Big", amount="20 USD", stage="won")
    crm.update(old.ref, {"amount": "30 USD"})
    assert do_rename(crm, "objects/deal/fields/amount", "value") == [
        "change objects/deal",
        "rename objects/deal/fields/amount → objects/deal/fields/value",
        "change objects/deal/fields/size",
        "change views/big",
        "change views/rich",
        "change roles/rep",
        "change automations/grow",
    ]
    assert crm.get(old.ref).values["value"].amount == 30
    assert crm.update(old.ref, {"value": "40 USD"}).values["value"].amount == 40
    assert crm.names(RecordQuery("deal", rule="value > 35 USD", sort=(Sort("value", descending=True),))) == ["Big"]
    crm.create("deal", name="New", value="7 USD")
    assert body(crm, "views", "big")["filter"] == "company.city = 'Bern' and value > 10 USD"
    assert body(crm, "views", "rich")["filter"] == "any(deal_company where value > 10 USD)"
    deal = body(crm, "objects", "deal")
    assert deal["list_fields"] == ["name", "value"]
    assert deal["pipelines"][0]["amount"] == "value"
    assert deal["pipelines"][0]["stages"][1]["gate"]["rule"] == "value > 5 USD"
    assert deal["pipelines"][0]["stages"][1]["gate"]["required"] == ["value"]
    assert deal["layouts"][0]["when"] == "value > 1 USD"
    assert deal["layouts"][0]["tabs"][0]["sections"][0]["fields"] == ["value", "*"]
    rule = {"name": "same", "label": "Same", "match": ["name", "value"], "when": "value > 0 USD", "action": "block"}
    assert deal["duplicate_rules"] == [rule]
    assert deal["validation_rules"][0] == {"when": "value < 0 USD", "message": "Not below nothing.", "field": "value"}
    grow = body(crm, "automations", "grow")
    assert grow["trigger"] == {
        "type": "record.updated", "object": "deal", "when": "value > old.value", "fields": ["value"],
    }  # fmt: skip
    assert grow["steps"][0]["values"] == {"value": "value * 2", "name": "'x'"}
    assert grow["steps"][1]["values"] == {"value": "value", "name": "name"}
    assert body(crm, "roles", "rep")["field_levels"][0]["field"] == "value"


def test_a_masked_field_stays_masked_under_its_new_name(crm: Crm) -> None:
    rep = crm.user("Ann")
    old = crm.create("deal", rep, name="Big")
    crm.update(old.ref, {"amount": "30 USD"})
    do_rename(crm, "objects/deal/fields/amount", "value")
    assert crm.get(old.ref, rep).values["value"] == "•••"


def test_the_history_of_a_renamed_field_is_still_told(crm: Crm) -> None:
    old = crm.create("deal", name="Big", amount="20 USD")
    crm.update(old.ref, {"amount": "30 USD"})
    do_rename(crm, "objects/deal/fields/amount", "value")
    with crm.work() as work:
        changes = [(c.label, c.before, c.after) for entry in timeline(work, old.ref) for c in entry.changes]
    assert changes == [("Amount", "20 USD", "30 USD")]


def test_the_old_name_is_free_again_and_does_not_find_the_old_values(crm: Crm) -> None:
    old = crm.create("deal", name="Big", amount="20 USD")
    do_rename(crm, "objects/deal/fields/amount", "value")
    with crm.work() as work:
        deal = work.schema.stored.by_name["deal"].canonical()
    deal["fields"].append(field("amount"))
    crm.publish(load_package({"objects": {"objects/deal.json": deal}}))
    values = crm.get(old.ref).values
    assert (values["amount"], values["value"].amount) == (None, 20)


def test_a_renamed_object_keeps_its_records_relations_and_history(crm: Crm) -> None:
    company = crm.create("company", name="Acme", city="Bern")
    old = crm.create("deal", name="Big", amount="20 USD", company=str(company.ref.id))
    crm.update(old.ref, {"amount": "30 USD"})
    lines = do_rename(crm, "objects/deal", "bargain")
    assert "rename objects/deal → objects/bargain" in lines
    ref = type(old.ref)("bargain", old.ref.id)
    assert crm.get(ref).values["amount"].amount == 30
    with pytest.raises(NotFound):
        crm.get(old.ref)
    assert crm.names(RecordQuery("company", rule="any(bargain_company where amount > 10 USD)")) == ["Acme"]
    assert body(crm, "views", "rich")["filter"] == "any(bargain_company where amount > 10 USD)"
    assert body(crm, "roles", "rep")["grants"][0]["objects"] == ["bargain", "company"]
    with crm.work() as work:
        assert [entry.kind for entry in timeline(work, ref)][-1] == "created"
    rep = crm.user("Ann")
    crm.create("bargain", rep, name="Mine")


def test_a_renamed_target_is_still_the_target(crm: Crm) -> None:
    company = crm.create("company", name="Acme")
    do_rename(crm, "objects/company", "firm")
    deal = crm.create("deal", name="Big", company=str(company.ref.id))
    assert crm.get(deal.ref).references["company"].name == "Acme"


def test_going_back_before_a_rename_brings_the_old_name_back(crm: Crm) -> None:
    with crm.work() as work:
        version = work.schema.version
    old = crm.create("deal", name="Big", amount="20 USD")
    do_rename(crm, "objects/deal/fields/amount", "value")
    with crm.work() as work:
        revert(work, version, (check,))
    assert crm.get(old.ref).values["amount"].amount == 20


def test_what_is_archived_follows_too_and_can_be_restored(crm: Crm) -> None:
    def archive(*, archived: bool) -> Package:
        with crm.work() as work:
            kinds = {kind: [each.canonical() for each in getattr(work.schema.stored, kind)] for kind in KINDS}
        bodies = [*kinds["views"], *kinds["automations"], *kinds["objects"][1]["fields"][3:4]]
        for each in bodies:
            each["archived"] = archived
        kinds["objects"][1]["layouts"] = []
        return load_package(
            {kind: {f"{kind}/{each['name']}.json": each for each in found} for kind, found in kinds.items()}
        )

    crm.publish(archive(archived=True))
    with crm.work() as work:
        assert work.catalog.views == work.catalog.automations == ()
        assert "size" not in work.catalog.by_name["deal"].all_fields
    do_rename(crm, "objects/deal/fields/amount", "value")
    assert body(crm, "views", "rich")["filter"] == "any(deal_company where value > 10 USD)"
    assert body(crm, "views", "big")["sort"] == [{"field": "value"}]
    assert body(crm, "automations", "grow")["steps"][0]["values"] == {"value": "value * 2", "name": "'x'"}
    size = next(each for each in body(crm, "objects", "deal")["fields"] if each["name"] == "size")
    assert size["visible_when"] == "value is not empty"
    with crm.work() as work:
        publish(work, archive(archived=False), (check,))


def test_what_is_archived_and_broken_hinders_no_rename(crm: Crm) -> None:
    with crm.work() as work:
        rich = next(each.canonical() for each in work.catalog.views if each.name == "rich")
    broken = {**rich, "archived": True, "filter": "nothing = 1"}
    crm.publish(load_package({"views": {"views/rich.json": broken}}))
    do_rename(crm, "objects/deal/fields/amount", "value")
    assert body(crm, "views", "rich")["filter"] == "nothing = 1"


def test_a_mapping_finds_what_was_renamed_since(crm: Crm, tmp_path: Path) -> None:
    fields = {"name": "Deal", "amount": "Amount", "company": {"column": "Company", "match": "city"}}
    file = {"file": "deals.csv", "object": "deal", "key": ["Deal"], "fields": fields}
    mapping = load_definition(ImportMapping, {"format_version": 1, "name": "m", "label": "M", "files": [file]}, "m")
    (tmp_path / "deals.csv").write_text("Deal,Amount,Company\nBig,20 USD,Bern\n", encoding="utf-8")
    crm.create("company", name="Acme", city="Bern")
    for path, new_name in (
        ("objects/deal/fields/amount", "value"),
        ("objects/deal/fields/company", "firm"),
        ("objects/company/fields/city", "town"),
        ("objects/deal", "bargain"),
    ):
        do_rename(crm, path, new_name)
    with crm.work() as work:
        import_files(work, mapping, {"deals.csv": tmp_path / "deals.csv"})
    rule = "value = 20 USD and firm.town = 'Bern'"
    assert crm.names(RecordQuery("bargain", rule=rule)) == ["Big"]


def test_a_taken_name_and_one_that_is_none_are_refused(crm: Crm) -> None:
    with crm.work() as work:
        for path, new_name, error in (
            ("objects/deal/fields/amount", "stage", Invalid),
            ("objects/deal", "company", Invalid),
            ("objects/deal/fields/amount", "Bad Name", Invalid),
            ("objects/deal/fields/nope", "x", NotFound),
            ("views/big", "x", Invalid),
        ):
            with pytest.raises(error):
                rename(work, Package(), path, new_name, rules_of)


def test_every_field_of_the_sales_package_can_be_renamed(database_url: str) -> None:
    workspace = Workspace.open(database_url, pool_size=2)
    prepare_workspace(workspace)
    try:
        with workspace.work(SYSTEM) as work:
            paths = [f"objects/{o.name}/fields/{f.name}" for o in work.catalog.objects for f in o.fields]
        for path in paths:
            with workspace.work(SYSTEM) as work:
                package = rename(work, Package(), path, f"{path.rpartition('/')[2]}_x", rules_of)
                publish(work, package, (check,))
    finally:
        workspace.close()


def test_what_depends_on_a_field_is_what_its_rename_rewrites(crm: Crm) -> None:
    """Two ways to the same answer: `impact` reads the definitions, a rename changes them."""
    with crm.work() as work:
        before = {(kind, each.name): each.canonical() for kind, each in work.schema.package.definitions()}
        for owner, name in ((each.name, field.name) for each in work.schema.package.objects for field in each.fields):
            after = rename(work, Package(), f"objects/{owner}/fields/{name}", "called_otherwise", rules_of)
            bodies = {(kind, each.name): each.canonical() for kind, each in after.definitions()}
            places = [place for key in bodies for place in _differing("/".join(key), before[key], bodies[key])]
            own = f"objects/{owner}/fields/{name}/"
            rewritten = {_rough(place) for place in places if not place.startswith(own)}
            assert {_rough(use.path) for use in impact(work, (owner, name), rules_of)} == rewritten, name


def _rough(path: str) -> str:
    """Parts of a pipeline or layout have names in one of the two answers and numbers in the other."""
    return re.sub(r"/(stages|tabs|sections)/[^/]+", r"/\1", path)


def test_only_an_administrator_is_told_what_depends_on_a_field(crm: Crm) -> None:
    with crm.work(crm.user("Rita", "rep")) as work, pytest.raises(Forbidden):
        impact(work, ("deal", "amount"), rules_of)
    with crm.work() as work, pytest.raises(NotFound, match="no field 'size_of'"):
        impact(work, ("deal", "size_of"), rules_of)


def _differing(path: str, before: Any, after: Any) -> Iterator[str]:
    """The places that a rename changed, those with a name under it."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        old, new = cast("dict[str, Any]", before), cast("dict[str, Any]", after)
        for key, value in old.items():
            yield from _differing(f"{path}/{key}", value, new.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        for index, (one, other) in enumerate(zip(cast("list[Any]", before), cast("list[Any]", after), strict=True)):
            place = cast("dict[str, Any]", one).get("name", index) if isinstance(one, dict) else index
            yield from _differing(f"{path}/{place}", one, other)
    else:
        yield path
