"""Records one by one over HTTP."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_record
from tests.integration.api_client import COMPANIES, DEALS, Api, opened


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def make(client: httpx.Client, path: str = DEALS, **values: Any) -> dict[str, Any]:
    answer = client.post(path, json={"values": {"name": "A deal", **values}})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_record_is_created_read_changed_and_deleted(api: Api) -> None:
    client = api.client("max")
    acme = make(client, COMPANIES, name="Acme", city="Köln")
    made = client.post(
        DEALS,
        json={"values": {"name": "Big", "stage": "engaging", "amount": "1,200.50 EUR", "company": acme["id"]}},
    )
    assert made.headers["location"] == f"{DEALS}/{made.json()['id']}"
    assert made.headers["etag"] == '"1"'
    address = made.headers["location"]
    read = client.get(address, params={"expand": "company,owner"}).json()
    assert read["object"], read["name"] == ("deal", "Big")
    assert read["values"]["amount"] == {"amount": "1200.50", "currency": "EUR"}
    assert read["expanded"]["company"]["values"]["city"] == "Köln"
    assert read["expanded"]["owner"]["name"] == "Max"
    changed = client.patch(address, json={"values": {"stage": "won"}})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert changed.json()["values"]["stage"] == "won"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_what_is_read_can_be_written_back(api: Api) -> None:
    client = api.client("max")
    made = make(client, amount={"amount": "5", "currency": "USD"}, close_date="2026-02-28", secret="s")
    kept = ("created", "updated", "stage_since")
    own = {name: value for name, value in made["values"].items() if not name.startswith(kept)}
    answer = client.patch(f"{DEALS}/{made['id']}", json={"values": own})
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 1


def test_fields_chooses_what_a_record_shows(api: Api) -> None:
    client = api.client("max")
    made = make(client, stage="won", company=None)
    read = client.get(f"{DEALS}/{made['id']}", params={"fields": "stage,amount"}).json()
    assert read["values"] == {"stage": "won", "amount": None}
    assert client.get(f"{DEALS}/{made['id']}", params={"fields": "stag"}).status_code == 422


def test_an_unchanged_record_travels_once(api: Api) -> None:
    client = api.client("max")
    address = f"{DEALS}/{make(client)['id']}"
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", '"1"')
    assert client.get(address, headers={"if-none-match": 'W/"1", "7"'}).status_code == 304
    client.patch(address, json={"values": {"name": "New"}})
    assert client.get(address, headers={"if-none-match": '"1"'}).status_code == 200


def test_an_expanded_record_has_no_etag_because_it_holds_others(api: Api) -> None:
    client = api.client("max")
    address = f"{DEALS}/{make(client)['id']}?expand=company"
    answer = client.get(address, headers={"if-none-match": '"1"'})
    assert answer.status_code == 200
    assert "etag" not in answer.headers


def test_a_change_from_an_old_version_is_refused_with_the_difference(api: Api) -> None:
    client = api.client("max")
    address = f"{DEALS}/{make(client, stage='engaging')['id']}"
    assert client.patch(address, json={"values": {"stage": "won"}}, headers={"if-match": '"1"'}).status_code == 200
    stale = client.patch(address, json={"values": {"stage": "lost"}}, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    error = stale.json()["error"]
    assert error["code"] == "stale_version"
    assert error["details"]["version"] == 2
    stage = error["details"]["fields"]["stage"]
    assert (stage["yours"], stage["theirs"], stage["original"]) == ("lost", "won", "engaging")
    assert client.delete(address, headers={"if-match": '"1"'}).status_code == 412
    assert client.delete(address, headers={"if-match": 'W/"2"'}).status_code == 204


def test_a_precondition_that_can_not_be_read_is_refused(api: Api) -> None:
    client = api.client("max")
    address = f"{DEALS}/{make(client)['id']}"
    for tag in ["3", "three", '"x"', '"1", "2"', "'1'", '"99999999999999999999"', '"-1"']:
        answer = client.patch(address, json={"values": {"name": "New"}}, headers={"if-match": tag})
        assert answer.status_code == 422
        assert answer.json()["error"]["problems"][0]["path"] == "If-Match"
    assert client.get(address).json()["version"] == 1


def test_if_match_may_be_left_out_or_any(api: Api) -> None:
    client = api.client("max")
    address = f"{DEALS}/{make(client)['id']}"
    assert client.patch(address, json={"values": {"name": "B"}}).status_code == 200
    assert client.patch(address, json={"values": {"name": "C"}}, headers={"if-match": "*"}).status_code == 200


def test_every_wrong_value_is_named_and_nothing_is_saved(api: Api) -> None:
    client = api.client("max")
    answer = client.post(
        DEALS, json={"values": {"stage": "almost", "amount": "fifty", "x": 1, "company": str(uuid4())}}
    )
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert {problem["path"] for problem in error["problems"]} >= {"name", "stage", "amount", "x"}
    assert api.crm.count(RecordQuery("deal")) == 0


def test_many_are_created_together_or_not_at_all(api: Api) -> None:
    client = api.client("max")
    good = [{"values": {"name": f"Deal {number}", "amount": number}} for number in range(1_000)]
    answer = client.post(f"{DEALS}/bulk", json={"records": good})
    assert answer.status_code == 201
    assert [record["name"] for record in answer.json()["records"]] == [f"Deal {number}" for number in range(1_000)]
    bad = [good[0], {"values": {"name": "B", "amount": "fifty"}}, {"values": {"stage": "won"}}]
    refused = client.post(f"{DEALS}/bulk", json={"records": bad})
    assert refused.status_code == 422
    assert {problem["path"] for problem in refused.json()["error"]["problems"]} == {"1/amount", "2/name"}
    assert client.post(f"{DEALS}/bulk", json={"records": [*good, good[0]]}).status_code == 422
    assert client.post(f"{DEALS}/bulk", json={"records": []}).status_code == 422
    assert api.crm.count(RecordQuery("deal")) == 1_000


def test_a_rep_reaches_the_deals_of_the_own_team_only(api: Api) -> None:
    mine, foreign = api.deal("ann"), api.deal("bob", name="Secret plan")
    client = api.client("ann")
    assert client.get(f"{DEALS}/{mine}").status_code == 200
    absent = client.get(f"{DEALS}/{uuid4()}").json()
    for answer in (
        client.get(f"{DEALS}/{foreign}"),
        client.get(f"{DEALS}/{foreign}", params={"expand": "company"}),
        client.get(f"{DEALS}/{foreign}/timeline"),
        client.patch(f"{DEALS}/{foreign}", json={"values": {"name": "Mine"}}),
        client.patch(f"{DEALS}/{foreign}", json={"values": {"name": "Mine"}}, headers={"if-match": '"7"'}),
        client.delete(f"{DEALS}/{foreign}"),
    ):
        assert answer.status_code == 404
        assert answer.json() == absent
    assert client.get(f"{DEALS}/not-an-id").status_code == 404
    assert api.client("max").get(f"{DEALS}/{foreign}").json()["version"] == 1


def test_a_hidden_field_does_not_exist_for_who_may_not_see_it(api: Api) -> None:
    deal = api.deal("ann", secret="launch")
    client = api.client("ann")
    read = client.get(f"{DEALS}/{deal}")
    assert "secret" not in read.json()["values"]
    for answer in (
        client.get(DEALS, params={"filter[secret]": "launch"}),
        client.get(DEALS, params={"sort": "secret"}),
        client.get(DEALS, params={"fields": "secret"}),
        client.get(DEALS, params={"where": "secret = 'launch'"}),
        client.get(f"{DEALS}/aggregate", params={"group_by": "secret"}),
        client.get(f"{DEALS}/{deal}", params={"fields": "secret"}),
        client.post(DEALS, json={"values": {"name": "x", "secret": "y"}}),
        client.patch(f"{DEALS}/{deal}", json={"values": {"secret": "y"}}),
    ):
        assert answer.status_code == 422, answer.url
        assert "launch" not in answer.json()["error"]["message"]
    assert "secret" not in client.get("/api/v1/objects/deal").text
    told = client.get("/api/openapi.json").json()["components"]["schemas"]
    of_deals = [schema for name, schema in told.items() if "deal" in name.lower()]
    assert of_deals
    assert "secret" not in str(of_deals)


def test_the_timeline_tells_what_happened(api: Api) -> None:
    client = api.client("max")
    address = f"{DEALS}/{make(client)['id']}"
    client.patch(address, json={"values": {"stage": "won"}})
    entries = client.get(f"{address}/timeline").json()["entries"]
    assert [entry["kind"] for entry in entries] == ["updated", "created"]
    assert entries[0]["changes"] == [{"field": "Stage", "before": "", "after": "Won"}]


def test_people_can_be_read_but_not_made_here(api: Api) -> None:
    client = api.client("max")
    answer = client.post("/api/v1/objects/user/records", json={"values": {"name": "Eve"}})
    assert answer.status_code in (403, 404, 422)


def test_what_only_reads_can_change_nothing(api: Api) -> None:
    with api.crm.workspace.reading(api.people["max"]) as work, pytest.raises(RuntimeError):
        create_record(work, "deal", {"name": "A deal"})
    assert api.crm.count(RecordQuery("deal")) == 0
