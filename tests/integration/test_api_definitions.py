"""What the API says about itself: the live definitions, as the key's actor sees them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource

from crm_app.definitions.load import load_package
from tests.builders import field, object_body
from tests.integration.api_client import DEALS, Api, opened


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def validator(document: dict[str, Any], name: str) -> Draft202012Validator:
    registry = Registry().with_resource("urn:api", Resource.from_contents(document, default_specification=_draft()))
    return Draft202012Validator({"$ref": f"urn:api#/components/schemas/{name}"}, registry=registry)


def _draft() -> Any:
    return Resource.from_contents({"$schema": "https://json-schema.org/draft/2020-12/schema"})._specification


def test_the_objects_that_a_role_may_read(api: Api) -> None:
    objects = {each["name"]: each for each in api.client("ann").get("/api/v1/objects").json()["objects"]}
    assert set(objects) >= {"company", "deal"}
    assert objects["deal"]["actions"] == ["read", "create", "edit", "delete"]


def test_an_object_names_its_fields_operators_and_stages(api: Api) -> None:
    deal = api.client("ann").get("/api/v1/objects/deal").json()
    fields = {each["name"]: each for each in deal["fields"]}
    assert fields["company"]["target"] == "company"
    assert "ge" in fields["amount"]["operators"]
    assert not fields["owner"]["is_editable"]
    assert [stage["name"] for stage in deal["pipelines"][0]["stages"]][-2:] == ["won", "lost"]
    assert api.client("ann").get("/api/v1/objects/nothing").status_code == 404


def test_the_document_describes_what_is_answered_and_taken(api: Api) -> None:
    client = api.client("max")
    document = client.get("/api/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/api"}]
    values = {"name": "Big", "stage": "won", "amount": "10.50", "close_date": "2026-01-31"}
    validator(document, "deal.new").validate(values)
    made = client.post(DEALS, json={"values": values}).json()
    validator(document, "deal").validate(made)
    refused = client.post(DEALS, json={"values": {}}).json()
    validator(document, "error").validate(refused)
    assert not validator(document, "deal.new").is_valid({"name": "Big", "x": 1})


def test_the_document_is_openapi_as_its_specification_says(api: Api) -> None:
    OpenAPIV31SpecValidator(api.client("max").get("/api/openapi.json").json()).validate()


def test_every_reference_of_the_document_leads_somewhere(api: Api) -> None:
    answer = api.client("max").get("/api/openapi.json")
    document = answer.json()
    for pointer in set(re.findall(r'"\$ref":\s*"#/([^"]+)"', answer.text)):
        at = document
        for key in pointer.split("/"):
            at = at[key]
    identifiers = re.findall(r'"operationId":\s*"([^"]+)"', answer.text)
    assert len(set(identifiers)) == len(identifiers)


def test_what_is_published_is_in_the_next_answer(api: Api) -> None:
    client = api.client("max")
    assert "ship" not in client.get("/api/openapi.json").json()["components"]["schemas"]
    body = object_body("ship", field("length", "number"))
    api.crm.publish(load_package({"objects": {"objects/ship.json": body}}))
    document = client.get("/api/openapi.json").json()
    assert "/v1/objects/ship/records" in document["paths"]
    made = client.post("/api/v1/objects/ship/records", json={"values": {"name": "Vasa", "length": 69}})
    assert made.status_code == 201
    assert made.json()["values"]["length"] == 69


def test_operations_that_a_role_lacks_are_not_described(api: Api) -> None:
    body = {
        "format_version": 1,
        "name": "guest",
        "label": "Guest",
        "grants": [{"objects": ["deal"], "actions": ["read"]}],
    }
    api.crm.publish(load_package({"roles": {"roles/guest.json": body}}))
    api.crm.user("Gus", role="guest")
    document = api.client("gus").get("/api/openapi.json").json()
    assert set(document["paths"]["/v1/objects/deal/records"]) == {"get"}
    assert not [path for path in document["paths"] if "company" in path or path.endswith("bulk")]


def test_the_page_needs_nothing_from_elsewhere(api: Api) -> None:
    client = api.client("")
    page = client.get("/api/docs")
    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for name in ("docs", "docs.js", "docs.css"):
        text = client.get(f"/api/{name}").text
        assert not re.search(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", text)
        assert not re.search(r"<script>|style=|\son[a-z]+=\"", text)


def test_what_depends_on_a_field_is_told_to_administrators(api: Api) -> None:
    address = "/api/v1/objects/deal/fields/amount/impact"
    uses = api.client("max").get(address).json()["uses"]
    assert {"path": "objects/deal/pipelines/sales/amount", "label": "Deals: Pipeline Sales, the amount"} in [
        {key: use[key] for key in ("path", "label")} for use in uses
    ]
    assert api.client("max").get("/api/v1/objects/company/impact").json()["uses"]
    assert api.client("ann").get(address).status_code == 403
    assert api.client("max").get("/api/v1/objects/deal/fields/sizes/impact").status_code == 404
