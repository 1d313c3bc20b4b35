"""Many records changed or deleted over HTTP."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_records
from tests.integration.api_client import DEALS, Api, opened

BULK = f"{DEALS}/bulk"


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def delete(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.request("DELETE", BULK, json=body)


def test_records_are_changed_by_their_ids_and_each_refusal_has_its_reason(api: Api) -> None:
    client, one, other, absent = api.client(), api.deal("ann"), api.deal("bob"), str(uuid4())
    body = {"ids": [one, {"id": other, "version": 7}, absent], "values": {"stage": "won"}}
    answer = client.patch(BULK, json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["done"], found["next"]) == ([one], None)
    assert [(each["id"], each["code"]) for each in found["refused"]] == [
        (other, "stale_version"),
        (absent, "not_found"),
    ]
    assert client.get(f"{DEALS}/{one}").json()["values"]["stage"] == "won"


def test_records_are_deleted_by_a_filter(api: Api) -> None:
    client = api.client()
    for owner, stage in (("ann", "lost"), ("bob", "lost"), ("bob", "won")):
        api.deal(owner, stage=stage)
    answer = delete(client, filter={"where": "stage = 'lost'"})
    assert (answer.status_code, len(answer.json()["done"])) == (200, 2)
    assert api.crm.count(RecordQuery("deal")) == 1
    assert delete(client, filter={"where": "stage = 'lost'"}).json() == {"done": [], "refused": [], "next": None}


def test_a_filter_of_more_than_a_thousand_goes_on_where_it_stopped(api: Api) -> None:
    with api.crm.work() as work:
        create_records(work, "deal", [{"name": "Deal"}] * 1_000)
    api.deal("ann")
    client, chosen = api.client(), {"filter": {"where": "true"}}
    first = client.patch(BULK, json={**chosen, "values": {"stage": "won"}}).json()
    assert (len(first["done"]), bool(first["next"])) == (1_000, True)
    last = client.patch(BULK, json={**chosen, "values": {"stage": "won"}, "after": first["next"]}).json()
    assert (len(last["done"]), last["next"]) == (1, None)


def test_a_role_without_bulk_can_not(api: Api) -> None:
    client, deal = api.client("ann"), api.deal("ann")
    assert client.patch(BULK, json={"ids": [deal], "values": {"name": "New"}}).status_code == 403
    assert delete(client, ids=[deal]).status_code == 403
    assert set(client.get("/api/openapi.json").json()["paths"]["/v1/objects/deal/records/bulk"]) == {"post"}
    described = api.client().get("/api/openapi.json").json()["paths"]["/v1/objects/deal/records/bulk"]
    assert set(described) == {"post", "patch", "delete"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": []},
        {"ids": "all"},
        {"ids": ["nonsense"]},
        {"ids": [{"id": str(uuid4())}]},
        {"ids": [{"id": str(uuid4()), "version": True}]},
        {"ids": [str(uuid4())], "filter": {"where": "true"}},
        {"ids": [str(uuid4())], "after": str(uuid4())},
        {"ids": [str(uuid4())] * 1_001},
        {"filter": {}},
        {"filter": {"where": " "}},
        {"filter": {"where": 1}},
        {"filter": {"stage": "won"}},
        {"filter": {"where": "nonsense = 1"}},
        {"filter": {"where": "true"}, "after": "x"},
        {"ids": [str(uuid4())], "more": 1},
    ],
)
def test_a_body_that_does_not_say_which_is_refused(api: Api, body: dict[str, Any]) -> None:
    client = api.client()
    api.deal("ann")
    assert client.patch(BULK, json={**body, "values": {"name": "New"}}).status_code == 422
    assert delete(client, **body).status_code == 422
    assert api.crm.count(RecordQuery("deal")) == 1
