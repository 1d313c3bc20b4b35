"""Lists, counts, groups and searches over HTTP."""

from collections.abc import Iterator

import httpx
import pytest

from crm_app.services.records import create_records
from tests.integration.api_client import COMPANIES, DEALS, Api, opened, walk


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def fill(api: Api, number: int = 100) -> None:
    """Deals with ties and gaps in every field that sorts."""
    stages = ("prospecting", "engaging", "won", None)
    owners = [str(api.people[name].user_id) for name in ("ann", "bob")]
    raws = [
        {
            "name": f"Deal {index % 40:02}",
            "stage": stages[index % 4],
            "amount": None if index % 5 == 0 else index % 7 * 100,
            "close_date": None if index % 3 == 0 else f"2026-01-{index % 28 + 1:02}",
            "owner": owners[index % 2],
        }
        for index in range(number)
    ]
    with api.crm.work() as work:
        create_records(work, "deal", raws)


SORTS = ["", "-created_at", "name", "-name", "amount", "-amount", "close_date,-amount", "-stage,close_date,name"]


def test_a_walk_meets_every_record_once_and_in_order(api: Api) -> None:
    fill(api)
    client = api.client("max")
    for sort in SORTS:
        walks_in_order(client, sort)


def walks_in_order(client: httpx.Client, sort: str) -> None:
    parameters = {"sort": sort} if sort else {}
    found = walk(client, DEALS, limit=7, **parameters)
    assert len({record["id"] for record in found}) == len(found) == 100
    whole = client.get(DEALS, params={"limit": 200, **parameters}).json()["records"]
    assert [record["id"] for record in found] == [record["id"] for record in whole]


def test_empty_values_come_last_in_both_directions(api: Api) -> None:
    fill(api, 20)
    client = api.client("max")
    for sort in ("amount", "-amount"):
        amounts = [record["values"]["amount"] for record in walk(client, DEALS, sort=sort, limit=6)]
        assert amounts[-4:] == [None] * 4
        assert None not in amounts[:-4]


