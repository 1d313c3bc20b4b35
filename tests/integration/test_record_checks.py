"""Conditions of fields and checks of objects hold on every write path, and refuse with a sentence at its place."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Invalid
from crm_app.services.records import create_records
from crm_app.services.values import BadValues
from tests.builders import STAGES, Crm, field, object_body, role_body, select_field


def package(**more: Any) -> Package:
    company = object_body("company", field("is_blocked", "boolean"), field("city"))
    deal = object_body(
        "deal",
        select_field("stage", STAGES),
        field("amount", "currency", read_only_when="stage = 'won'"),
        field("lost_reason", required_when="stage = 'lost'", visible_when="stage = 'lost'"),
        field("partner", required=True, visible_when="amount > 1000 USD"),
        field("close_date", "date", default={"rule": "today + P30D"}),
        field("reminder", "date", default={"rule": "close_date - P7D"}),
        field("company", "relation", config={"object": "company"}),
        field("secret", required_when="stage = 'won'"),
        validation_rules=[
            {"when": "amount < 0 USD", "message": "An amount is never below zero.", "field": "amount"},
            {"when": "company.is_blocked", "message": "This company is blocked."},
        ],
        **more,
    )
    everything = ["read", "create", "edit", "delete"]
    open_deal = {"objects": ["deal"], "actions": everything, "scope": "all"}
    blind = role_body(
        "blind",
        open_deal,
        field_levels=[{"object": "deal", "field": "secret", "level": "none"}],
    )
    rep = role_body("rep", open_deal, {"objects": ["company"], "actions": everything})
    bodies = {f"objects/{body['name']}.json": body for body in (company, deal)}
    return load_package({"objects": bodies, "roles": {"roles/blind.json": blind, "roles/rep.json": rep}})


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, package())
    yield crm
    crm.close()


def refusal(found: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {problem.path: problem.message for problem in found.value.problems}


def test_what_a_rule_requires_can_not_be_left_empty(crm: Crm) -> None:
    with pytest.raises(BadValues) as found:
        crm.create("deal", name="x", stage="lost")
    assert refusal(found) == {"lost_reason": "Lost reason is required."}
    deal = crm.create("deal", name="x")
    with pytest.raises(BadValues, match="Lost reason is required"):
        crm.update(deal.ref, {"stage": "lost"})
    lost = crm.update(deal.ref, {"stage": "lost", "lost_reason": "price"})
    with pytest.raises(BadValues, match="Lost reason is required"):
        crm.update(lost.ref, {"lost_reason": ""})


def test_an_invisible_field_keeps_its_value_and_is_not_required(crm: Crm) -> None:
    deal = crm.create("deal", name="x", stage="lost", lost_reason="price")
    assert crm.update(deal.ref, {"stage": "engaging"}).values["lost_reason"] == "price"
    assert deal.values["partner"] is None
    with pytest.raises(BadValues, match="Partner is required"):
        crm.create("deal", name="x", amount="2000")
    with_partner = crm.create("deal", name="x", amount="2000", partner="Ada")
    assert crm.update(with_partner.ref, {"amount": "10", "partner": None}).values["partner"] is None


def test_what_is_read_only_by_a_rule_can_not_be_changed(crm: Crm) -> None:
    won = crm.create("deal", name="x", stage="won", amount="10", secret="s")
    with pytest.raises(BadValues) as found:
        crm.update(won.ref, {"amount": "20"})
    assert refusal(found) == {"amount": "Amount can't be changed now."}
    assert crm.update(won.ref, {"amount": "10", "name": "y"}).name == "y"
    opened = crm.update(won.ref, {"amount": "20", "stage": "engaging"})
    with pytest.raises(BadValues, match="Amount can't be changed now"):
        crm.update(opened.ref, {"amount": "30", "stage": "won"})


def test_a_check_refuses_with_its_message_and_only_on_true(crm: Crm) -> None:
    with pytest.raises(BadValues) as found:
        crm.create("deal", name="x", amount="-1")
    assert refusal(found) == {"amount": "An amount is never below zero."}
    company = crm.create("company", name="Blocked", is_blocked=True)
    deal = crm.create("deal", name="no amount, no company: unknown refuses nothing")
    with pytest.raises(BadValues) as refused:
        crm.update(deal.ref, {"company": str(company.ref.id)})
    assert refusal(refused) == {"": "This company is blocked."}


def test_of_many_records_each_problem_says_which_one(crm: Crm) -> None:
    with crm.work() as work, pytest.raises(BadValues) as found:
        create_records(work, "deal", [{"name": "x"}, {"name": "y", "amount": "-1"}, {"name": "z", "stage": "lost"}])
    assert set(refusal(found)) == {"1/amount", "2/lost_reason"}


def test_defaults_can_be_formulas_that_see_what_was_given(crm: Crm) -> None:
    today = clock.now().date()
    assert crm.create("deal", name="x").values["close_date"] == today + timedelta(days=30)
    given = crm.create("deal", name="x", close_date="2026-03-10")
    assert given.values["reminder"] == date(2026, 3, 3)
    assert crm.create("deal", name="x", close_date=None).values["close_date"] is None


def test_no_sentence_names_a_field_that_does_not_exist_for_its_reader(crm: Crm) -> None:
    with pytest.raises(BadValues) as found:
        crm.create("deal", crm.user("Ann", "blind"), name="x", stage="won")
    assert "ecret" not in str(found.value)
    assert refusal(found)[""].startswith("Something is required that you may not see")


def test_a_check_says_nothing_of_a_record_that_the_actor_can_not_see(crm: Crm) -> None:
    company = crm.create("company", name="Blocked", is_blocked=True)
    with pytest.raises(BadValues) as found:
        crm.create("deal", crm.user("Ann", "blind"), name="x", company=str(company.ref.id))
    assert "blocked" not in str(found.value)


def contacts(**more: Any) -> Package:
    company = object_body("company", field("is_blocked", "boolean"), field("city"))
    contact = object_body(
        "contact", field("email", "email"), field("company", "relation", config={"object": "company"}), **more
    )
    return load_package({"objects": {f"objects/{body['name']}.json": body for body in (company, contact)}})


def test_fields_that_are_unique_together_are_so_without_regard_to_case(crm: Crm) -> None:
    crm.publish(contacts(unique_together=[["company", "email"]]))
    acme, other = (str(crm.create("company", name=name).ref.id) for name in ("Acme", "Other"))
    crm.create("contact", name="a", company=acme, email="ada@example.com")
    with pytest.raises(Invalid) as found:
        crm.create("contact", name="b", company=acme, email="ADA@example.com")
    assert refusal(found) == {"company": "Another contact already has this company and email."}
    moved = crm.create("contact", name="b", company=other, email="ada@example.com")
    with pytest.raises(Invalid, match="already has this company and email"):
        crm.update(moved.ref, {"company": acme})
    crm.create("contact", name="c", company=acme)
    crm.create("contact", name="d", company=acme)


def test_fields_can_not_become_unique_together_while_records_share_them(crm: Crm) -> None:
    crm.publish(contacts())
    acme = str(crm.create("company", name="Acme").ref.id)
    for name in ("a", "b"):
        crm.create("contact", name=name, company=acme, email="ada@example.com")
    with pytest.raises(Conflict) as found:
        crm.publish(contacts(unique_together=[["company", "email"]]))
    (problem,) = found.value.problems
    assert problem.path == "objects/contact/unique_together/0"
    assert "have the same Company and Email" in problem.message


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"validation_rules": [{"when": "nope > 1", "message": "No."}]}, "objects/thing/validation_rules/0/when"),
        ({"layouts": [{"name": "a", "label": "A", "when": "size", "tabs": [{"label": "T"}]}]}, "layouts/a/when"),
        ({"fields": [field("name"), field("size", required_when="name")]}, "fields/size/required_when"),
        ({"fields": [field("name"), field("size", visible_when="name >")]}, "fields/size/visible_when"),
        ({"fields": [field("name"), field("size", "date", default={"rule": "1"})]}, "fields/size/default/rule"),
        ({"fields": [field("name"), field("size", "date", default="soon")]}, "fields/size/default"),
    ],
)
def test_a_broken_rule_or_default_is_refused_with_its_place(crm: Crm, more: dict[str, Any], place: str) -> None:
    body = {**object_body("thing", field("size", "number")), **more}
    with pytest.raises(Invalid) as found:
        crm.publish(load_package({"objects": {"objects/thing.json": body}}))
    assert any(place in path for path in refusal(found))


def reasons(found: pytest.ExceptionInfo[Invalid]) -> dict[str, list[str]]:
    return {problem.path: [clause.message for clause in problem.clauses] for problem in found.value.problems}


def test_a_refusal_names_the_clauses_and_the_values_that_made_it(crm: Crm) -> None:
    rep = crm.user("Rita", "rep")
    with pytest.raises(BadValues) as found:
        crm.create("deal", rep, name="x", amount="-1")
    assert reasons(found) == {"amount": ["Amount is -1 USD."]}
    [clause] = found.value.problems[0].clauses
    assert (clause.rule, clause.outcome, clause.needed) == ("amount < 0 USD", "true", False)
    assert clause.values == (("amount", "-1 USD"),)
    with pytest.raises(BadValues) as found:
        crm.create("deal", rep, name="x", stage="lost")
    assert reasons(found) == {"lost_reason": ["Stage is Lost."]}
    blocked = crm.create("company", name="Blocked", is_blocked=True)
    with pytest.raises(BadValues) as found:
        crm.create("deal", rep, name="x", company=str(blocked.ref.id))
    [[said]] = reasons(found).values()
    assert said.startswith("Company")
    assert said.endswith("Is blocked is yes.")


def test_whoever_may_not_see_all_that_a_rule_names_is_given_no_reasons(crm: Crm) -> None:
    blocked = crm.create("company", name="Blocked", is_blocked=True)
    blind = crm.user("Ben", "blind")
    with pytest.raises(Invalid) as found:
        crm.create("deal", blind, name="x", company=str(blocked.ref.id))
    assert not any(problem.clauses for problem in found.value.problems)
