"""Two web processes on one database, spoken to as no page of ours would: by a raw socket, and by whoever has just lost
something.
"""

import inspect
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from reflex_base.registry import RegistrationContext
from sqlalchemy import text

from crm_app.crm_app import app
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.settings import Settings
from crm_app.runtime import programs
from crm_app.runtime.ports import free_port
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import revoke_key
from crm_app.services.sessions import Visitor, drop_session, open_session
from crm_app.services.shares import share_record, unshare_record
from crm_app.ui.door import COOKIE
from crm_app.ui.gate import registered_handlers, short_name
from crm_app.ui.handlers import HANDLERS, Access
from tests.builders import Crm, role_body, small_business
from tests.databases import database
from tests.integration.api_client import Api
from tests.integration.door import fingerprint
from tests.integration.raw_socket import RawSocket, Refused
from tests.workflows.processes import running, wait_until

IS_LONG = bool(os.environ.get("TRELLIS_LONG_DOORS"))
DEALS = "/api/v1/objects/deal/records"
# Wrong guesses are counted, and a person may begin to set up a second factor of their own.
OWN = {'crm."login_attempt"', 'crm."second_factor"'}
# An administrator may half-make a draft, or name a team oddly; nobody's rights come of what is no form.
RIGHTS = {f'crm."{name}"' for name in ("policy", "user_role", "app_user", "share", "definition", "api_key", "session")}
# What an administrator has chosen goes when they say so: all handlers in turn choose everything first.
MEANT = frozenset({"list_page.delete_chosen"})
SHARES = 5
READS_ALL = {"objects": ["deal"], "actions": ["read"], "scope": "all"}
SHORT: tuple[Any, ...] = (7, {"$ne": 1})
LONG: tuple[Any, ...] = (
    *SHORT,
    None,
    "x' --",
    [[[]]],
    True,
    1e300,
    "",
    "\0",
    "x" * 100_000,
    "../..",
    [],
    {},
    {"name": {"a": 1}},
    -1,
)


@dataclass
class Servers:
    api: Api
    ports: list[int]
    logs: Callable[[], str]
    secrets: dict[str, str]

    def cookie(self, who: str) -> str:
        return f"{COOKIE}={self.secrets[who]}" if who else ""

    def statuses(self, key: str, record: str = "") -> list[int]:
        """What a call with the key is answered by each of the processes."""
        headers = {"authorization": f"Bearer {key}"}
        places = [f"http://127.0.0.1:{port}{DEALS}{record}" for port in self.ports]
        return [httpx.get(place, headers=headers, trust_env=False, timeout=20).status_code for place in places]

    def fingerprint(self) -> dict[str, str]:
        with self.api.crm.work() as work:
            return fingerprint(work)

    def log_in(self, who: str) -> None:
        """Anew, and nowhere else: whoever may end their own sessions has none to end."""
        self.change('DELETE FROM crm.session WHERE "user" = :user', user=self.api.people[who].user_id)
        with self.api.crm.work() as work:
            self.secrets[who] = open_session(work.connection, self.api.people[who].user_id, Visitor(), "password")

    def change(self, statement: str, **values: Any) -> None:
        with self.api.crm.work() as work:
            work.connection.execute(text(statement), values)


