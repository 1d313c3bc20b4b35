"""A key is its owner and its own limits, at every call anew."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.kernel.errors import Forbidden, Invalid
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import KeyWish, create_key, key_actor, list_keys
from tests.builders import role_body
from tests.integration.api_client import COMPANIES, DEALS, Api, opened
from tests.integration.files import FILES, PDF, business_with_papers
from tests.questions import ask


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def limited(api: Api, who: str, **wish: Any) -> str:
    with api.crm.work(api.people[who]) as work:
        return create_key(work, f"{who}@example.com", KeyWish(**wish)).key


def test_a_scoped_key_does_what_its_scopes_name_and_nothing_else(api: Api) -> None:
    client = api.client(key=limited(api, "ann", scopes=["deal:read", "company:*"]))
    deal, bobs = api.deal("ann"), api.deal("bob")
    assert client.get(f"{DEALS}/{deal}").status_code == 200
    assert client.get(f"{DEALS}/{bobs}").status_code == 404
    assert client.patch(f"{DEALS}/{deal}", json={"values": {"name": "x"}}).status_code == 403
    assert client.post(DEALS, json={"values": {"name": "x"}}).status_code == 403
    assert client.post(COMPANIES, json={"values": {"name": "x"}}).status_code == 201
    assert client.get("/api/v1/objects/deal").json()["actions"] == ["read"]


def test_scopes_give_nothing_that_the_owner_has_not(api: Api) -> None:
    client = api.client(key=limited(api, "ann", scopes=["*:*"]))
    deal, bobs = api.deal("ann"), api.deal("bob")
    assert client.get(f"{DEALS}/{bobs}").status_code == 404
    assert "secret" not in client.get(f"{DEALS}/{deal}").json()["values"]
    rate = {"json": {"worth": "2"}}
    assert client.put("/api/v1/exchange-rates/EUR/2026-01-01", **rate).status_code == 403
    for scopes, status in ((["*:read"], 403), (["deal:administer"], 403), (["*:administer"], 200)):
        client = api.client(key=limited(api, "max", scopes=scopes))
        assert client.put("/api/v1/exchange-rates/EUR/2026-01-01", **rate).status_code == status


def test_a_key_with_some_roles_has_only_those_and_loses_what_the_owner_loses(api: Api) -> None:
    sees = role_body("sees", {"objects": ["company"], "actions": ["read"]})
    api.crm.publish(load_package({"roles": {"roles/sees.json": sees}}))
    with api.crm.work() as work:
        api.people["two"] = type(api.people["ann"])(add_user(work, "Two", "two@example.com", roles=["rep", "sees"]))
    client = api.client(key=limited(api, "two", roles=["sees"]))
    assert client.get(COMPANIES).status_code == 200
    assert client.get(DEALS).status_code == 404
    assert client.post(COMPANIES, json={"values": {"name": "x"}}).status_code == 403
    with api.crm.work() as work:
        work.connection.execute(text("DELETE FROM crm.user_role WHERE role = 'sees'"))
    assert client.get(COMPANIES).status_code == 404


def test_an_owner_who_loses_a_right_takes_it_from_the_key_at_the_next_call(api: Api) -> None:
    client = api.client(key=limited(api, "max", scopes=["*:*"]))
    assert client.get(DEALS).status_code == 200
    with api.crm.work() as work:
        work.connection.execute(text("UPDATE crm.user_role SET role = 'nothing' WHERE role = 'admin'"))
    assert client.get(DEALS).status_code == 404


def test_a_key_makes_no_keys_and_nobody_makes_one_for_another(api: Api) -> None:
    key = limited(api, "max")
    for actor, email in ((key_actor(key), "max@example.com"), (api.people["max"], "ann@example.com")):
        with api.crm.work(actor) as work, pytest.raises(Forbidden):
            create_key(work, email)


@pytest.mark.parametrize(
    "wish",
    [
        {"scopes": []}, {"scopes": ["deal"]}, {"scopes": ["deal:fly"]}, {"scopes": ["nothing:read"]}, {"roles": []},
        {"roles": ["admin"]}, {"scopes": [":read"]}, {"scopes": ["deal:read:x"]},
    ],
)  # fmt: skip
def test_limits_that_say_nothing_are_refused(api: Api, wish: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        limited(api, "ann", **wish)


def test_when_a_key_was_last_used_is_known(api: Api) -> None:
    key = limited(api, "ann")
    api.client(key=key).get(DEALS)
    api.crm.workspace._key_uses.write()
    with api.crm.work(api.people["ann"]) as work:
        assert [each.last_used_at is not None for each in list_keys(work)] == [True]


def test_a_narrow_key_sends_and_reads_no_file_that_it_could_put_nowhere(database_url: str) -> None:
    with opened(database_url, business_with_papers()) as api:
        api.people["will"] = api.crm.user("Will", role="writer")
        whole, scan = api.client("will"), {"params": {"name": "scan.pdf"}, "content": PDF}
        waiting = f"{FILES}/{whole.post(FILES, **scan).json()['id']}"
        for scopes, sent, read in (
            (["paper:read"], 403, 404),
            (["paper:create"], 403, 404),
            (["paper:read", "paper:edit"], 201, 200),
        ):
            narrow = api.client(key=limited(api, "will", scopes=scopes))
            answers = (narrow.post(FILES, **scan).status_code, narrow.get(waiting).status_code)
            assert answers == (sent, read), scopes
        assert whole.get(waiting).status_code == 200
        assert api.client("ann").post(FILES, **scan).status_code == 403


def test_what_a_role_closes_to_the_owner_is_closed_to_a_key_without_that_role(api: Api) -> None:
    hides = [{"object": "company", "field": "city", "level": "none"}]
    api.crm.publish(load_package({"roles": {"roles/blind.json": role_body("blind", field_levels=hides)}}))
    with api.crm.work() as work:
        api.people["two"] = type(api.people["ann"])(add_user(work, "Two", "two@example.com", roles=["rep", "blind"]))
    api.crm.create("company", name="Acme", city="Ulm")
    for key in (limited(api, "two"), limited(api, "two", roles=["rep"])):
        (company,) = api.client(key=key).get(COMPANIES).json()["records"]
        assert "city" not in company["values"]


BY_HAND = {
    "name": "mark", "label": "Mark", "trigger": {"type": "manual", "object": "deal"},
    "steps": [{"id": "mark", "type": "update", "values": {"name": "'Marked'"}}],
}  # fmt: skip
SIGNALLED = {**BY_HAND, "name": "listen", "trigger": {"type": "signal", "object": "deal", "signal": "paid"}}


@pytest.mark.parametrize("wish", [{"scopes": ["*:read"]}, {"scopes": ["deal:*"]}, {"roles": ["rep"]}])
def test_a_key_with_limits_starts_nothing_that_would_have_none_and_answers_nothing(
    api: Api, wish: dict[str, Any]
) -> None:
    bodies = {f"automations/{body['name']}.json": body for body in (BY_HAND, SIGNALLED)}
    api.crm.publish(load_package({"automations": bodies, "roles": {"roles/more.json": role_body("more")}}))
    with api.crm.work() as work:
        work.connection.execute(
            text("INSERT INTO crm.user_role (\"user\", role) VALUES (:user, 'more')"),
            {"user": api.people["ann"].user_id},
        )
    deal = api.deal("ann")
    with api.crm.work() as work:
        key = ask(work, [api.people["ann"].user_id], RecordRef("deal", new_id()), "Approve?")
    whole, narrow = limited(api, "ann", scopes=["*:*"]), limited(api, "ann", **wish)
    said = {"run": str(key.run), "path": "ok", "answer": "approved"}
    for client, status in ((api.client(key=narrow), 403), (api.client(key=whole), 200)):
        calls = [f"{DEALS}/{deal}/automations/mark", f"{DEALS}/{deal}/signals/paid"]
        assert [client.post(call).status_code for call in calls] == [status, status]
        assert len(client.get("/api/v1/objects/deal/automations").json()["automations"]) == (status == 200)
        assert client.post("/api/v1/inbox/answer", json=said).status_code == status
