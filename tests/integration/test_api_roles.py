"""Roles over HTTP: compared, saved from the version that was read, and given to people."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.api_client import DEALS, Api, opened

REP = "/api/v1/roles/rep"


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def wider(role: dict[str, Any]) -> dict[str, Any]:
    """Everybody's deals, and the secret too."""
    grants = [{**grant, "scope": "all"} if grant["objects"] == ["deal"] else grant for grant in role["grants"]]
    return {**{key: value for key, value in role.items() if key != "field_levels"}, "grants": grants}


def test_a_role_is_compared_then_saved_then_followed(api: Api) -> None:
    api.deal("bob")
    admin, ann = api.client(), api.client("ann")
    read = admin.get(REP)
    role = read.json()["role"]
    assert ["p", "rep", "deal", "*", "read", "team", "allow"] in read.json()["lines"]
    told = admin.post(f"{REP}/difference", json={"role": wider(role)}).json()
    assert told["sentence"].startswith("2 people gain 1 deal and 1 field, and may edit 1 deal and delete 1 deal.")
    assert [(f["field"], f["from"], f["to"]) for f in told["fields"]] == [("secret", "none", "edit")]
    assert {person["name"]: person["records"] for person in told["actions"][0]["people"]} == {"Ann": 1}
    assert ann.get(DEALS).json()["records"] == []
    saved = admin.put(REP, json={"role": wider(role), "reason": "One team"}, headers={"if-match": read.headers["etag"]})
    assert (saved.status_code, saved.json()["changes"]) == (200, ["change roles/rep"])
    assert len(ann.get(DEALS).json()["records"]) == 1
    again = admin.put(REP, json={"role": role}, headers={"if-match": read.headers["etag"]})
    assert (again.status_code, again.json()["error"]["code"]) == (412, "stale_version")
    assert saved.headers["etag"] == admin.get(REP).headers["etag"]


def test_a_role_is_given_and_taken(api: Api) -> None:
    admin, ann = api.client(), str(api.people["ann"].user_id)
    assert admin.put(f"/api/v1/roles/manager/people/{ann}", json={}).status_code == 204
    assert [each["name"] for each in admin.get("/api/v1/roles/manager/people").json()["people"]] == ["Ann"]
    assert {each["name"]: each["people"] for each in admin.get("/api/v1/roles").json()["roles"]} == {
        "manager": 1,
        "rep": 2,
    }
    assert admin.delete(f"/api/v1/roles/manager/people/{ann}").status_code == 204
    assert admin.delete(f"/api/v1/roles/manager/people/{ann}").status_code == 404
    me = str(api.people["max"].user_id)
    last = admin.delete(f"/api/v1/roles/admin/people/{me}")
    assert (last.status_code, last.json()["error"]["code"]) == (409, "nobody_left_to_administer")


def test_only_administrators_are_answered(api: Api) -> None:
    ann, me = api.client("ann"), str(api.people["ann"].user_id)
    role = api.client().get(REP).json()["role"]
    answers = [
        ann.get("/api/v1/roles"),
        ann.get(REP),
        ann.put(REP, json={"role": wider(role)}),
        ann.post(f"{REP}/difference", json={"role": wider(role)}),
        ann.get(f"{REP}/people"),
        ann.put(f"/api/v1/roles/admin/people/{me}", json={}),
        ann.delete(f"{REP}/people/{me}"),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)


def test_a_body_that_is_no_role_says_what_is_wrong(api: Api) -> None:
    admin = api.client()
    role = admin.get(REP).json()["role"]
    assert admin.put(REP, json={"role": {**role, "name": "other"}}).json()["error"]["code"] == "bad_body"
    circle = admin.put(REP, json={"role": {**role, "inherits": ["rep"]}})
    assert (circle.status_code, circle.json()["error"]["problems"][0]["message"]) == (
        422,
        "rep → rep is a circle. Take one of them out.",
    )
    typo = admin.post(
        f"{REP}/difference", json={"role": {**role, "grants": [{"objects": ["deals"], "actions": ["read"]}]}}
    )
    assert typo.json()["error"]["problems"][0]["message"] == "There is no object 'deals'."
