"""How pipelines stand: what is in each stage, how long records stay, and who sees it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_app.automation.rules import rules_of
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.rules.errors import RuleError
from crm_app.services.definitions import publish
from crm_app.services.lists import list_records
from crm_app.services.pipelines import (
    find_process,
    in_pipeline,
    is_rotting,
    moves_of,
    stage_path,
    standings,
    visible_processes,
)
from crm_app.services.record_query import RecordQuery
from crm_app.services.renames import rename
from tests.builders import Crm, field, object_body, role_body, select_field, small_business
from tests.integration.api_client import Api

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSED = [{"name": "won", "kind": "won"}, {"name": "lost", "kind": "lost"}]


def two_pipelines() -> Package:
    """New business and renewals share the field `stage`; whatever else there is goes through the last one."""
    shared = {"field": "stage", "amount": "amount"}
    new = {
        "name": "new",
        "label": "New business",
        "when": "kind = 'new'",
        "stages": [
            {"name": "lead", "probability": 10, "rotting_days": 5},
            {"name": "offer", "probability": 50},
            *CLOSED,
        ],
    }
    renewals = {
        "name": "renewals",
        "label": "Renewals",
        "when": "kind = 'renewal'",
        "stages": [{"name": "due", "probability": 80}, *CLOSED],
    }
    rest = {"name": "rest", "label": "Everything else", "stages": [{"name": "lead", "probability": 30}, *CLOSED]}
    deal = object_body(
        "deal",
        select_field("stage", ("lead", "offer", "due", "won", "lost")),
        select_field("kind", ("new", "renewal", "odd")),
        field("amount", "currency"),
        pipelines=[{**shared, **pipeline} for pipeline in (new, renewals, rest)],
    )
    roles = [
        role_body("rep", {"objects": ["deal"], "actions": ["read", "create", "edit"], "scope": "own"}),
        role_body(
            "narrow",
            {"objects": ["deal"], "actions": ["read"]},
            field_levels=[{"object": "deal", "field": "kind", "level": "none"}],
        ),
        role_body(
            "blind",
            {"objects": ["deal"], "actions": ["read"]},
            field_levels=[{"object": "deal", "field": "stage", "level": "none"}],
        ),
    ]
    return load_package(
        {"objects": {"objects/deal.json": deal}, "roles": {f"roles/{body['name']}.json": body for body in roles}}
    )


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, two_pipelines())
    yield crm
    crm.close()


def counts(crm: Crm, pipeline: str, *actor: Any, rule: str = "") -> dict[str, int]:
    with crm.work(*actor) as work:
        process = find_process(work, "deal", pipeline)
        return {s.stage.name: s.count for s in standings(work, RecordQuery("deal", rule=rule), process) if s.count}


def test_records_of_one_field_stand_in_the_pipeline_that_is_for_them(crm: Crm) -> None:
    crm.create("deal", name="a", kind="new", stage="lead")
    crm.create("deal", name="b", kind="renewal", stage="due")
    crm.create("deal", name="c", kind="odd", stage="lead")
    crm.create("deal", name="d", stage="lead")
    assert counts(crm, "new") == {"lead": 1}
    assert counts(crm, "renewals") == {"due": 1}
    assert counts(crm, "rest") == {"lead": 2}
    assert counts(crm, "rest", rule="name = 'c' or name = 'a'") == {"lead": 1}
    with pytest.raises(Invalid, match="Due is no stage of New business"):
        crm.create("deal", name="e", kind="new", stage="due")


def test_a_record_that_changes_its_pipeline_enters_the_other_one(crm: Crm) -> None:
    deal = crm.create("deal", name="a", kind="new", stage="lead")
    with pytest.raises(Invalid, match="Lead is no stage of Renewals"):
        crm.update(deal.ref, {"kind": "renewal"})
    crm.update(deal.ref, {"kind": "renewal", "stage": "due"})
    crm.update(deal.ref, {"kind": "odd", "stage": "lead"})
    with crm.work() as work:
        moves = [(move.pipeline, move.from_stage, move.to_stage) for move in moves_of(work, deal.ref)]
    assert moves == [("new", "", "lead"), ("renewals", "lead", "due"), ("rest", "due", "lead")]


def test_a_stage_adds_up_and_weighs_by_the_chance_to_win(crm: Crm) -> None:
    for stage, amount in (("lead", "100 USD"), ("lead", "50 EUR"), ("offer", "10 USD"), ("won", "7 USD"), ("lost", 9)):
        crm.create("deal", name="a", kind="new", stage=stage, amount=amount)
    with crm.work() as work:
        found = {s.stage.name: s for s in standings(work, RecordQuery("deal"), find_process(work, "deal", "new"))}
    assert found["lead"].sums == {"EUR": Decimal(50), "USD": Decimal(100)}
    assert found["lead"].weighted == {"EUR": Decimal(5), "USD": Decimal(10)}
    assert (found["offer"].weighted, found["won"].weighted) == ({"USD": Decimal(5)}, {"USD": Decimal(7)})
    assert set(found["lost"].weighted.values()) == {Decimal(0)}


def test_the_time_in_each_stage_is_averaged_over_what_the_actor_sees(crm: Crm) -> None:
    ann, bob = crm.user("Ann"), crm.user("Bob")
    for actor, days in ((ann, 2), (bob, 4)):
        with clock.frozen(MONDAY):
            deal = crm.create("deal", actor, name="a", kind="new", stage="lead")
        with clock.frozen(MONDAY + timedelta(days=days)):
            crm.update(deal.ref, {"stage": "offer"}, actor)

    def average(*actor: Any) -> dict[str, float | None]:
        with crm.work(*actor) as work:
            process = find_process(work, "deal", "new")
            return {s.stage.name: s.average_days for s in standings(work, RecordQuery("deal"), process)}

    assert average() == {"lead": 3, "offer": None, "won": None, "lost": None}
    assert (average(ann)["lead"], average(bob)["lead"]) == (2, 4)


def test_a_record_shows_how_long_it_was_in_each_stage_and_when_it_waits_too_long(crm: Crm) -> None:
    with clock.frozen(MONDAY):
        deal = crm.create("deal", name="a", kind="new", stage="lead")
    with clock.frozen(MONDAY + timedelta(days=3)):
        crm.update(deal.ref, {"stage": "offer"})
    with clock.frozen(MONDAY + timedelta(days=4)):
        crm.update(deal.ref, {"stage": "lead"})
    with clock.frozen(MONDAY + timedelta(days=6)), crm.work() as work:
        found = stage_path(work, deal.ref, crm.get(deal.ref).values)
        assert found
        process, path = found
        assert {each.stage.name: each.seconds for each in path if each.seconds} == {"lead": 5 * 86_400, "offer": 86_400}
        assert [each.is_current for each in path] == [True, False, False, False]
        lead = process.pipeline.stages[0]
        assert not is_rotting(lead, MONDAY + timedelta(days=4))
        assert is_rotting(lead, MONDAY)


def test_a_pipeline_is_seen_by_whoever_may_see_what_decides_it(crm: Crm) -> None:
    narrow, blind = crm.user("Nora", role="narrow"), crm.user("Bert", role="blind")
    crm.create("deal", name="a", kind="new", stage="lead")
    with crm.work(narrow) as work, pytest.raises(NotFound):
        find_process(work, "deal", "new")
    with crm.work(blind) as work:
        assert visible_processes(work, "deal") == []
    deal = crm.create("deal", name="b", stage="lead")
    with crm.work(blind) as work:
        assert moves_of(work, deal.ref) == []


def test_the_rule_of_a_pipeline_is_the_same_for_a_list_and_for_one_record(crm: Crm) -> None:
    for kind in ("new", "renewal", "odd", None):
        crm.create("deal", name=str(kind), kind=kind)
    with crm.work() as work:
        (driven,) = work.schema.driven("deal")
        for process in driven.processes:
            chosen = in_pipeline(work, RecordQuery("deal"), process)
            listed = set(crm.names(chosen))
            kinds = ("new", "renewal", "odd", None)
            assert listed == {str(kind) for kind in kinds if driven.process_of({"kind": kind}) is process}


def test_a_renamed_field_and_object_keep_their_times_and_moves(crm: Crm) -> None:
    view = {"format_version": 1, "name": "old", "label": "Old", "object": "deal", "filter": "stage_since < now - P7D"}
    crm.publish(load_package({"views": {"views/old.json": {**view, "sort": [{"field": "stage_since"}]}}}))
    with clock.frozen(MONDAY):
        deal = crm.create("deal", name="a", kind="new", stage="lead")
    for path, name in (("objects/deal/fields/stage", "phase"), ("objects/deal", "bargain")):
        with crm.work() as work:
            publish(work, rename(work, Package(), path, name, rules_of))
    ref = RecordRef("bargain", deal.ref.id)
    with crm.work() as work:
        (old,) = work.catalog.views
        assert (old.filter, old.sort[0].field) == ("phase_since < now - P7D", "phase_since")
        assert crm.get(ref).values["phase_since"] == MONDAY
        assert [move.to_stage for move in moves_of(work, ref)] == ["lead"]
    crm.update(ref, {"phase": "offer"})
    with crm.work() as work:
        found = standings(work, RecordQuery("bargain"), find_process(work, "bargain", "new"))
        assert len(moves_of(work, ref)) == 2
    stages = {each.stage.name: each for each in found}
    assert stages["offer"].count == 1
    assert stages["lead"].average_days


def test_the_api_tells_moves_and_standing_and_refuses_a_closed_gate(database_url: str) -> None:
    crm = Crm(database_url)
    body = next(each for each in small_business().objects if each.name == "deal").canonical()
    body["pipelines"][0]["stages"][2]["gate"] = {"required": ["amount"]}
    crm.publish(load_package({"objects": {"objects/deal.json": body}}))
    try:
        api = Api(crm)
        client = api.client("max")
        deal = api.deal("ann", stage="prospecting")
        path = f"/api/v1/objects/deal/records/{deal}"
        refused = client.patch(path, json={"values": {"stage": "won"}})
        assert refused.status_code == 422
        error = refused.json()["error"]
        assert error["problems"] == [{"path": "amount", "message": "Amount is needed to enter Won."}]
        assert error["details"] == {"needs": ["amount"]}
        records = [{"values": {"name": "x", "stage": "won"}}]
        many = client.post("/api/v1/objects/deal/records/bulk", json={"records": records})
        assert (many.status_code, many.json()["error"]["problems"][0]["path"]) == (422, "amount")
        assert client.patch(path, json={"values": {"stage": "won", "amount": 5}}).status_code == 200
        moves = client.get(f"{path}/moves").json()["moves"]
        assert [(move["from"], move["to"]) for move in moves] == [(None, "prospecting"), ("prospecting", "won")]
        assert (moves[1]["by"], moves[0]["seconds"], moves[1]["seconds"]) == ("Max", None, 0)
        stages = client.get("/api/v1/objects/deal/pipelines/sales").json()["stages"]
        assert [(stage["name"], stage["count"]) for stage in stages if stage["count"]] == [("won", 1)]
        assert client.get("/api/v1/objects/deal/pipelines/none").status_code == 404
        assert api.client("bob").get(f"{path}/moves").status_code == 404
        document = client.get("/api/openapi.json").json()
        assert {"/v1/objects/deal/pipelines/sales", "/v1/objects/deal/records/{id}/moves"} <= document["paths"].keys()
    finally:
        crm.close()


def test_a_filter_can_not_leave_the_pipeline_whose_standing_is_asked(crm: Crm) -> None:
    """A rule joined as text would be loosened by a bracket that it closes itself (hardening.md, 2)."""
    for kind in ("new", "renewal"):
        crm.create("deal", name=kind, kind=kind)
    with crm.work() as work:
        process = find_process(work, "deal", "new")
        for rule in ("name = 'x') or (true", "true) or (true"):
            with pytest.raises(RuleError):
                list_records(work, in_pipeline(work, RecordQuery("deal", rule=rule), process))
        loose = in_pipeline(work, RecordQuery("deal", rule="kind = 'renewal' or true"), process)
        assert [record.name for record in list_records(work, loose).records] == ["new"]
