"""Teams and territories over the API: made, changed, and removed when nothing belongs to them any more."""

from collections.abc import Iterator

import pytest

from crm_app.definitions.load import load_package
from crm_app.services.shares import share_record, shares_of
from tests.builders import field, object_body
from tests.integration.api_client import Api, opened

TEAMS, TERRITORIES = "/api/v1/teams", "/api/v1/territories"


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        case = object_body("case", field("team", "team"), field("place", "territory"))
        api.crm.publish(load_package({"objects": {"objects/case.json": case}}))
        yield api


def test_territories_are_made_changed_and_removed(api: Api) -> None:
    ann = str(api.people["ann"].user_id)
    with api.client("max") as admin:
        europe = admin.post(TERRITORIES, json={"name": "Europe", "members": [ann]}).json()
        france = admin.post(TERRITORIES, json={"name": "France", "parent": europe["id"]}).json()
        assert admin.get(TERRITORIES).json() == {"territories": [europe, france]}
        at = f"{TERRITORIES}/{france['id']}"
        changed = admin.patch(at, json={"members": [ann]}).json()
        assert changed == {**france, "members": [ann]} == admin.get(at).json()
        assert admin.patch(at, json={"name": "Europe"}).status_code == 422
        assert admin.patch(at, json={"colour": "red"}).status_code == 422
        assert admin.post(TERRITORIES, json={"name": "Peru", "parent": ann}).status_code == 422
        assert admin.delete(f"{TERRITORIES}/{europe['id']}").status_code == 409
        case = api.crm.create("case", name="A", place=france["id"])
        assert "records lie in it" in admin.delete(at).json()["error"]["message"]
        api.crm.update(case.ref, {"place": None})
        assert admin.delete(at).status_code == 204
        assert (admin.get(at).status_code, admin.delete(at).status_code) == (404, 404)


def test_a_team_is_removed_when_nobody_and_nothing_is_in_it(api: Api) -> None:
    ann = str(api.people["ann"].user_id)
    with api.client("max") as admin:
        west = admin.post(TEAMS, json={"name": "West", "members": [ann]}).json()
        coast = admin.post(TEAMS, json={"name": "Coast", "parent": west["id"]}).json()
        at = f"{TEAMS}/{west['id']}"
        assert "people are in it" in admin.delete(at).json()["error"]["message"]
        admin.patch(at, json={"members": []})
        assert "other teams are part of it" in admin.delete(at).json()["error"]["message"]
        assert admin.delete(f"{TEAMS}/{coast['id']}").status_code == 204
        case = api.crm.create("case", name="A", team=west["id"])
        with api.crm.work() as work:
            share_record(work, case.ref, "team", west["id"])
        assert "records name it" in admin.delete(at).json()["error"]["message"]
        with api.crm.work() as work:
            assert len(shares_of(work, case.ref)) == 1
        api.crm.update(case.ref, {"team": None})
        assert admin.delete(at).status_code == 204
        assert west["id"] not in [each["id"] for each in admin.get(TEAMS).json()["teams"]]
    with api.crm.work() as work:
        assert shares_of(work, case.ref) == []


@pytest.mark.parametrize("path", [TEAMS, TERRITORIES])
def test_nobody_but_an_administrator_sees_or_changes_them(api: Api, path: str) -> None:
    with api.client("max") as admin, api.client("ann") as rep:
        made = f"{path}/{admin.post(path, json={'name': 'West'}).json()['id']}"
        answers = [rep.get(path), rep.get(made), rep.post(path, json={"name": "Mine"}), rep.patch(made, json={})]
        assert {each.status_code for each in (*answers, rep.delete(made))} == {403}
        assert admin.get(made).json()["name"] == "West"
