"""Who can see a record, and why; why not, and what would help. Over the API, which says what the services say."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from crm_app.kernel import clock
from tests.access.test_scopes import EVERYTHING, business, by_rule, rep, scoped
from tests.builders import Crm, role_body
from tests.integration.api_client import DEALS, Api


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    boss = role_body("boss", {"objects": ["deal", "company"], "actions": [*EVERYTHING, "share"]})
    auditor = role_body("auditor", {"objects": ["deal"], "actions": ["read"]})
    levels = [{"object": "deal", "field": "size", "level": "mask"}]
    shy = role_body("shy", {"objects": ["deal"], "actions": ["read"]}, field_levels=levels)
    crm = Crm(database_url, business(rep(scoped("own"), scoped("team", "read")), boss, auditor, shy))
    api = Api(crm)
    api.people["bo"] = crm.user("Bo", role="boss")
    yield api
    crm.close()


def ask(api: Api, who: str, path: str, **query: str) -> dict[str, Any]:
    answer = api.client(who).get(f"{DEALS}/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_everybody_who_sees_a_record_is_named_with_the_reason(api: Api) -> None:
    deal = api.deal("ann")
    people = {each["name"]: each["reasons"] for each in ask(api, "max", f"{deal}/access")["people"]}
    assert people == {
        "Ann": ["As Rep they may read deals that they own.", "As Rep they may read deals that they or their team own."],
        "Bo": ["As Boss they may read all deals."],
        "Max": ["As Administrator they may read all deals."],
    }
    editors = [each["name"] for each in ask(api, "ann", f"{deal}/access", action="edit")["people"]]
    assert editors == ["Ann", "Bo", "Max"]


def test_a_masked_field_is_said_to_be_masked(api: Api) -> None:
    api.people["shy"] = api.crm.user("Shy", role="shy")
    deal = api.deal("ann", size="5")
    people = {each["name"]: each["level"] for each in ask(api, "max", f"{deal}/access", field="size")["people"]}
    assert people == {"Ann": "edit", "Bo": "edit", "Max": "edit", "Shy": "mask"}
    why = ask(api, "shy", f"{deal}/why", field="size")
    assert (why["allowed"], why["reasons"]) == (False, ["Size is masked for Shy."])
    assert why["remedy"]["by"] == ["Max"]


def test_the_smallest_change_is_found_tried_and_enough(api: Api) -> None:
    ben = api.people["ben"] = api.crm.user("Ben", team="north")
    deal = api.deal("ann")
    why = ask(api, "ben", f"{deal}/why", action="edit")
    assert why["reasons"] == ["As Rep you may edit deals that you own."]
    assert why["remedy"] == {"kind": "share", "sentence": "Share this deal with you, to edit.", "by": ["Bo", "Max"],
                             "by_count": 2}  # fmt: skip
    assert api.client("ben").patch(f"{DEALS}/{deal}", json={"values": {"name": "x"}}).status_code == 403
    body = {"kind": "user", "grantee": str(ben.user_id), "level": "edit"}
    assert api.client("bo").post(f"{DEALS}/{deal}/shares", json=body).status_code == 201
    assert api.client("ben").patch(f"{DEALS}/{deal}", json={"values": {"name": "x"}}).status_code == 200
    assert ask(api, "ben", f"{deal}/why", action="edit")["allowed"]


def test_what_no_share_opens_needs_another_owner_or_role(api: Api) -> None:
    api.people["ben"] = api.crm.user("Ben", team="north")
    api.people["eve"] = api.crm.user("Eve", role="auditor")
    deal = api.deal("ann")
    assert ask(api, "ben", f"{deal}/why", action="delete")["remedy"]["kind"] == "transfer"
    why = ask(api, "eve", f"{deal}/why", action="delete")
    assert why["reasons"] == ["None of your roles lets you delete deals."]
    assert why["remedy"] == {"kind": "role", "sentence": "Give you the role Boss.", "by": ["Max"], "by_count": 1}


def test_a_rule_that_refuses_says_which_of_its_parts(api: Api) -> None:
    crm = api.crm
    crm.publish(business(rep(by_rule("size < 10 and name != 'x'", "edit"), scoped("all", "read"))))
    deal = api.deal("bob", size="50")
    why = ask(api, "ann", f"{deal}/why", action="edit")
    assert [clause["message"] for clause in why["clauses"]] == ["Size is 50; needed is: Size is less than 10."]


def test_of_a_record_out_of_sight_nothing_is_said_that_one_that_is_not_there_would_not_say(api: Api) -> None:
    there = api.client("bob").get(f"{DEALS}/{api.deal('ann')}/why")
    absent = api.client("bob").get(f"{DEALS}/{uuid4()}/why")
    assert (there.status_code, there.content) == (absent.status_code, absent.content)
    assert api.client("bob").get(f"{DEALS}/{api.deal('ann')}/access").status_code == 404


def test_shares_are_listed_end_and_are_taken_back(api: Api) -> None:
    deal, bob = api.deal("ann"), api.client("bob")
    boss = api.client("bo")
    until = (clock.now() + timedelta(hours=1)).isoformat()
    shared = boss.post(f"{DEALS}/{deal}/shares", json={"kind": "role", "grantee": "rep", "until": until}).json()
    assert bob.get(f"{DEALS}/{deal}").status_code == 200
    assert [each["name"] for each in boss.get(f"{DEALS}/{deal}/shares").json()["shares"]] == ["Rep"]
    assert boss.delete(f"{DEALS}/{deal}/shares/{shared['id']}").status_code == 204
    assert bob.get(f"{DEALS}/{deal}").status_code == 404
    assert boss.delete(f"{DEALS}/{deal}/shares/{shared['id']}").status_code == 404


def test_nobody_shares_what_is_not_theirs_to_share(api: Api) -> None:
    deal = api.deal("ann")
    body = {"kind": "user", "grantee": str(api.people["bob"].user_id)}
    assert api.client("ann").post(f"{DEALS}/{deal}/shares", json=body).status_code == 403
    assert api.client("bob").post(f"{DEALS}/{deal}/shares", json=body).status_code == 404
    for wrong in ({"kind": "planet"}, {"grantee": str(uuid4())}, {"level": "own"}, {"until": "2020-01-01T00:00:00Z"},
                  {"until": "soon"}, {"by": "me"}, {"grantee": 7}):  # fmt: skip
        assert api.client("bo").post(f"{DEALS}/{deal}/shares", json={**body, **wrong}).status_code == 422, wrong
    with api.crm.work() as work:
        assert work.connection.exec_driver_sql("SELECT count(*) FROM crm.share").scalar_one() == 0
