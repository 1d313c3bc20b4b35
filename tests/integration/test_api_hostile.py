"""What must never be a 500, whatever is sent; and what must never change a record."""

import base64
import json
from collections.abc import Iterator

import httpx
import pytest

from crm_app.services.record_query import RecordQuery
from tests.integration.api_client import DEALS, Api, opened
from tests.integration.hostile_inputs import BODIES, STRINGS


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def assert_refused(client: httpx.Client, path: str, parameters: dict[str, str]) -> None:
    answer = client.get(path, params=parameters)
    assert 400 <= answer.status_code < 500, (parameters, answer.status_code, answer.text)
    assert answer.json()["error"]["message"]


def test_names_in_the_address_are_checked_before_anything_else(api: Api) -> None:
    api.deal("ann")
    client = api.client()
    for text in STRINGS:
        refuses_as_a_name(client, text)
    assert api.crm.count(RecordQuery("deal")) == 1


def refuses_as_a_name(client: httpx.Client, text: str) -> None:
    for name in ("sort", "fields", "expand"):
        assert_refused(client, DEALS, {name: text})
    assert_refused(client, DEALS, {f"filter[{text}]": "x"})
    assert_refused(client, DEALS, {f"filter[stage][{text}]": "won"})
    assert_refused(client, DEALS, {text: "x"})
    assert_refused(client, DEALS, {"count": text})
    assert_refused(client, DEALS, {"limit": text})
    assert_refused(client, f"{DEALS}/aggregate", {"group_by": text})
    assert_refused(client, f"{DEALS}/aggregate", {"group_by": "stage", "sum": text})
    assert_refused(client, f"{DEALS}/count", {"exact": text})


def test_values_in_the_address_are_values(api: Api) -> None:
    client = api.client()
    for text in STRINGS:
        survives_as_a_value(client, text)


def survives_as_a_value(client: httpx.Client, text: str) -> None:
    for parameters in (
        {"search": text},
        {"filter[name]": text},
        {"filter[name][contains]": text},
        {"filter[amount]": text},
        {"filter[close_date][lt]": text},
        {"filter[company]": text},
        {"filter[stage][in]": text},
        {"filter[owner]": text},
        {"where": text},
        {"cursor": text},
    ):
        answer = client.get(DEALS, params=parameters)
        assert answer.status_code < 500, (parameters, answer.text)
    assert client.get("/api/v1/search", params={"q": text}).status_code < 500


def test_objects_and_ids_in_the_path_are_absent(api: Api) -> None:
    client = api.client()
    paths = ("/api/v1/objects/{}", "/api/v1/objects/{}/records", f"{DEALS}/{{}}")
    for path in [path.replace("{}", text) for text in STRINGS for path in paths]:
        try:
            answer = client.get(path)
        except httpx.InvalidURL:
            continue
        assert answer.status_code == 404, path


def test_a_body_that_is_not_a_record_is_refused_and_nothing_is_saved(api: Api) -> None:
    deal = api.deal("ann", name="Before")
    client = api.client()
    headers = {"content-type": "application/json"}
    for body in BODIES:
        made = client.post(DEALS, content=body, headers=headers)
        assert made.status_code == 422, (body, made.text)
        assert made.json()["error"]["message"]
        changed = client.patch(f"{DEALS}/{deal}", content=body, headers=headers)
        assert changed.status_code == 422, (body, changed.text)
        many = client.post(f"{DEALS}/bulk", content=b'{"records": [%s]}' % (body or b"null"), headers=headers)
        assert many.status_code == 422, (body, many.text)
    assert client.get(f"{DEALS}/{deal}").json()["version"] == 1
    assert api.crm.count(RecordQuery("deal")) == 1


def test_a_list_of_records_is_one(api: Api) -> None:
    client = api.client()
    for records in (b"null", b"{}", b'"x"', b"[1]", b"[null]", b'[{"name": "a"}]', b'[{"values": 1}]'):
        body = b'{"records": ' + records + b"}"
        answer = client.post(f"{DEALS}/bulk", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422, (body, answer.text)


def test_only_json_is_read(api: Api) -> None:
    client = api.client()
    body = b'{"values": {"name": "a"}}'
    for content_type in [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
    ]:
        answer = client.post(DEALS, content=body, headers={"content-type": content_type})
        assert answer.status_code == 415
    assert api.crm.count(RecordQuery("deal")) == 0


def test_a_long_body_is_given_up(api: Api) -> None:
    body = json.dumps({"values": {"name": "a" * 1_000_001}})
    answer = api.client().post(DEALS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


FORGED = [
    ["\x00", "0190a5c0-0000-7000-8000-000000000001"],
    [{"a": 1}, "0190a5c0-0000-7000-8000-000000000001"],
    ["Deal", "1 or 1=1"],
    ["Deal", None],
    ["Deal"],
    [],
    "text",
    {"a": 1},
    ["\ud800", "0190a5c0-0000-7000-8000-000000000001"],
]


def cursor_of(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def test_a_forged_cursor_is_no_way_in(api: Api) -> None:
    api.deal("bob")
    client = api.client("ann")
    for values in FORGED:
        answer = client.get(DEALS, params={"sort": "name", "cursor": cursor_of(values)})
        assert answer.status_code in (200, 422), (values, answer.text)
        assert not answer.json().get("records")


def test_a_forged_number_in_a_cursor_is_harmless(api: Api) -> None:
    client = api.client()
    for value in ("1e30", "NaN", "-Infinity", "9" * 40, "text", ""):
        cursor = cursor_of([value, "0190a5c0-0000-7000-8000-000000000001"])
        assert client.get(DEALS, params={"sort": "amount", "cursor": cursor}).status_code in (200, 422), value


def test_unknown_addresses_and_methods_are_json_too(api: Api) -> None:
    client = api.client()
    assert client.get("/api/v2/objects").json()["error"]["code"] == "not_found"
    wrong = client.put(DEALS, json={})
    assert wrong.status_code == 405
    assert wrong.json()["error"]["code"] == "method_not_allowed"
    assert "GET" in wrong.headers["allow"]


def test_a_parameter_given_twice_is_refused(api: Api) -> None:
    assert api.client().get(f"{DEALS}?limit=1&limit=200").status_code == 422


def test_a_query_that_is_not_utf_8_is_refused(api: Api) -> None:
    assert api.client().get(f"{DEALS}?search=%ff").status_code == 422


def test_a_bug_is_answered_without_its_story(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr("crm_app.api.objects.visible_objects", broken)
    answer = api.client().get("/api/v1/objects")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert "hunter2" not in answer.text
