"""What definitions, plans and administrators' pages say to somebody for whom a part of them is closed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.actor import Actor, UserActor
from crm_app.kernel.errors import TrellisError
from crm_app.services.accounts import add_user
from crm_app.services.definitions import plan, publish
from crm_app.services.indexes import indexes
from crm_app.services.records import consequences_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.stored_indexes import note_failure
from crm_app.storage.wanted_indexes import wanted_indexes
from tests.builders import Crm, field, object_body, role_body, select_field
from tests.integration.api_client import Api

EVERYTHING = ["read", "create", "edit", "delete"]
CLOSED = ("ghost", "vault", "kanarienvogel")
VALUE = "kanarienvogel"


def case_body() -> dict[str, Any]:
    """Whatever could name the closed field `ghost` or the closed object `vault` does."""
    points = {"object": "vault", "on_delete": "clear"}
    stages = [{"name": "dawn", "gate": {"rule": "ghost = 'x'", "message": VALUE, "required": ["ghost", "name"]}}]
    section = {"label": "Main", "fields": ["name", "ghost", "kind"], "visible_when": "ghost is empty"}
    tabs = [{"label": "Details", "sections": [section, {"label": "Rest", "fields": ["*"]}], "related": ["*"]}]
    return object_body(
        "case",
        select_field("kind", ("a", "b")),
        select_field("phase", ("dawn", "dusk")),
        field("ghost"),
        field("note", default={"rule": "ghost & '!'"}, visible_when="ghost is empty", help="Ours."),
        field("place", "relation", config=points),
        field("any", "relation", config={"objects": ["vault", "paper"]}),
        field("many", "many_to_many", config={"object": "vault"}),
        pipelines=[
            {"name": "first", "label": VALUE, "field": "phase", "when": "ghost = 'a'", "stages": [{"name": "dusk"}]},
            {"name": "second", "label": "Open", "field": "kind", "stages": [{"name": "a"}]},
            {"name": "third", "label": VALUE, "field": "phase", "stages": stages},
        ],
        layouts=[
            {"name": "main", "label": "Main", "when": "ghost is empty", "tabs": tabs},
            {"name": "others", "label": VALUE, "roles": ["full"], "tabs": tabs},
        ],
        validation_rules=[{"when": "ghost = 'z'", "message": f"Not {VALUE}."}],
    )


def paper_body(**more: Any) -> dict[str, Any]:
    case = field("case", "relation", config={"object": "case", "on_delete": "cascade"})
    return object_body("paper", case, {**field("code"), **more})


def business() -> Package:
    vault = object_body("vault", field("case", "relation", config={"object": "case"}))
    bodies = (case_body(), vault, paper_body())
    names = ("case.ghost", "paper.case", "paper.code")
    hidden = [dict(zip(("object", "field"), name.split("."), strict=True), level="none") for name in names]
    roles = [
        role_body("blind", {"objects": ["case", "paper"], "actions": EVERYTHING}, field_levels=hidden),
        role_body("full", {"objects": ["case", "paper", "vault"], "actions": EVERYTHING}),
    ]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in bodies},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    yield crm
    crm.close()


def administrator(crm: Crm) -> Actor:
    """One who has a role, too, that closes fields to them."""
    with crm.work() as work:
        return UserActor(add_user(work, "Adam", "adam@example.com", roles=["admin", "blind"]))


@pytest.mark.parametrize("address", ["/api/v1/objects/case", "/api/v1/objects", "/api/openapi.json"])
def test_a_description_names_nothing_that_is_closed(crm: Crm, address: str) -> None:
    api = Api(crm)
    crm.user("Rita", role="blind")
    crm.user("Fred", role="full")
    told = api.client("rita").get(address).text
    assert not [word for word in CLOSED if word in told]
    if address != "/api/v1/objects":
        assert "ghost" in api.client("fred").get(address).text


def test_a_description_has_the_layouts_conditions_and_gates_that_are_open(crm: Crm) -> None:
    api = Api(crm)
    crm.user("Fred", role="full")
    found = api.client("fred").get("/api/v1/objects/case").json()
    note = next(each for each in found["fields"] if each["name"] == "note")
    assert (note["conditions"], note["default"]) == ({"visible_when": "ghost is empty"}, {"rule": "ghost & '!'"})
    assert [layout["name"] for layout in found["layouts"]] == ["main", "others", "default"]
    assert found["layouts"][0]["tabs"][0]["related"] == ["paper_case", "vault_case"]
    gate = found["pipelines"][-1]["stages"][0]["gate"]
    assert gate == {"rule": "ghost = 'x'", "message": VALUE, "required": ["ghost", "name"]}
    assert found["validation_rules"] == [{"when": "ghost = 'z'", "message": f"Not {VALUE}."}]


def test_what_would_be_deleted_too_is_not_counted_by_a_closed_relation(crm: Crm) -> None:
    rita, fred = crm.user("Rita", role="blind"), crm.user("Fred", role="full")
    ref = crm.create("case", name="Case").ref
    for name in ("One", "Two"):
        crm.create("paper", name=name, case=str(ref.id))
    told: list[str] = []
    for actor in (rita, fred):
        with crm.work(actor) as work:
            told.append(consequences_of(work, ref).sentence(work))
    assert told == ["", "2 papers will be deleted with it."]


def refusal(work: UnitOfWork, package: Package) -> str:
    with pytest.raises(TrellisError) as refused:
        publish(work, package)
    return " ".join(problem.message for problem in refused.value.problems)


def paper(**more: Any) -> Package:
    return load_package({"objects": {"objects/paper.json": paper_body(**more)}})


def test_values_that_stand_in_the_way_of_a_publication_are_told_to_who_may_see_them(crm: Crm) -> None:
    for name in ("One", "Two"):
        crm.create("paper", name=name, code=VALUE)
    with crm.work() as work:
        assert VALUE in refusal(work, paper(unique=True))
    with crm.work(administrator(crm)) as work:
        told = refusal(work, paper(unique=True))
    assert told == "Several papers have the same Code. Change or delete those papers first."


def test_values_that_can_not_be_converted_are_told_to_who_may_see_them(crm: Crm) -> None:
    crm.create("paper", name="One", code=VALUE)
    with crm.work() as work:
        assert VALUE in plan(work, paper(type="number"))[0].notes[1]
    with crm.work(administrator(crm)) as work:
        (change,) = plan(work, paper(type="number"))
        assert change.notes[0] == "0 values convert, 1 can't."
        assert VALUE not in str(change.notes)
        assert VALUE not in refusal(work, paper(type="number"))


def test_an_index_that_failed_says_values_to_who_may_see_them(crm: Crm) -> None:
    crm.publish(paper(unique=True))
    with crm.work() as work:
        (index,) = [each for each in wanted_indexes(work.catalog).values() if each.is_unique]
        work.connection.execute(text(index.drop(concurrently=False)))
        note_failure(work.connection, index.name, "Key (code)=(zaun) is duplicated.", clock.now())
        assert "(zaun)" in str(indexes(work))
    with crm.work(administrator(crm)) as work:
        (failed,) = [each for each in indexes(work) if each.state == "failed"]
        assert failed.problem == "It can't be built. Somebody who may see its fields can see here why."
        assert "(zaun)" not in str(indexes(work))
