"""Pipelines at work: gates hold on every way in, and every move is on record."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.services.record_query import Condition, RecordQuery
from crm_app.services.records import create_records
from crm_app.services.values import BadValues
from tests.builders import Crm, field, object_body, role_body, select_field

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
STAGES = ("lead", "offer", "deal", "won", "lost")
EVERYTHING = ["read", "create", "edit", "delete"]


def business(*, more: dict[str, Any] | None = None, **stages: dict[str, Any]) -> Package:
    """Deals with one pipeline; `stages` and `more` add to its stages and to itself."""
    kinds = {"won": {"kind": "won"}, "lost": {"kind": "lost"}}
    pipeline = {
        "name": "sales",
        "label": "Sales",
        "field": "stage",
        "stages": [{"name": name, **kinds.get(name, {}), **stages.get(name, {})} for name in STAGES],
        **(more or {}),
    }
    deal = object_body(
        "deal",
        select_field("stage", (*STAGES, "elsewhere")),
        select_field("reason", ("price", "rival")),
        field("amount", "currency"),
        field("closed", "date"),
        field("company", "relation", config={"object": "company"}),
        pipelines=[pipeline],
    )
    roles = [
        role_body("rep", {"objects": ["deal", "company"], "actions": EVERYTHING}),
        role_body("closer", inherits=["rep"]),
        role_body("blind", inherits=["rep"], field_levels=[{"object": "deal", "field": "stage", "level": "none"}]),
    ]
    company = object_body("company", field("checked", "boolean"))
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (deal, company)},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, business())
    yield crm
    crm.close()


def refusal_of(crm: Crm, ref: RecordRef, values: dict[str, Any], *actor: Any) -> TrellisError:
    with pytest.raises(Invalid) as refused:
        crm.update(ref, values, *actor)
    return refused.value


def paths(refusal: TrellisError) -> list[str]:
    return [problem.path for problem in refusal.problems]


def moves(crm: Crm, ref: RecordRef) -> list[tuple[str, str, int | None]]:
    query = "SELECT from_stage, to_stage, seconds FROM crm.stage_move WHERE record = %s ORDER BY at, id"
    with crm.work() as work:
        return [tuple(row) for row in work.connection.exec_driver_sql(query, (ref.id,))]


def test_every_move_is_recorded_with_the_time_in_the_stage_before(crm: Crm) -> None:
    ann = crm.user("Ann")
    with clock.frozen(MONDAY):
        deal = crm.create("deal", ann, name="Big", stage="lead")
    with clock.frozen(MONDAY + timedelta(days=2)):
        crm.update(deal.ref, {"stage": "offer", "name": "Bigger"}, ann)
    with clock.frozen(MONDAY + timedelta(days=2, seconds=90)):
        crm.update(deal.ref, {"name": "Biggest"}, ann)
        crm.update(deal.ref, {"stage": "won"}, ann)
    assert moves(crm, deal.ref) == [("", "lead", None), ("lead", "offer", 172_800), ("offer", "won", 90)]
    with crm.work() as work:
        names = work.connection.exec_driver_sql("SELECT DISTINCT actor->>'name', pipeline FROM crm.stage_move").all()
    assert [tuple(row) for row in names] == [("Ann", "sales")]
    assert crm.get(deal.ref).values["stage_since"] == MONDAY + timedelta(days=2, seconds=90)


def test_many_records_move_in_one_transaction_and_a_refused_one_leaves_no_trace(crm: Crm) -> None:
    with crm.work() as work:
        made = create_records(work, "deal", [{"name": f"d{n}", "stage": "lead"} for n in range(1000)])
    with crm.work() as work:
        assert work.connection.exec_driver_sql("SELECT count(*) FROM crm.stage_move").scalar_one() == 1000
    refusal_of(crm, made[0].ref, {"stage": "elsewhere"})
    assert moves(crm, made[0].ref) == [("", "lead", None)]


def test_since_when_a_record_is_in_its_stage_is_a_field_like_any_other(crm: Crm) -> None:
    with clock.frozen(MONDAY):
        crm.create("deal", name="Old", stage="lead")
    with clock.frozen(MONDAY + timedelta(days=30)):
        crm.create("deal", name="New", stage="lead")
        crm.create("deal", name="Nowhere")
        assert crm.names(RecordQuery("deal", (Condition("stage_since", "lt", "2026-03-10T00:00Z"),))) == ["Old"]
        assert crm.names(RecordQuery("deal", rule="stage_since < now - P7D")) == ["Old"]
        assert crm.names(RecordQuery("deal", (Condition("stage_since", "is_empty"),))) == ["Nowhere"]


def test_nobody_sets_since_when_and_who_may_not_see_the_stage_does_not_see_it(crm: Crm) -> None:
    ann, bob = crm.user("Ann"), crm.user("Bob", role="blind")
    deal = crm.create("deal", ann, name="Big", stage="lead")
    assert paths(refusal_of(crm, deal.ref, {"stage_since": "2020-01-01T00:00Z"}, ann)) == ["stage_since"]
    assert "stage_since" not in crm.get(deal.ref, bob).values
    with pytest.raises(Invalid, match="no field 'stage_since'"):
        crm.names(RecordQuery("deal", (Condition("stage_since", "is_empty"),)), bob)


def test_a_gate_asks_for_what_is_missing_and_says_which(crm: Crm) -> None:
    gate = {"gate": {"required": ["amount", "company"], "rule": "amount > 5 USD", "message": "Too small to bother."}}
    crm.publish(business(offer=gate))
    deal = crm.create("deal", name="Big", stage="lead")
    refused = refusal_of(crm, deal.ref, {"stage": "offer"})
    assert paths(refused) == refused.details["needs"] == ["amount", "company"]
    assert str(refused.problems[0]) == "amount: Amount is needed to enter Offer."
    company = crm.create("company", name="Acme")
    small = refusal_of(crm, deal.ref, {"stage": "offer", "amount": 5, "company": str(company.ref.id)})
    assert [str(problem) for problem in small.problems] == ["stage: Too small to bother."]
    assert small.details == {"turns": ["amount"]}
    moved = crm.update(deal.ref, {"stage": "offer", "amount": 6, "company": str(company.ref.id)})
    assert moved.values["stage"] == "offer"
    assert paths(refusal_of(crm, deal.ref, {"amount": None})) == ["amount"]
    crm.update(deal.ref, {"amount": 3})


def test_an_unknown_rule_opens_no_gate_and_a_rule_may_look_across_relations_and_back(crm: Crm) -> None:
    gate = {"gate": {"rule": "company.checked and old.stage = 'lead'", "message": "Check the company first."}}
    crm.publish(business(offer=gate))
    company = crm.create("company", name="Acme")
    deal = crm.create("deal", name="Big", stage="lead")
    assert paths(refusal_of(crm, deal.ref, {"stage": "offer"})) == ["stage"]
    assert paths(refusal_of(crm, deal.ref, {"stage": "offer", "company": str(company.ref.id)})) == ["stage"]
    crm.update(company.ref, {"checked": True})
    crm.update(deal.ref, {"stage": "offer", "company": str(company.ref.id)})


def test_a_gate_holds_for_new_records_too_unless_it_is_for_moves_only(crm: Crm) -> None:
    crm.publish(
        business(offer={"gate": {"required": ["amount"]}}, deal={"gate": {"required": ["amount"], "on": "move"}})
    )
    with pytest.raises(BadValues) as refused, crm.work() as work:
        create_records(work, "deal", [{"name": "a", "stage": "lead"}, {"name": "b", "stage": "offer"}])
    assert [problem.path for problem in refused.value.problems] == ["1/amount"]
    old = crm.create("deal", name="From the archive", stage="deal")
    crm.update(old.ref, {"name": "Still there"})
    bare = crm.create("deal", name="Without a stage")
    assert paths(refusal_of(crm, bare.ref, {"stage": "deal"})) == ["amount"]


def test_what_leaves_a_stage_passes_its_exit(crm: Crm) -> None:
    crm.publish(business(lead={"exit": {"required": ["company"]}}))
    deal = crm.create("deal", name="Big", stage="lead")
    refused = refusal_of(crm, deal.ref, {"stage": "lost"})
    assert [str(problem) for problem in refused.problems] == ["company: Company is needed to leave Lead."]


@pytest.mark.parametrize(
    ("rules", "steps", "sentence"),
    [
        ({"skip": False}, ("lead", "deal"), "Offer can't be skipped."),
        ({"skip": False}, ("lead", "won"), "Offer and Deal can't be skipped."),
        ({"skip": False}, ("lead", "lost"), ""),
        ({"skip": False}, ("lead", "offer", "deal", "won"), ""),
        ({"back": False}, ("offer", "lead"), "A record can't go back from Offer to Lead."),
        ({"back": False}, ("won", "lead"), "What is won stays so."),
        ({"back": False}, ("lost", "won"), "What is lost stays so."),
        ({}, ("won", "lead"), ""),
        ({"skip": False}, ("offer", None), "Stage can't be emptied: its moves are limited."),
        ({}, ("offer", None), ""),
        ({}, ("lead", "elsewhere"), "Elsewhere is no stage of Sales."),
    ],
)
def test_a_pipeline_says_which_moves_it_allows(
    crm: Crm, rules: dict[str, Any], steps: tuple[str, ...], sentence: str
) -> None:
    crm.publish(business(more=rules))
    deal = crm.create("deal", name="Big", stage=steps[0])
    for step in steps[1:-1]:
        crm.update(deal.ref, {"stage": step})
    if sentence:
        assert str(refusal_of(crm, deal.ref, {"stage": steps[-1]}).problems[0]) == f"stage: {sentence}"
    else:
        assert crm.update(deal.ref, {"stage": steps[-1]}).values["stage"] == steps[-1]


def test_where_no_way_leads_no_gate_is_asked_and_none_tells_of_what_is_hidden(crm: Crm) -> None:
    crm.publish(business(more={"back": False}, won={"gate": {"rule": "amount >= 10 USD", "message": "Too small."}}))
    for amount in (1, 30):
        deal = crm.create("deal", name="Over", stage="lost", amount=amount)
        refused = refusal_of(crm, deal.ref, {"stage": "won"})
        assert [str(problem) for problem in refused.problems] == ["stage: What is lost stays so."]


def test_a_stage_may_name_what_follows(crm: Crm) -> None:
    crm.publish(business(lead={"to": ["offer", "lost"]}, won={"to": []}))
    deal = crm.create("deal", name="Big", stage="lead")
    refused = refusal_of(crm, deal.ref, {"stage": "won"})
    assert refused.problems[0].message == "From Lead a record goes only to Offer or Lost."
    won = crm.create("deal", name="Done", stage="won")
    assert refusal_of(crm, won.ref, {"stage": "lead"}).problems[0].message == "Nothing follows Won."


def test_only_the_roles_named_move_records_and_an_administrator(crm: Crm) -> None:
    crm.publish(business(won={"roles": ["closer"]}))
    rep, closer, admin = crm.user("Rep"), crm.user("Closer", role="closer"), crm.user("Admin", role="admin")
    deal = crm.create("deal", rep, name="Big", stage="lead")
    assert refusal_of(crm, deal.ref, {"stage": "won"}, rep).problems[0].message == (
        "Your role doesn't let you move records to Won."
    )
    with pytest.raises(Invalid):
        crm.create("deal", rep, name="Born there", stage="won")
    for actor in (closer, admin):
        crm.update(deal.ref, {"stage": "won"}, actor)
        crm.update(deal.ref, {"stage": "lead"}, actor)
    crm.publish(business(more={"roles": ["closer"]}))
    crm.create("deal", rep, name="New", stage="lead")
    assert "move records in Sales" in refusal_of(crm, deal.ref, {"stage": "offer"}, rep).problems[0].message


def test_a_loss_has_a_reason_and_closing_a_date(crm: Crm) -> None:
    crm.publish(business(more={"lost_reason": "reason", "won_date": "closed", "lost_date": "closed"}))
    with clock.frozen(MONDAY):
        deal = crm.create("deal", name="Big", stage="lead", closed="2026-12-24")
        assert refusal_of(crm, deal.ref, {"stage": "lost"}).details["needs"] == ["reason"]
        lost = crm.update(deal.ref, {"stage": "lost", "reason": "price"})
        assert lost.values["closed"] == MONDAY.date()
        assert paths(refusal_of(crm, deal.ref, {"reason": None})) == ["reason"]
        again = crm.update(deal.ref, {"stage": "lead"})
        assert (again.values["reason"], again.values["closed"]) == (None, MONDAY.date())
        won = crm.update(deal.ref, {"stage": "won", "closed": "2026-02-28"})
        assert won.values["closed"].isoformat() == "2026-02-28"
        history = crm.create("deal", name="Of the past", stage="won")
        assert history.values["closed"] is None
    with pytest.raises(Invalid, match="Reason is needed to enter Lost"):
        crm.create("deal", name="No reason", stage="lost")


def test_history_may_come_without_a_reason_only_where_the_definition_says_so(crm: Crm) -> None:
    crm.publish(business(more={"lost_reason": "reason", "lost_reason_on": "move"}))
    crm.create("deal", name="Of the past", stage="lost")
    deal = crm.create("deal", name="Of today", stage="lead")
    assert paths(refusal_of(crm, deal.ref, {"stage": "lost"})) == ["reason"]


def test_a_gate_that_stays_closed_names_the_clauses_and_the_values(crm: Crm) -> None:
    rule = "amount > 5 USD and (company.checked or company.name = 'Sure')"
    crm.publish(business(offer={"gate": {"rule": rule, "message": "Not yet."}}))
    company = crm.create("company", name="Acme")
    deal = crm.create("deal", name="x", amount="3", company=str(company.ref.id))
    with pytest.raises(Invalid) as found:
        crm.update(deal.ref, {"stage": "offer"})
    [problem] = found.value.problems
    assert [(clause.rule, clause.outcome, clause.needed) for clause in problem.clauses] == [
        ("amount > 5 USD", "false", True),
        ("company.checked", "unknown", True),
    ]
    assert problem.sentence.startswith("Not yet. Amount is 3 USD; needed is: Amount is more than 5 USD. Company")
    assert problem.sentence.endswith("Checked is yes.")
    crm.update(company.ref, {"checked": True})
    with pytest.raises(Invalid, match="Not yet") as again:
        crm.update(deal.ref, {"stage": "offer"})
    assert [clause.rule for clause in again.value.problems[0].clauses] == ["amount > 5 USD"]


def test_a_closed_gate_names_the_records_that_keep_it_so_as_far_as_the_reader_sees_them(crm: Crm) -> None:
    crm.publish(business(offer={"gate": {"rule": "all(company.deal_company: amount > 5 USD)", "message": "Not yet."}}))
    company = crm.create("company", name="Acme")
    there = {"company": str(company.ref.id)}
    small = crm.create("deal", name="Small", amount="3", **there)
    crm.create("deal", name="Large", amount="30", **there)
    deal = crm.create("deal", name="Mid", amount="7", **there)
    with pytest.raises(Invalid) as found:
        crm.update(deal.ref, {"stage": "offer"})
    [clause] = found.value.problems[0].clauses
    assert (clause.records, clause.record_count) == ((str(small.ref.id),), 1)
    assert clause.message.startswith("Because of Small (Amount is 3 USD); needed is: For every one of ")
