"""Links, relations to several objects and the trash over HTTP."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.api_client import COMPANIES, DEALS, Api, opened
from tests.integration.linked import linked_business

_OBJECTS = "/api/v1/objects"
TAGS, NOTES, CONTACTS = (f"{_OBJECTS}/{name}/records" for name in ("tag", "note", "contact"))


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url, linked_business()) as api:
        yield api


def make(client: httpx.Client, path: str, **values: Any) -> dict[str, Any]:
    answer = client.post(path, json={"values": values})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_links_are_given_taken_edited_filtered_and_expanded_as_lists(api: Api) -> None:
    client = api.client("max")
    red, blue = make(client, TAGS, name="red"), make(client, TAGS, name="blue")
    deal = make(client, DEALS, name="Big", tags=[blue["id"], red["id"]])
    assert deal["values"]["tags"] == [red["id"], blue["id"]]
    address = f"{DEALS}/{deal['id']}"
    changed = client.patch(address, json={"values": {"tags": {"remove": [red["id"]]}}})
    assert changed.json()["values"]["tags"] == [blue["id"]]
    read = client.get(address, params={"expand": "tags"}).json()
    assert [(each["object"], each["name"], each["values"]["name"]) for each in read["expanded"]["tags"]] == [
        ("tag", "blue", "blue")
    ]
    for operator, names in (("contains", ["Big"]), ("contains_none", [])):
        found = client.get(DEALS, params={f"filter[tags][{operator}]": blue["id"], "expand": "tags"}).json()
        assert [record["name"] for record in found["records"]] == names
    refused = client.patch(address, json={"values": {"tags": {"set": []}}})
    assert refused.status_code == 422
    assert client.get(DEALS, params={"sort": "tags"}).status_code == 422
    assert client.get(f"{DEALS}/aggregate", params={"group_by": "tags"}).status_code == 422
    assert client.get(f"{NOTES}/aggregate", params={"group_by": "about"}).status_code == 422


def test_a_relation_to_several_objects_says_which(api: Api) -> None:
    client = api.client("max")
    acme = make(client, COMPANIES, name="Acme", city="Oslo")
    about = {"object": "company", "id": acme["id"]}
    note = make(client, NOTES, name="n", about=about)
    read = client.get(f"{NOTES}/{note['id']}", params={"expand": "about"}).json()
    assert read["values"]["about"] == about
    assert read["expanded"]["about"]["values"]["city"] == "Oslo"
    assert client.patch(f"{NOTES}/{note['id']}", json={"values": {"about": about}}).json()["version"] == 1


def test_a_deleted_record_is_listed_and_restored(api: Api) -> None:
    ann, bob = api.client("ann"), api.client("bob")
    contact = make(ann, CONTACTS, name="Hers")
    address = f"{CONTACTS}/{contact['id']}"
    assert ann.delete(address, params={"dry": "perhaps"}).status_code == 422
    nothing = {"sentence": "", "deleted": {}, "cleared": {}}
    assert ann.delete(address, params={"dry": "true"}).json() == nothing
    deal = make(ann, DEALS, name="Big", contacts=[contact["id"]])
    said = {"sentence": "It will be taken out of 1 deal.", "deleted": {}, "cleared": {"deal": 1}}
    assert ann.delete(address, params={"dry": "true"}).json() == said
    assert bob.delete(address, params={"dry": "true"}).status_code == 404
    assert ann.get(f"{DEALS}/{deal['id']}").json()["values"]["contacts"] == [contact["id"]]
    assert ann.delete(address).status_code == 204
    listed = ann.get(f"{CONTACTS}/deleted").json()["records"]
    assert [(each["name"], each["deleted_by"], each["with_another"]) for each in listed] == [("Hers", "Ann", False)]
    assert listed[0]["brings"] == {}
    assert bob.get(f"{CONTACTS}/deleted").json() == {"records": []}
    assert bob.post(f"{address}/restore", json={}).status_code == 404
    assert bob.post(f"{CONTACTS}/{uuid4()}/restore", json={}).status_code == 404
    assert ann.post(f"{address}/restore", json={"force": True}).status_code == 422
    restored = ann.post(f"{address}/restore", json={})
    assert (restored.status_code, restored.json()["version"], restored.headers["etag"]) == (200, 3, '"3"')
    assert ann.get(address).json()["name"] == "Hers"
    assert [entry["kind"] for entry in ann.get(f"{address}/timeline").json()["entries"]] == [
        "restored",
        "deleted",
        "created",
    ]


def test_the_document_describes_links_and_the_trash(api: Api) -> None:
    document = api.client("max").get("/api/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert schemas["deal.values"]["properties"]["tags"]["items"] == {"type": "string", "format": "uuid"}
    assert schemas["note.values"]["properties"]["about"]["x-objects"] == ["company", "deal"]
    assert "post" in document["paths"]["/v1/objects/deal/records/{id}/restore"]
