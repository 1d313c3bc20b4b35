"""Which layout somebody gets: by their roles, inherited ones included, and by the record."""

from collections.abc import Iterator

import pytest

from crm_app.definitions.load import load_package
from crm_app.kernel.actor import Actor
from crm_app.kernel.events import RecordRef
from crm_app.services.record_pages import plan_of_record
from tests.builders import SYSTEM, Crm, field, layout, object_body, role_body


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    closed = layout("name", name="closed", when="size > 10")
    managers = layout("name", "size", name="managers", roles=["manager"])
    reps = layout("size", "*", name="reps", roles=["rep"])
    deal = object_body("deal", field("size", "number"), field("notes"), layouts=[closed, managers, reps])
    grant = {"objects": ["deal"], "actions": ["read", "create"], "scope": "all"}
    roles = [role_body("rep", grant), role_body("manager", inherits=["rep"]), role_body("guest", grant)]
    objects = {"objects/deal.json": deal}
    crm = Crm(database_url, load_package({"objects": objects, "roles": {f"roles/{r['name']}.json": r for r in roles}}))
    yield crm
    crm.close()


def seen(crm: Crm, ref: RecordRef, actor: Actor) -> tuple[str, list[str]]:
    with crm.work(actor) as work:
        arrangement = plan_of_record(work, ref).arrangement
    return arrangement.name, [name for section in arrangement.sections for name in section.fields]


def test_two_roles_see_different_pages_of_one_record(crm: Crm) -> None:
    ref = crm.create("deal", name="x", size=1).ref
    assert seen(crm, ref, crm.user("Mia", "manager")) == ("managers", ["name", "size"])
    assert seen(crm, ref, crm.user("Rex", "rep")) == ("reps", ["size", "name", "notes"])
    assert seen(crm, ref, crm.user("Gus", "guest")) == ("default", ["name", "size", "notes"])


def test_the_record_decides_too_and_unknown_is_no(crm: Crm) -> None:
    rex = crm.user("Rex", "rep")
    assert seen(crm, crm.create("deal", name="x", size=11).ref, rex)[0] == "closed"
    assert seen(crm, crm.create("deal", name="x").ref, SYSTEM)[0] == "default"
