"""What is closed to somebody stays closed in refusals, forms, links and the trash as well."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import Actor
from crm_app.kernel.errors import Conflict, Invalid, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.services.definitions import publish
from crm_app.services.trash import restore_record
from crm_app.ui.records.form_layout import edit_form, new_form, typed_states
from tests.builders import Crm, field, object_body, role_body, select_field

EVERYTHING = ["read", "create", "edit", "delete"]
CANARY = "Kanarienvogel"


def closed(level: str) -> list[dict[str, Any]]:
    names = ("case.phase", "case.secret", "case.token", "case.boss", "person.name", "paper.case")
    return [{"object": place.partition(".")[0], "field": place.partition(".")[2], "level": level} for place in names]


def business() -> Package:
    """Cases have a phase that the rep doesn't see, driven by two pipelines; a person's name is closed, too."""
    first = {"name": "first", "label": "First", "field": "phase", "when": "kind = 'a'", "stages": [{"name": "dawn"}]}
    gate = {"rule": "amount > 10", "message": f"{CANARY} needs more."}
    second = {
        "name": "second",
        "label": "Second",
        "field": "phase",
        "when": "kind = 'b'",
        "stages": [{"name": "noon", "gate": gate}, {"name": "dusk"}],
    }
    case = object_body(
        "case",
        select_field("kind", ("a", "b")),
        select_field("phase", ("dawn", "noon", "dusk")),
        field("amount", "number"),
        field("token", default="same", unique=True),
        field("secret", required=True, visible_when="amount > 5"),
        field("boss", "relation", config={"object": "person", "on_delete": "restrict"}, required=True),
        field("people", "many_to_many", config={"object": "person"}),
        pipelines=[first, second],
    )
    paper = object_body("paper", field("case", "relation", config={"object": "case", "on_delete": "restrict"}))
    every = {"objects": ["case", "person", "paper"], "actions": EVERYTHING}
    roles = [
        role_body("blind", every, field_levels=closed("none")),
        role_body("half", every, field_levels=closed("mask")),
    ]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (case, object_body("person"), paper)},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    yield crm
    crm.close()


@pytest.fixture(params=["blind", "half"])
def rep(crm: Crm, request: pytest.FixtureRequest) -> Actor:
    return crm.user("Rita", role=request.param)


def case(crm: Crm, **more: Any) -> RecordRef:
    boss = crm.create("person", name=CANARY).ref.id
    values = {"name": "Case", "kind": "a", "phase": "dawn", "secret": "s", "token": "t", "boss": str(boss), **more}
    return crm.create("case", **values).ref


def told(refusal: TrellisError) -> str:
    return " ".join([str(refusal), *(f"{p.path} {p.message}" for p in refusal.problems), str(refusal.details)])


def test_a_refused_move_says_nothing_of_a_phase_that_is_closed(crm: Crm, rep: Actor) -> None:
    ref = case(crm)
    with pytest.raises(Invalid) as refused:
        crm.update(ref, {"kind": "b"}, rep)
    assert "awn" not in told(refused.value)
    assert "hase" not in told(refused.value)
    assert crm.get(ref).values["kind"] == "a"


def test_a_form_tells_no_states_of_fields_that_are_closed(crm: Crm, rep: Actor) -> None:
    ref = case(crm)
    with crm.work(rep) as work:
        shown = [edit_form(work, ref).states, new_form(work, "case", {}).states]
        shown.append(typed_states(work, "case", "default", {"has::amount": "", "amount": "9"}, ref))
    assert not [(name, states) for states in shown for name in ("secret", "boss", "phase") if name in str(states)]


def test_chips_of_links_have_no_closed_names(crm: Crm, rep: Actor) -> None:
    person = crm.create("person", name=CANARY)
    ref = case(crm, people=[str(person.ref.id)])
    with crm.work(rep) as work:
        found = [edit_form(work, ref), new_form(work, "case", {"people": str(person.ref.id)})]
    assert CANARY not in str(found)


def test_a_restriction_does_not_count_by_a_relation_that_is_closed(crm: Crm, rep: Actor) -> None:
    ref = case(crm)
    for name in ("One", "Two"):
        crm.create("paper", name=name, case=str(ref.id))
    with pytest.raises(Conflict) as refused:
        crm.delete(ref, rep)
    assert "2" not in told(refused.value)
    assert "paper" not in told(refused.value)


def test_a_refused_restoring_names_no_closed_field(crm: Crm, rep: Actor) -> None:
    ref = case(crm)
    boss = crm.get(ref).values["boss"]
    crm.delete(ref)
    crm.delete(RecordRef("person", boss))
    with pytest.raises(Conflict) as refused, crm.work(rep) as work:
        restore_record(work, ref)
    assert "oss" not in told(refused.value)


def test_a_value_that_is_taken_in_a_hidden_field_is_not_named(crm: Crm) -> None:
    rita, boss = crm.user("Rita", role="blind"), crm.create("person", name="Boss")
    crm.create("case", name="First", secret="s", boss=str(boss.ref.id))
    with crm.work() as work:
        body = work.definition("case").canonical()
        fields = [{**each, "required": each["name"] == "name"} for each in body["fields"]]
        publish(work, load_package({"objects": {"objects/case.json": {**body, "fields": fields}}}))
    with pytest.raises(Invalid) as refused:
        crm.create("case", rita, name="Second")
    assert "oken" not in told(refused.value)
    assert [problem.path for problem in refused.value.problems] == [""]