@pytest.mark.parametrize("sort", ["amount", "-amount", "name", "-created_at"])
def test_records_that_arrive_during_a_walk_neither_repeat_nor_hide_others(api: Api, sort: str) -> None:
    fill(api)
    client = api.client("max")
    before = {record["id"] for record in walk(client, DEALS, limit=100)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = client.get(DEALS, params={"sort": sort, "limit": 9, **({"cursor": cursor} if cursor else {})}).json()
        seen += [record["id"] for record in page["records"]]
        with api.crm.work() as work:
            create_records(work, "deal", [{"name": "Deal 00", "amount": 100}, {"name": "Deal 39"}, {"name": "Aa"}])
        cursor = page["next_cursor"]
        if not cursor or len(seen) > 400:
            break
    assert len(set(seen)) == len(seen)
    assert before <= set(seen)


CHOICES: list[tuple[dict[str, str], int]] = [
    ({"filter[stage]": "won"}, 25),
    ({"filter[stage][in]": "won,engaging"}, 50),
    ({"filter[stage][is_empty]": "true"}, 25),
    ({"filter[amount][gt]": "500", "filter[stage]": "won"}, 3),
    ({"where": "stage = 'won' and amount > 500 USD"}, 3),
    ({"search": "deal 1"}, 30),
    ({"filter[name][starts_with]": "Deal 0"}, 30),
]


def test_list_count_and_groups_agree(api: Api) -> None:
    fill(api)
    client = api.client("max")
    for parameters, expected in CHOICES:
        agree(client, parameters, expected)


def agree(client: httpx.Client, parameters: dict[str, str], expected: int) -> None:
    assert len(walk(client, DEALS, limit=20, **parameters)) == expected
    assert client.get(f"{DEALS}/count", params=parameters).json() == {"value": expected, "capped": False}
    groups = client.get(f"{DEALS}/aggregate", params={**parameters, "group_by": "stage"}).json()["groups"]
    assert sum(group["count"] for group in groups) == expected
    page = client.get(DEALS, params={**parameters, "limit": 1, "count": "exact"}).json()
    assert page["count"] == {"value": expected, "capped": False}


def test_a_rep_lists_counts_groups_and_finds_the_own_teams_deals_only(api: Api) -> None:
    fill(api)
    client = api.client("ann")
    own = str(api.people["ann"].user_id)
    assert {record["values"]["owner"] for record in walk(client, DEALS, limit=30)} == {own}
    assert client.get(f"{DEALS}/count").json()["value"] == 50
    groups = client.get(f"{DEALS}/aggregate", params={"group_by": "owner"}).json()["groups"]
    assert [(group["key"], group["count"]) for group in groups] == [(own, 50)]
    found = client.get("/api/v1/search", params={"q": "deal", "limit": 50}).json()["results"]
    assert len(found) == 50
    assert {result["object"] for result in found} == {"deal"}


def test_me_is_whoever_the_key_stands_for(api: Api) -> None:
    fill(api, 10)
    counts = [api.client(name).get(f"{DEALS}/count", params={"filter[owner]": "me"}).json() for name in ("ann", "max")]
    assert [count["value"] for count in counts] == [5, 0]


def test_money_adds_up_per_currency(api: Api) -> None:
    for amount in ("10", "20.50", "7 EUR"):
        api.deal("ann", stage="won", amount=amount)
    api.deal("ann", stage="lost")
    answer = api.client().get(f"{DEALS}/aggregate", params={"group_by": "stage", "sum": "amount"}).json()
    assert answer["is_truncated"] is False
    won, lost = answer["groups"]
    assert won == {
        "key": "won",
        "count": 3,
        "sums": {"amount": [{"amount": "7.00", "currency": "EUR"}, {"amount": "30.50", "currency": "USD"}]},
    }
    assert lost == {"key": "lost", "count": 1, "sums": {"amount": []}}


def test_expanding_brings_what_the_reader_may_see(api: Api) -> None:
    acme = api.crm.create("company", name="Acme", city="Bonn")
    api.deal("ann", company=str(acme.ref.id))
    api.deal("ann")
    client = api.client("ann")
    page = client.get(DEALS, params={"expand": "company,owner", "fields": "name", "sort": "created_at"}).json()
    first, second = page["records"]
    assert first["expanded"]["company"]["name"] == "Acme"
    assert first["expanded"]["company"]["values"]["city"] == "Bonn"
    assert first["values"] == {"name": "A deal"}
    assert second["expanded"] == {"company": None, "owner": second["expanded"]["owner"]}
    assert client.get(DEALS, params={"expand": "name"}).status_code == 422


def test_the_name_comes_along_though_it_was_not_asked_for(api: Api) -> None:
    api.deal("ann", name="Big", stage="won")
    record = api.client().get(DEALS, params={"fields": "stage"}).json()["records"][0]
    assert (record["name"], record["values"]) == ("Big", {"stage": "won"})


def test_a_total_beyond_ten_thousand_is_capped_unless_asked_for(api: Api) -> None:
    with api.crm.work() as work:
        for _ in range(11):
            create_records(work, "company", [{"name": "A"}] * 1_000)
    client = api.client()
    assert client.get(f"{COMPANIES}/count").json() == {"value": 10_000, "capped": True}
    assert client.get(f"{COMPANIES}/count", params={"exact": "true"}).json() == {"value": 11_000, "capped": False}
    page = client.get(COMPANIES, params={"count": "capped", "limit": 1}).json()
    assert page["count"] == {"value": 10_000, "capped": True}


def test_a_page_has_1_to_200_records(api: Api) -> None:
    client = api.client()
    for limit in ["0", "201", "-1", "ten", "1e2", "", "9999999", "٣"]:
        assert client.get(DEALS, params={"limit": limit}).status_code == 422


def test_a_cursor_belongs_to_its_sort(api: Api) -> None:
    fill(api, 10)
    client = api.client()
    cursor = client.get(DEALS, params={"sort": "amount", "limit": 2}).json()["next_cursor"]
    answer = client.get(DEALS, params={"sort": "close_date,name", "limit": 2, "cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad_cursor"
