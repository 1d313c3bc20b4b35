"""How systems of this kind let people see or change what they may not (docs/hardening.md), one test for each number."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Route

from crm_app.api.app import create_api
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import Actor, UserActor
from crm_app.kernel.events import RecordRef
from crm_app.services.record_query import RecordQuery
from crm_app.ui.home.home_data import home_data
from crm_app.ui.records.board_data import board_data
from crm_app.ui.records.deleted_data import deleted_data
from crm_app.ui.records.form_layout import edit_form, new_form
from crm_app.ui.records.list_address import ListAddress
from crm_app.ui.records.list_data import list_data
from crm_app.ui.records.record_data import record_data
from crm_app.ui.shell_state import found_names, surroundings
from tests.builders import role_body
from tests.integration.api_client import DEALS, Api, opened

EVERYTHING = ["read", "create", "edit", "delete", "export", "bulk", "transfer"]
CANARY, OTHER = "kanarienvogel", "zaunkoenig"


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        grant = {"objects": ["deal", "company"], "actions": EVERYTHING}
        level = {"object": "deal", "field": "secret"}
        roles = [role_body(name, grant, field_levels=[{**level, "level": name}]) for name in ("none", "mask")]
        api.crm.publish(load_package({"roles": {f"roles/{body['name']}.json": body for body in roles}}))
        for name in ("none", "mask"):
            api.people[name] = api.crm.user(name.capitalize(), role=name)
        yield api


def reads(deal: str) -> list[tuple[str, dict[str, str]]]:
    """Every address that is read, and each of its parameters that names fields."""
    one = f"{DEALS}/{deal}"
    named = {
        "fields": "secret", "sort": "secret", "expand": "secret", "filter[secret]": CANARY, "filter[secret][ne]": "x",
        "filter[secret][is_empty]": "true", "where": f"secret = '{CANARY}'", "search": CANARY,
    }  # fmt: skip
    lists = [
        (place, {key: value}) for place in (DEALS, f"{DEALS}.csv", f"{DEALS}/count") for key, value in named.items()
    ]
    groups = [{"group_by": "secret"}, {"group_by": "stage", "sum": "secret"}, {"group_by": "stage"}]
    wheres = ("any(deal_company where secret is not empty)", "count(deal_company where secret = 'x') > 0")
    back = [("/api/v1/objects/company/records", {"where": where}) for where in wheres]
    return [
        *lists, *back, *((f"{DEALS}/aggregate", each) for each in groups),
        (DEALS, {}), (f"{DEALS}.csv", {}), (one, {}), (one, {"fields": "secret"}), (one, {"expand": "company"}),
        (f"{one}/timeline", {}), (f"{one}/moves", {}), (f"{DEALS}/deleted", {}), ("/api/v1/search", {"q": CANARY}),
        ("/api/v1/objects/deal", {}), ("/api/v1/objects/deal/pipelines/sales", {}), ("/api/openapi.json", {}),
        ("/api/v1/objects/deal/pipelines/sales", {"where": f"secret = '{CANARY}'"}),
        ("/api/v1/objects/deal/impact", {}), ("/api/v1/objects/deal/fields/secret/impact", {}),
    ]  # fmt: skip


def pages(api: Api, actor: Actor, ref: RecordRef) -> str:
    with api.crm.work(actor) as work:
        shown: list[Any] = [
            list_data(work, "deal", ListAddress()), record_data(work, ref), edit_form(work, ref), home_data(work),
            new_form(work, "deal", {"secret": CANARY}), board_data(work, "deal", ListAddress(), {}),
            deleted_data(work, "deal", 1), surroundings(work, "deal"), found_names(work, CANARY),
        ]  # fmt: skip
    return "\n".join(map(str, shown))


@pytest.mark.parametrize("who", ["none", "mask"])
def test_01_20_33_a_closed_field_is_told_by_no_surface(api: Api, who: str) -> None:
    """1 a group-by, 20 a search, 33 a filter, sort or group, 21 another name for a column: what changes in a field that
    the reader may not see changes no byte of any answer.
    """
    company = api.crm.create("company", name="Acme")
    deal = api.deal("ann", name="Big", secret=CANARY, stage="engaging", company=str(company.ref.id))
    api.crm.delete(RecordRef("deal", UUID(api.deal("ann", name="Gone", secret=CANARY))))
    client, ref = api.client(who), RecordRef("deal", UUID(deal))
    told: list[list[Any]] = []
    for value in (CANARY, OTHER):
        with api.crm.work() as work:
            work.connection.execute(text("UPDATE data.deal SET secret = :value"), {"value": value})
        answers = [client.get(path, params=more) for path, more in reads(deal)]
        assert [answer.text for answer in answers if answer.status_code >= 500] == []
        plain = [a.text for a, (_, more) in zip(answers, reads(deal), strict=True) if not more]
        assert not [each for each in plain if CANARY in each or OTHER in each]
        told.append([*((a.status_code, a.text) for a in answers), pages(api, api.people[who], ref)])
    assert told[0] == told[1]
    admin = api.client("max").get(DEALS, params={"where": f"secret = '{OTHER}'"})
    assert len(admin.json()["records"]) == 1


def contents(api: Api) -> list[str]:
    """One hash for each table, those of sessions and keys aside."""
    with api.crm.work() as work:
        found = work.connection.execute(
            text("SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('crm', 'data') ORDER BY 1")
        ).scalars()
        names = [name for name in found if "api_key" not in name and "slow" not in name]
        hashed = "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t"
        return [f"{name} {work.connection.exec_driver_sql(hashed.format(name)).scalar_one()}" for name in names]


def test_04_08_18_what_belongs_to_others_is_absent_and_a_refusal_writes_nothing(api: Api) -> None:
    """4 a write by id alone, 8 a 403 after the write, 18 a restore without a check: nothing in the database moves."""
    theirs = api.deal("bob", name="Theirs", stage="engaging")
    gone = api.deal("bob", name="Gone")
    api.crm.delete(RecordRef("deal", UUID(gone)))
    ann, one, missing = api.client("ann"), f"{DEALS}/{theirs}", f"{DEALS}/0190a5c0-0000-7000-8000-000000000001"
    body = {"values": {"name": "Mine", "stage": "won"}}
    before = contents(api)
    for method, path, sent in (
        ("GET", "", None), ("PATCH", "", body), ("DELETE", "", None), ("DELETE", "?dry=true", None),
        ("GET", "/timeline", None), ("GET", "/moves", None), ("POST", "/restore", {}),
    ):  # fmt: skip
        answers = [ann.request(method, place + path, json=sent) for place in (one, missing)]
        assert [answer.status_code for answer in answers] == [404, 404], (method, path)
        assert answers[0].json() == answers[1].json()
    assert ann.post(f"{DEALS}/{gone}/restore", json={}).status_code == 404
    for sent in ({"ids": [theirs], **body}, {"filter": {"where": "name = 'Theirs'"}, **body}):
        assert ann.patch(f"{DEALS}/bulk", json=sent).status_code in (403, 404)
    assert ann.get(DEALS, params={"filter[owner]": str(api.people["bob"].user_id)}).json()["records"] == []
    for values in (
        {"owner": str(api.people["bob"].user_id)},
        {"secret": "x"},
        {"stage": "nowhere"},
        {"company": theirs},
    ):
        answer = ann.post(DEALS, json={"values": {"name": "New", **values}})
        assert 400 <= answer.status_code < 500, values
    assert contents(api) == before


INTERNAL = (
    "ignore_permissions", "actor", "user", "user_id", "run_as", "as", "is_system", "is_admin", "admin", "role", "roles",
    "reason", "grant", "access", "scope", "reach", "within", "ids", "only_reads", "validate", "force", "workspace",
)  # fmt: skip


def test_15_17_no_argument_of_a_request_says_who_acts_or_what_is_checked(api: Api) -> None:
    theirs, ann = api.deal("bob", name="Theirs"), api.client("ann")
    me = str(api.people["max"].user_id)
    before = contents(api)
    for name in INTERNAL:
        for path in (DEALS, f"{DEALS}/{theirs}", f"{DEALS}/count", "/api/v1/objects", "/api/v1/objects/deal"):
            assert ann.get(path, params={name: me}).status_code in (404, 422), (path, name)
        for sent in ({"values": {"name": "x", name: me}}, {"values": {"name": "x"}, name: me}):
            assert ann.post(DEALS, json=sent).status_code == 422, sent
            assert ann.patch(f"{DEALS}/{theirs}", json=sent).status_code in (404, 422), sent
        headers = {f"x-{name.replace('_', '-')}": me, "x-forwarded-user": me, "cookie": f"{name}={me}"}
        assert ann.get(f"{DEALS}/{theirs}", headers=headers).status_code == 404
    assert contents(api) == before


def every_route(app: Starlette) -> Iterator[tuple[str, str]]:
    for route in app.routes:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in sorted(route.methods or ()))


def test_13_every_route_asks_for_a_key(api: Api) -> None:
    """A new address without a check fails here the day it is added. Public are only the pages that explain the API;
    messages from outside prove themselves by a secret address and a signature.
    """
    app = create_api(lambda: api.crm.workspace)
    public = {path for _, path in every_route(app) if path.startswith("/docs")}
    anybody, deal = api.client(""), api.deal("ann")
    found = list(every_route(app))
    assert len(found) > 25
    for method, path in found:
        if path == "/v1/hooks/{token}":
            assert anybody.request(method, "/api/v1/hooks/nobodys").status_code == 404
            continue
        filled = path.replace("{object}", "deal").replace("{id}", deal).replace("{pipeline}", "sales")
        answer = anybody.request(method, f"/api{filled.replace('{field}', 'name')}")
        assert (answer.status_code == 401) != (path in public), (method, path, answer.status_code)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/objects?x=/docs", "/api/v1/objects#/docs", "/api/docs/../v1/objects", "/api/docs/v1/objects",
        "/api//v1/objects", "/api/v1/objects/", "/api/v1/objects;/docs", "/api/v1/objects%2fdeal", "/api/%761/objects",
        "/api/v1/objects?key=x", "/api/openapi.json?/docs.css", "/api/V1/objects", "/api/v1/./objects",
    ],
)  # fmt: skip
def test_26_no_decoy_in_an_address_goes_around_the_key(api: Api, path: str) -> None:
    answer = api.client("").get(path)
    assert answer.status_code in (307, 401, 404), path
    assert "deal" not in answer.text


def test_22_what_is_null_opens_nothing(api: Api) -> None:
    """A record without an owner is in nobody's own or team's; a person without a team shares none."""
    nobodys = api.crm.create("deal", name="Nobody's").ref
    loner = api.crm.user("Lone")
    for actor in (api.people["ann"], loner):
        assert api.crm.names(RecordQuery("deal"), actor) == []
    assert api.client("ann").get(f"{DEALS}/{nobodys.id}").status_code == 404


def test_29_38_pages_are_full_and_add_up_to_their_count(api: Api) -> None:
    """Permission is inside the query: no page shows fewer than it says, and groups are the fold of the list."""
    for number in range(24):
        api.deal("ann" if number % 2 else "bob", name=f"D {number:02}", stage="won" if number % 3 else "lost")
    ann = api.client("ann")
    first = ann.get(DEALS, params={"limit": "7", "count": "exact", "sort": "name"}).json()
    second = ann.get(DEALS, params={"limit": "7", "sort": "name", "cursor": first["next_cursor"]}).json()
    assert (len(first["records"]), len(second["records"]), first["count"]["value"]) == (7, 5, 12)
    assert second["next_cursor"] is None
    groups = ann.get(f"{DEALS}/aggregate", params={"group_by": "stage"}).json()["groups"]
    listed = [each["values"]["stage"] for each in first["records"] + second["records"]]
    assert {group["key"]: group["count"] for group in groups} == {key: listed.count(key) for key in set(listed)}


def test_39_one_record_and_the_list_agree_for_every_reader(api: Api) -> None:
    deals = {api.deal(owner, name=f"Of {owner}") for owner in ("ann", "bob", "max")}
    for who in ("ann", "bob", "max", "none"):
        client = api.client(who)
        alone = {deal for deal in deals if client.get(f"{DEALS}/{deal}").is_success}
        assert alone == {each["id"] for each in client.get(DEALS).json()["records"]}


def test_25_who_is_suspended_or_loses_a_role_is_out_at_once(api: Api) -> None:
    client, person = api.client("none"), api.people["none"]
    api.deal("ann")
    assert isinstance(person, UserActor)
    assert len(client.get(DEALS).json()["records"]) == 1
    statements = (
        'DELETE FROM crm.user_role WHERE "user" = :user',
        "UPDATE crm.app_user SET is_active = false WHERE id = :user",
    )
    for statement, status in zip(statements, (404, 401), strict=True):
        with api.crm.work() as work:
            work.connection.execute(text(statement), {"user": person.user_id})
            work.connection.execute(text("UPDATE crm.workspace SET access_version = access_version + 1"))
        assert client.get(DEALS).status_code == status


def test_05_a_key_can_do_no_more_than_its_person(api: Api) -> None:
    deal = api.deal("bob")
    for who, status in (("ann", 404), ("bob", 200), ("max", 200)):
        assert api.client(who).get(f"{DEALS}/{deal}").status_code == status
