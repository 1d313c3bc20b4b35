"""Who may call: a live key, and nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.runtime.commands.key import command
from crm_app.services.api_keys import KeyWish, create_key, list_keys, revoke_key
from crm_app.services.key_renewal import renew_key
from tests.integration.api_client import DEALS, Api, opened


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def test_a_key_acts_as_its_person(api: Api) -> None:
    client = api.client("ann")
    made = client.post(DEALS, json={"values": {"name": "Mine"}}).json()
    assert made["values"]["owner"] == str(api.people["ann"].user_id)


def test_without_a_live_key_nothing_answers(api: Api) -> None:
    client = api.client("")
    headers_to_try: list[dict[str, str]] = [
        {},
        *(
            {"authorization": header}
            for header in [
                "Bearer trl_00000000_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                "Bearer ",
                "Bearer trl_' or 1=1 --",
                "Basic YWRtaW46YWRtaW4=",
                "trl_00000000_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            ]
        ),
    ]
    for headers in headers_to_try:
        for path in (DEALS, "/api/v1/objects", "/api/openapi.json", "/api/v1/search?q=a"):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["error"]["code"] == "unauthenticated"


def test_a_cookie_is_no_key(api: Api) -> None:
    key = api.key("max")
    client = api.client("")
    client.cookies.set("trellis_session", key)
    assert client.get(DEALS).status_code == 401


def test_a_revoked_key_is_refused_at_the_next_request(api: Api) -> None:
    key = api.key("ann")
    client = api.client(key=key)
    assert client.get(DEALS).status_code == 200
    with api.crm.work() as work:
        assert revoke_key(work, key.split("_")[1]).state == "revoked"
    assert client.get(DEALS).status_code == 401
    with api.crm.work() as work, pytest.raises(NotFound):
        revoke_key(work, key.split("_")[1])


def test_an_expired_key_is_refused(api: Api) -> None:
    with clock.frozen(clock.now() - timedelta(days=2)):
        key = api.key("ann", days=1)
    assert api.client(key=key).get(DEALS).status_code == 401
    with api.crm.work() as work:
        assert [each.state for each in list_keys(work)] == ["expired"]


def test_a_key_ends_with_the_activity_of_its_person(api: Api) -> None:
    client = api.client("ann")
    assert client.get(DEALS).status_code == 200
    with api.crm.work() as work:
        work.connection.execute(text("UPDATE crm.app_user SET is_active = false WHERE email = 'ann@example.com'"))
    assert client.get(DEALS).status_code == 401


def test_the_secret_is_kept_nowhere(api: Api) -> None:
    key = api.key("ann", label="nightly export")
    with api.crm.work() as work:
        kept = str(work.connection.execute(text("SELECT * FROM crm.api_key")).all())
        told = str(work.connection.execute(text("SELECT name, actor, changes FROM crm.audit")).all())
    assert key.split("_", 2)[2] not in kept + told
    assert "key.created" in told


def test_nobody_makes_or_sees_the_key_of_another(api: Api) -> None:
    bobs = api.key("bob").split("_")[1]
    with api.crm.work(api.people["ann"]) as work:
        with pytest.raises(Forbidden):
            create_key(work, "bob@example.com")
        with pytest.raises(Forbidden):
            create_key(work, "nobody@example.com")
        mine = create_key(work, "ann@example.com")
        assert [key.prefix for key in list_keys(work)] == [mine.prefix]
        with pytest.raises(NotFound):
            revoke_key(work, bobs)


def test_a_key_needs_an_active_person_and_sane_settings(api: Api) -> None:
    with api.crm.work() as work:
        with pytest.raises(NotFound):
            create_key(work, "nobody@example.com")
        with pytest.raises(Invalid) as refused:
            create_key(work, "ann@example.com", KeyWish(label="a\nb", days=0))
    assert [problem.path for problem in refused.value.problems] == ["label", "days"]


def test_keys_from_the_command_line(api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    run = CliRunner().invoke
    made = run(command, ["--user", "ann@example.com", "--label", "sync", "--days", "30"])
    assert made.exit_code == 0, made.output
    key = made.stdout.strip()
    client = api.client(key=key)
    assert client.get(DEALS).status_code == 200
    listed = run(command, ["--list"]).stdout
    assert f"trl_{key.split('_')[1]}" in listed
    assert "sync" in listed
    assert key not in listed
    assert run(command, ["--revoke", f"trl_{key.split('_')[1]}"]).exit_code == 0
    assert client.get(DEALS).status_code == 401
    assert run(command, []).exit_code != 0


def renewed(client: httpx.Client, prefix: str, **body: object) -> httpx.Response:
    return client.post(f"/api/v1/keys/{prefix}/renew", json=body)


def test_a_key_renews_itself_and_both_are_good_for_a_while(api: Api) -> None:
    old = api.key("ann", days=30, scopes=["deal:read"])
    prefix = old.split("_")[1]
    with api.client(key=old) as client, api.client(key=api.key("ann")) as other:
        assert (renewed(other, prefix).status_code, renewed(client, prefix, hours=169).status_code) == (403, 422)
        made = renewed(client, prefix, hours=24).json()
        assert client.get(DEALS).status_code == 200
        found = {each["prefix"]: each for each in client.get("/api/v1/keys").json()["keys"]}
    assert found[made["prefix"]]["scopes"] == ["deal:read"]
    with api.client(key=made["key"]) as client:
        assert client.get(DEALS).status_code == 200
        assert client.post(DEALS, json={"values": {"name": "x"}}).status_code == 403
    ends = {each: datetime.fromisoformat(found[each]["expires_at"]) - clock.now() for each in (prefix, made["prefix"])}
    assert timedelta(hours=23) < ends[prefix] < timedelta(hours=24)
    assert timedelta(days=29) < ends[made["prefix"]] < timedelta(days=30)
    with api.crm.workspace.owned() as connection:
        connection.execute(text("UPDATE crm.api_key SET expires_at = now() WHERE prefix = :old"), {"old": prefix})
    with api.client(key=old) as client:
        assert client.get(DEALS).status_code == 401
    with api.crm.workspace.owned() as connection:
        told = str(connection.execute(text("SELECT changes FROM crm.audit WHERE name = 'key.renewed'")).all())
    assert made["prefix"] in told
    assert made["key"] not in told


def test_whoever_is_logged_in_renews_their_own_keys_for_as_long_again(api: Api) -> None:
    with clock.frozen(clock.now() - timedelta(days=20)):
        prefix = api.key("ann", days=30).split("_")[1]
    with api.crm.work(api.people["bob"]) as work, pytest.raises(NotFound):
        renew_key(work, prefix)
    with api.crm.work(api.people["ann"]) as work:
        new = renew_key(work, prefix, 0)
        assert new.expires_at is not None
        assert new.expires_at > clock.now() + timedelta(days=29)
        assert [key.state for key in list_keys(work)] == ["expired", "live"]
        with pytest.raises(NotFound):
            renew_key(work, prefix)
