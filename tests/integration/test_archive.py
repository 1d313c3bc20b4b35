"""Archiving hides, keeps and gives back; nothing that is stored is lost by leaving it out of a definition."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.definitions.model import changed
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid, NotFound
from crm_app.services.definition_store import publications
from crm_app.services.definitions import NameTaken, past, plan, revert
from crm_app.services.objects import visible_objects
from crm_app.services.record_query import RecordQuery
from tests.builders import Crm, field, object_body, role_body
from tests.integration.test_publish import objects


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def company(*extra: dict[str, Any], **more: Any) -> Package:
    parent = field("parent", "relation", config={"object": "company"})
    return objects(object_body("company", parent, *extra, **more))


def plan_of(crm: Crm, package: Package) -> list[str]:
    with crm.work() as work:
        return [str(change) for change in plan(work, package)]


def test_a_field_left_out_is_archived_with_its_values_counted_and_kept(crm: Crm) -> None:
    old = crm.create("company", name="Acme", city="Bern")
    crm.create("company", name="Empty")
    assert plan_of(crm, company()) == ["archive objects/company/fields/city  (destructive: 1 records)"]
    crm.publish(company())
    with crm.work() as work:
        assert "city" not in work.catalog.by_name["company"].all_fields
        assert "city" in work.schema.stored.by_name["company"].all_fields
    assert "city" not in crm.get(old.ref).values
    with pytest.raises(Invalid):
        crm.update(old.ref, {"city": "Basel"})
    with pytest.raises(Invalid):
        crm.names(RecordQuery("company", rule="city = 'Bern'"))
    assert plan_of(crm, company(field("city"))) == ["restore objects/company/fields/city"]
    crm.publish(company(field("city")))
    assert crm.get(old.ref).values["city"] == "Bern"


def test_something_else_under_an_archived_name_is_refused(crm: Crm) -> None:
    crm.create("company", name="Acme", city="Bern")
    crm.publish(company())
    with pytest.raises(NameTaken, match="objects/company/fields/city"):
        crm.publish(company(field("city", "number")))
    with pytest.raises(NameTaken):
        crm.publish(company(field("city", label="Town")))


def test_a_restored_field_is_as_closed_as_it_was(crm: Crm) -> None:
    rep = crm.user("Ann", team="north")
    with crm.work() as work:
        deal = work.schema.stored.by_name["deal"]
    fields = tuple(changed(f, archived=f.name == "secret") for f in deal.fields)
    crm.publish(Package.of({"objects": [changed(deal, fields=fields)]}))
    record = crm.create("deal", rep, name="Big")
    crm.publish(Package.of({"objects": [deal]}))
    assert "secret" not in crm.get(record.ref, rep).values


def test_archiving_is_refused_while_something_live_uses_it_and_names_all_of_it(crm: Crm) -> None:
    views = {
        "views/a.json": {
            "format_version": 1, "name": "a", "label": "A", "object": "company", "filter": "city = 'Bern'",
            "sort": [{"field": "city"}],
        }
    }  # fmt: skip
    crm.publish(objects(object_body("planet"), views=views))
    with pytest.raises(Invalid) as refused:
        crm.publish(company())
    assert "views/a/sort" in str(refused.value)


def test_an_archived_object_is_nowhere_and_comes_back_whole(crm: Crm) -> None:
    crm.publish(objects(object_body("planet", field("moons", "number"))))
    earth = crm.create("planet", name="Earth", moons=1)
    with crm.work() as work:
        planet = work.schema.stored.by_name["planet"]
    crm.publish(Package.of({"objects": [changed(planet, archived=True)]}))
    with pytest.raises(NotFound):
        crm.get(earth.ref)
    with crm.work() as work:
        assert "planet" not in {found.name for found in visible_objects(work)}
    with pytest.raises(NameTaken):
        crm.publish(objects(object_body("planet", field("rings", "number"))))
    crm.publish(Package.of({"objects": [planet]}))
    assert crm.get(earth.ref).values["moons"] == 1


def test_an_archived_role_grants_nothing(crm: Crm) -> None:
    rep = crm.user("Ann", team="north")
    with crm.work() as work:
        role = next(role for role in work.schema.stored.roles if role.name == "rep")
    archive = Package.of({"roles": [changed(role, archived=True)]})
    with crm.work() as work:
        notes = [note for change in plan(work, archive) for note in change.notes]
    assert notes == ["1 person has this role and loses what it grants."]
    crm.publish(archive)
    with pytest.raises(NotFound):
        crm.create("deal", rep, name="Big")


def test_revert_publishes_what_was_and_archives_what_came_later(crm: Crm) -> None:
    old = crm.create("company", name="Acme", city="Bern")
    with crm.work() as work:
        version = work.schema.version
    crm.publish(company(field("size", "number")))
    crm.publish(objects(object_body("planet"), roles={"roles/x.json": role_body("x")}))
    with crm.work() as work:
        lines = [str(change) for change in revert(work, version)]
    assert sorted(lines) == [
        "archive objects/company/fields/size  (destructive: 0 records)",
        "archive objects/planet  (destructive: 0 records)",
        "archive roles/x",
        "restore objects/company/fields/city",
    ]
    with crm.work() as work:
        assert set(work.catalog.by_name) == {"user", "team", "access_territory", "company", "deal"}
        assert set(work.catalog.live.by_name["company"].all_fields) >= {"city", "parent"}
        assert publications(work.connection)[0].plan == lines
        assert plan(work, past(work, version)) == []
    assert crm.get(old.ref).values["city"] == "Bern"


def test_there_is_no_way_back_to_a_version_that_never_was(crm: Crm) -> None:
    with crm.work() as work, pytest.raises(NotFound, match="no version 99"):
        revert(work, 99)


def test_a_stored_name_can_not_reach_into_another_field(crm: Crm) -> None:
    for column in ("name", "deleted_at", "id"):
        crm.publish(company(field("city"), field(f"own_{column}", column=column)))
        with crm.work() as work:
            assert work.catalog.by_name["company"].all_fields[f"own_{column}"].stored == f"{column}__v2"
