"""Where somebody would look who wants to know more than they may: each place once, by name."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from crm_app.automation.dry_run import as_json, dry_run
from crm_app.automation.execution import execute_step
from crm_app.automation.messages import RunInput, StepInput
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import Forbidden, Invalid
from crm_app.services.notifications import notify
from crm_app.services.run_details import StepOnce, read_run
from crm_app.web.route_access import RouteAccess
from tests.builders import field, object_body, role_body
from tests.integration.api_client import DEALS, Api, opened
from tests.integration.door import api_routes, filled
from tests.workflows.builders import WON, Automated, automation, deals_and_tasks
from tests.workflows.runs import won_run

CANARY = "Kanarienvogel"
EVERYTHING = ["read", "create", "edit", "delete"]


def business() -> Package:
    """Of deals everybody but administrators sees their own, and neither what is secret nor that there are plots."""
    deal = object_body("deal", field("code", unique=True), {**field("hoard"), "label": "Hidden treasure"})
    plot = object_body("plot", field("deal", "relation", config={"object": "deal"}))
    own = {"objects": ["deal"], "actions": EVERYTHING, "scope": "own"}
    levels = [{"object": "deal", "field": "hoard", "level": "none"}]
    roles = [role_body("rep", own, field_levels=levels)]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in (deal, plot)},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url, business()) as api:
        yield api


def test_the_document_of_the_api_names_nothing_that_its_reader_may_not_see(api: Api) -> None:
    told = api.client("ann").get("/api/openapi.json")
    assert told.status_code == 200
    objects = "".join(api.client("ann").get(f"/api/v1/objects{path}").text for path in ("", "/deal"))
    for hidden in ("hoard", "treasure", "plot", "Plot"):
        assert hidden not in told.text, hidden
        assert hidden not in objects, hidden
    whole = api.client("max").get("/api/openapi.json").text
    assert "treasure" in whole
    assert "Plot" in whole
    narrow = api.client(key=api.key("max", scopes=["deal:read"])).get("/api/openapi.json").text
    assert "Plot" not in narrow
    assert "/v1/objects/deal/records/bulk" not in narrow


def test_a_taken_value_says_the_same_of_a_record_in_sight_and_of_one_out_of_sight(api: Api) -> None:
    api.deal("ann", code="mine")
    api.deal("bob", code="theirs", name=CANARY)
    ann = api.client("ann")
    answers = [ann.post(DEALS, json={"values": {"name": "x", "code": code}}) for code in ("mine", "theirs")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].content == answers[1].content
    bulk = [{"values": {"name": "x", "code": code}} for code in ("free", "theirs")]
    told = ann.post(f"{DEALS}/bulk", json={"records": bulk})
    assert (told.status_code, CANARY in told.text) == (422, False)


def test_a_narrow_key_is_told_at_no_address_what_its_scopes_do_not_name(api: Api) -> None:
    """Also not by what was told to its person: notifications and questions may be about anything."""
    deal = api.deal("max", name=CANARY, hoard=CANARY)
    max_id = api.people["max"].user_id
    with api.crm.work() as work:
        notify(work, [max_id], f"About {CANARY}")
    whole, narrow = api.client("max"), api.client(key=api.key("max", scopes=["plot:read"]))
    assert CANARY in whole.get("/api/v1/notifications").text
    heard: dict[str, int] = {}
    for method, path, access in api_routes(api.crm):
        if method == "GET" and access is not RouteAccess.PUBLIC:
            answer = narrow.get(filled(path, deal))
            assert CANARY not in answer.text, path
            heard[path] = answer.status_code
    assert len(heard) > 25
    assert (heard["/v1/notifications"], heard["/v1/inbox"], heard["/v1/objects/{object}/records"]) == (403, 403, 404)
    assert CANARY in api.client(key=api.key("max", scopes=["*:read"])).get("/api/v1/notifications").text


SUM: dict[str, Any] = {"id": "sum", "type": "aggregate", "object": "deal", "function": "sum", "field": "amount"}
KEEP: dict[str, Any] = {"id": "keep", "type": "set_variable", "variable": "total", "value": "steps.sum.value"}
SAY: dict[str, Any] = {"id": "say", "type": "notify", "to": "owner", "title": "{{vars.total}}"}
FIND: dict[str, Any] = {"id": "find", "type": "find", "object": "deal", "where": "secret = 'hush'"}


@pytest.fixture
def crm(database_url: str) -> Iterator[Automated]:
    crm = Automated(database_url, automation("won", WON, SUM, KEEP, SAY))
    yield crm
    crm.close()


def keeper(crm: Automated, *automations: dict[str, Any]) -> UserActor:
    """Administers automations, and may not know amounts."""
    package = deals_and_tasks(*automations)
    levels = [{"object": "deal", "field": "amount", "level": "none"}]
    both = {"objects": ["deal", "task"], "actions": ["read"]}
    role = role_body("keeper", both, {"objects": ["*"], "actions": ["administer"]}, field_levels=levels)
    roles = (*package.roles, type(package.roles[0]).model_validate(role))
    crm.publish(package.model_copy(update={"roles": roles}))
    return crm.user("Kim", "keeper")


def outputs(crm: Automated, run: RunInput, who: UserActor) -> dict[str, StepOnce]:
    with crm.work(who) as work:
        return {block.id: block.times[0] for block in read_run(work, UUID(run.run.id)).blocks}


def test_what_a_step_worked_out_of_closed_fields_is_closed_in_the_inspector_and_in_every_step_after_it(
    crm: Automated,
) -> None:
    kim, ada = keeper(crm, automation("won", WON, SUM, KEEP, SAY)), crm.user("Ada", "admin")
    run = won_run(crm, amount="4711 USD")
    done: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for block in run.blocks or ():
        done[block.id] = execute_step(
            crm.workspace, StepInput(run.run, block, block.id, outputs=dict(done), variables=variables)
        ).output
        variables = {"total": done["keep"]["value"]} if "keep" in done else {}
    assert "4711" in str(outputs(crm, run, ada))
    seen = outputs(crm, run, kim)
    assert "4711" not in str(seen)
    assert [seen[name].is_output_closed for name in ("sum", "keep", "say")] == [True, True, True]
    with crm.work(kim) as work:
        (definition,) = work.catalog.automations
        tried = dry_run(work, definition)
        assert "4711" not in str(as_json(tried))
        assert "4711" not in str(tried.tried[0].outcome)
    with crm.work(ada) as work:
        assert "4711" in str(as_json(dry_run(work, definition)))


def test_no_step_looks_for_records_by_what_its_runner_may_not_see(crm: Automated) -> None:
    crm.publish(deals_and_tasks(automation("won", WON, FIND)))
    run = won_run(crm)
    (block,) = run.blocks or ()
    with pytest.raises(Forbidden, match="may not see"):
        execute_step(crm.workspace, StepInput(run.run, block, block.id))


def test_no_step_adds_up_what_is_masked_for_its_runner(crm: Automated) -> None:
    package = deals_and_tasks(automation("won", WON, SUM))
    masked = [{"object": "deal", "field": "amount", "level": "mask"}]
    rep = role_body("rep", {"objects": ["deal", "task"], "actions": EVERYTHING}, field_levels=masked)
    crm.publish(package.model_copy(update={"roles": (type(package.roles[0]).model_validate(rep),)}))
    run = won_run(crm)
    (block,) = run.blocks or ()
    with pytest.raises(Invalid):
        execute_step(crm.workspace, StepInput(run.run, block, block.id))