@pytest.fixture(scope="module")
def servers(postgres_server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder: Path = tmp_path_factory.mktemp("two")
    ports = [free_port(), free_port()]
    with ExitStack() as stack:
        url = stack.enter_context(database(postgres_server))
        crm = Crm(url)
        stack.callback(crm.close)
        children: list[Any] = []
        for port in ports:
            program = programs.web(Settings(folder, url, ""), port)
            without_pages = {k: v for k, v in program.environment.items() if "MOUNT_FRONTEND" not in k}
            named = replace(program, name=f"web-{port}", environment=without_pages)
            children.append(stack.enter_context(running(named, folder / "logs")))
        for port in ports:
            wait_until(lambda port=port: programs.web_answers(port), "the web server answers")
        api = Api(crm)
        crm.create("deal", api.people["bob"], name="Kanarienvogel")
        crm.create("deal", api.people["ann"], name="Anns")
        servers = Servers(api, ports, lambda: "\n".join(c.child.output() for c in children), {})
        api.people["manager"] = crm.user("Manager", role="manager")
        with crm.work() as work:
            api.people["nobody"] = type(api.people["ann"])(add_user(work, "Nobody", "nobody@example.com"))
        yield servers


def arguments(name: str) -> list[str]:
    found = RegistrationContext.ensure_context().event_handlers[name]
    return list(inspect.signature(found.handler.fn).parameters)[1:]


def hostile(name: str) -> Iterator[Any]:
    """Wrong types, too few arguments, too many, and what are no arguments at all."""
    known = arguments(name)
    for value in LONG if IS_LONG else SHORT:
        yield dict.fromkeys(known, value)
        if not known:
            break
    yield {}
    yield {**dict.fromkeys(known, "x"), "self": 1, "state": {}, "work": None, "__class__": "x"}


@pytest.mark.parametrize(
    ("who", "tab", "share"),
    [
        ("", "tab-of-nobody", 1),
        ("ann", "tab-of-ann", 1),
        ("nobody", "tab-of-no-role", SHARES),
        ("manager", "tab-of-manager", SHARES),
        ("max", "tab-of-max", SHARES),
        ("ann", "stolen-from-max", SHARES),
        ("", "taken-from-max", SHARES),
    ],
)
def test_every_handler_fired_from_a_raw_socket_tells_nothing_and_moves_nothing(
    servers: Servers, who: str, tab: str, share: int
) -> None:
    """By everybody, also with the token of a tab that shows what an administrator sees. Those with a `share` fire that
    part of the handlers; with `TRELLIS_LONG_DOORS=1` all of them.
    """
    meant = MEANT if who == "max" else frozenset[str]()
    names = [name for name in registered_handlers() if "frontend_event" not in name and short_name(name) not in meant]
    assert app
    assert len(names) > 80
    for each in {who, "max"} - {""}:
        servers.log_in(each)
    if "from-max" in tab:
        with RawSocket(servers.ports[0], tab, servers.cookie("max")) as raw:
            raw.send(open_deals(), {}, "/o/deal")
            assert "Kanarienvogel" in raw.answer()
    before, read = servers.fingerprint(), len(servers.logs())
    with RawSocket(servers.ports[0], tab, servers.cookie(who)) as raw:
        told = fired(raw, names if IS_LONG else names[zlib.crc32(tab.encode()) % share :: share])
        assert "An event failed" not in servers.logs()[read:]
        told += refused_by_the_framework(raw, names[0])
    assert told
    assert who == "max" or "Kanarienvogel" not in told
    assert "Traceback" not in told
    assert who in ("ann", "max") or "Anns" not in told
    after = servers.fingerprint()
    moved = {name for name in after if after[name] != before[name]}
    assert not moved & RIGHTS
    assert not {name for name in moved if name.startswith("data.")}
    assert who == "max" or moved <= OWN


def fired(raw: RawSocket, names: list[str]) -> str:
    """All that came back."""
    heard: list[str] = []
    for number, name in enumerate(names):
        is_public = HANDLERS.get(short_name(name)) is Access.PUBLIC
        for payload in [{}] if is_public or (not IS_LONG and number % 3 and not arguments(name)) else hostile(name):
            raw.send(name, payload, "/o/deal")
        if number % 10 == 9:
            heard.append(raw.answer(quiet=0.2))
    heard.append(raw.answer(quiet=0.5))
    return "\n".join(heard)


def refused_by_the_framework(raw: RawSocket, name: str) -> str:
    """What is no event at all ends there, which says so in the log and to nobody; the next event is answered."""
    for anything in (None, 7, "x", [], {}, {"name": 1}, {"name": "no.such"}, {"name": name, "payload": 7}):
        raw.send_anything(anything)
    raw.send(open_deals(), {}, "/o/deal")
    return raw.answer(quiet=0.5)


def open_deals(name: str = "list_page.open") -> str:
    return next(each for each in registered_handlers() if short_name(each) == name)


def test_the_token_of_another_tab_shows_nothing_of_its_person(servers: Servers) -> None:
    servers.log_in("max")
    servers.log_in("ann")
    with RawSocket(servers.ports[0], "tab-of-max", servers.cookie("max")) as raw:
        raw.send(open_deals(), {}, "/o/deal")
        assert "Kanarienvogel" in raw.answer()
    for who in ("", "ann"):
        with RawSocket(servers.ports[0], "tab-of-max", servers.cookie(who)) as raw:
            raw.send(open_deals(), {}, "/o/deal")
            raw.send(open_deals("shell.search"), {"text": "Kana"}, "/o/deal")
            assert "Kanarienvogel" not in raw.answer()


def test_a_socket_of_another_site_is_not_let_in(servers: Servers) -> None:
    servers.log_in("ann")
    with pytest.raises(Refused):
        RawSocket(servers.ports[0], "t", servers.cookie("ann"), origin="http://evil.example")


def test_what_is_revoked_is_gone_at_the_next_request_of_every_process(servers: Servers) -> None:
    api, ann = servers.api, servers.api.people["ann"]
    key, other = api.key("ann"), api.key("ann")
    assert servers.statuses(key) == [200, 200]
    with api.crm.work() as work:
        revoke_key(work, key.split("_")[1])
    assert servers.statuses(key) == [401, 401]
    assert servers.statuses(other) == [200, 200]
    servers.change('DELETE FROM crm.user_role WHERE "user" = :user', user=ann.user_id)
    assert servers.statuses(other) == [404, 404]
    servers.change("INSERT INTO crm.user_role (\"user\", role) VALUES (:user, 'rep')", user=ann.user_id)
    assert servers.statuses(other) == [200, 200]
    servers.change("UPDATE crm.app_user SET is_active = false WHERE id = :user", user=ann.user_id)
    assert servers.statuses(other) == [401, 401]
    servers.change("UPDATE crm.app_user SET is_active = true WHERE id = :user", user=ann.user_id)


def test_an_open_page_of_an_ended_session_is_refused_at_its_next_event_in_every_process(servers: Servers) -> None:
    servers.log_in("max")
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(RawSocket(port, f"open-{port}", servers.cookie("max"))) for port in servers.ports
        ]
        for raw in sockets:
            raw.send(open_deals(), {}, "/o/deal")
            assert "Kanarienvogel" in raw.answer()
        with servers.api.crm.work() as work:
            drop_session(work.connection, servers.secrets["max"])
        for raw in sockets:
            raw.send(open_deals("shell.search"), {"text": "Kana"}, "/o/deal")
            told = raw.answer()
            assert "Kanarienvogel" not in told
            assert "/login" in told


