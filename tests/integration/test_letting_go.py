"""What somebody has and is there for goes to somebody else in one go, over the API, with counts beforehand."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.inbox import my_questions
from crm_app.services.teams import save_team
from crm_app.services.territories import save_territory, set_members
from crm_app.services.users import change_user, get_user
from tests.integration.api_client import Api, opened
from tests.questions import ask

PUBLISHED = text("UPDATE crm.definition_version SET publisher = :user WHERE name = 'told'")


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def busy(api: Api) -> None:
    """Ann owns a deal, is asked a question, is who an automation acts as, and manages a team and Cleo."""
    ann, bob = (api.people[name].user_id for name in ("ann", "bob"))
    api.people["cleo"] = api.crm.user("Cleo")
    api.deal("ann")
    step = {"id": "tell", "type": "notify", "to": "owner", "title": "'Won'"}
    body: dict[str, Any] = {"format_version": 1, "name": "told", "label": "Told", "run_as": "ann@example.com"}
    trigger = {"type": "record.created", "object": "deal"}
    body |= {"trigger": trigger, "steps": [step]}
    api.crm.publish(load_package({"automations": {"automations/told.json": body}}))
    with api.crm.work() as work:
        work.connection.execute(PUBLISHED, {"user": ann})
        ask(work, [ann], RecordRef("deal", new_id()), "Approve?")
        save_team(work, None, "West", manager=ann, parent=None, members=[])
        set_members(work, save_territory(work, "Europe"), {ann})
        for user in (bob, api.people["cleo"].user_id):
            change_user(work, user, get_user(work, user).name, ann)


def test_all_of_it_goes_to_somebody_else_in_one_go(api: Api) -> None:
    busy(api)
    ann, bob = (str(api.people[name].user_id) for name in ("ann", "bob"))
    with api.client("max") as admin, api.client("bob") as rep:
        found = admin.get(f"/api/v1/users/{ann}/holdings").json()
        duties = {
            "questions": 1,
            "runs": 1,
            "automations": 1,
            "published": 1,
            "teams": 1,
            "territories": 1,
            "people": 2,
        }
        assert found == {"records": {"deal": 1}, "duties": duties}
        assert rep.get(f"/api/v1/users/{ann}/holdings").status_code == 403
        assert rep.post(f"/api/v1/users/{ann}/hand-over", json={"to": bob}).status_code == 403
        assert admin.post(f"/api/v1/users/{ann}/hand-over", json={"to": ann}).status_code == 422
        done = admin.post(f"/api/v1/users/{ann}/hand-over", json={"to": bob})
        assert done.json() == {"given": 1, "kept": 0, "reasons": [], "left": False}
        assert admin.get(f"/api/v1/users/{ann}/holdings").json() == {"records": {}, "duties": {}}
        has = admin.get(f"/api/v1/users/{bob}/holdings").json()
        behind = admin.get("/api/v1/automations/told/publisher").json()
        assert admin.post("/api/v1/automations/told/publisher", json={}).json() == behind
        assert rep.get("/api/v1/automations/told/publisher").status_code == 403
        assert rep.post("/api/v1/automations/told/publisher", json={}).status_code == 403
        assert admin.get("/api/v1/automations/gone/publisher").status_code == 404
    assert behind == {"publisher": {"name": "Max", "lacks": ""}}
    del duties["published"]
    assert has == {"records": {"deal": 1}, "duties": {**duties, "people": 1}}
    with api.crm.work(api.people["bob"]) as work:
        (asked,) = my_questions(work)
        assert asked.for_name == "Ann"
    with api.crm.work() as work:
        assert get_user(work, api.people["bob"].user_id).manager is None
        assert next(each for each in work.catalog.automations if each.name == "told").run_as == "bob@example.com"


def test_whoever_stands_above_the_heir_stays_and_it_is_said(api: Api) -> None:
    """Cleo is managed by Bob, who is managed by Ann: were Cleo to manage Bob, they would stand in a circle."""
    ids = {name: actor.user_id for name, actor in (*api.people.items(), ("cleo", api.crm.user("Cleo")))}
    with api.crm.work() as work:
        change_user(work, ids["bob"], "Bob", ids["ann"])
        change_user(work, ids["cleo"], "Cleo", ids["bob"])
    with api.client("max") as admin:
        done = admin.post(f"/api/v1/users/{ids['ann']}/hand-over", json={"to": str(ids["cleo"])}).json()
    assert done["reasons"] == ["Bob stays: Cleo stands below them."]


def test_teams_are_read_made_and_changed_by_programs(api: Api) -> None:
    ann, bob = (str(api.people[name].user_id) for name in ("ann", "bob"))
    with api.client("max") as admin, api.client("bob") as rep:
        made = admin.post("/api/v1/teams", json={"name": "West", "manager": ann, "members": [bob]})
        assert (made.status_code, made.json()["members"]) == (201, [{"id": bob, "name": "Bob"}])
        path = f"/api/v1/teams/{made.json()['id']}"
        changed = admin.patch(path, json={"name": "Far west"}).json()
        assert (changed["name"], changed["manager"], len(changed["members"])) == ("Far west", ann, 1)
        assert admin.patch(path, json={"members": [], "manager": None}).json()["members"] == []
        assert [each["name"] for each in admin.get("/api/v1/teams").json()["teams"]] == ["Far west", "north", "south"]
        for body in ({"parent": made.json()["id"]}, {"manager": str(new_id())}, {"name": "north"}, {"admin": True}):
            assert admin.patch(path, json=body).status_code == 422
        assert admin.patch(path, json={"members": [str(new_id())]}).status_code == 404
        assert admin.get(f"/api/v1/teams/{new_id()}").status_code == 404
        assert {rep.get("/api/v1/teams").status_code, rep.patch(path, json={}).status_code} == {403}