@pytest.mark.parametrize("kind", ["user", "team", "role"])
def test_a_share_that_is_taken_back_is_gone_at_the_next_request_of_every_process(servers: Servers, kind: str) -> None:
    api, ann = servers.api, servers.api.people["ann"]
    deal = api.crm.create("deal", api.people["bob"], name=f"Lent to a {kind}")
    path, page = f"/{deal.ref.id}", f"/o/deal/{deal.ref.id}"
    grantee = {"user": str(ann.user_id), "team": str(api.crm.team("north")), "role": "rep"}[kind]
    key = api.key("ann")
    servers.log_in("ann")
    assert servers.statuses(key, path) == [404, 404]
    with api.crm.work() as work:
        share = share_record(work, deal.ref, kind, grantee)  # pyright: ignore[reportArgumentType]
    assert servers.statuses(key, path) == [200, 200]
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(RawSocket(port, f"{kind}-{port}", servers.cookie("ann"))) for port in servers.ports
        ]
        for raw in sockets:
            raw.send(open_deals("record_page.open"), {}, page)
            assert deal.name in raw.answer()
        with api.crm.work() as work:
            unshare_record(work, deal.ref, share.id)
        assert servers.statuses(key, path) == [404, 404]
        for raw in sockets:
            raw.send(open_deals("shell.search"), {"text": "Lent"}, page)
            assert deal.name not in raw.answer()
    ends = "UPDATE crm.share SET until = now() - interval '1 second' WHERE id = :share"
    with api.crm.work() as work:
        share = share_record(work, deal.ref, kind, grantee)  # pyright: ignore[reportArgumentType]
    assert servers.statuses(key, path) == [200, 200]
    servers.change(ends, share=share.id)
    assert servers.statuses(key, path) == [404, 404]


def test_a_role_published_with_more_or_fewer_grants_counts_at_the_next_request_of_every_process(
    servers: Servers,
) -> None:
    """Sessions stay: what they may is worked out anew, by open pages, too."""
    api = servers.api
    deal = api.crm.create("deal", api.people["bob"], name="Wide open")
    path, page, key = f"/{deal.ref.id}", f"/o/deal/{deal.ref.id}", api.key("ann")
    before = next(role for role in small_business().roles if role.name == "rep")
    wide = load_package({"roles": {"roles/rep.json": role_body("rep", READS_ALL, label=before.label)}})
    servers.log_in("ann")
    assert servers.statuses(key, path) == [404, 404]
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(RawSocket(port, f"role-{port}", servers.cookie("ann"))) for port in servers.ports
        ]
        for published, status in ((wide, 200), (Package(roles=(before,)), 404)):
            api.crm.publish(published)
            assert servers.statuses(key, path) == [status, status]
            for raw in sockets:
                raw.send(open_deals("record_page.open"), {}, page)
                assert (deal.name in raw.answer()) == (status == HTTPStatus.OK)
