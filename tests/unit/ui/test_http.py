"""The plain HTTP part: cookies, origins, redirects, headers. The bundle itself is not needed."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from crm_app.services.sessions import session_actor
from crm_app.ui.door import COOKIE
from crm_app.ui.http_guard import guarded
from crm_app.ui.login_routes import login_routes
from crm_app.ui.origins import is_same_origin
from tests.unit.ui.conftest import PASSWORD, Crm

_OWN = {"origin": "http://crm.test"}


@pytest.fixture
async def browser(crm: Crm) -> AsyncIterator[httpx.AsyncClient]:
    site = login_routes()
    site.mount("", Starlette(routes=[Route("/{path:path}", lambda _: PlainTextResponse("page"))]))
    transport = httpx.ASGITransport(app=guarded(site))
    assert crm.people
    async with httpx.AsyncClient(transport=transport, base_url="http://crm.test") as client:
        yield client


async def test_logging_in_sets_a_cookie_that_scripts_cannot_read(browser: httpx.AsyncClient) -> None:
    form = {"email": "ada@example.com", "password": PASSWORD, "next": "/o/deal?view=x"}
    answer = await browser.post("/auth/login", data=form, headers=_OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/o/deal?view=x")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE)
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


async def test_a_refused_login_tells_nothing_and_sets_nothing(browser: httpx.AsyncClient) -> None:
    places: set[str] = set()
    for email in ("ada@example.com", "nobody@example.com"):
        answer = await browser.post("/auth/login", data={"email": email, "password": "wrong"}, headers=_OWN)
        places.add(answer.headers["location"])
        assert "set-cookie" not in answer.headers
    assert places == {"/login?refused=login_refused&next=%2F"}


async def test_a_login_cannot_lead_to_another_site(browser: httpx.AsyncClient) -> None:
    form = {"email": "ada@example.com", "password": PASSWORD, "next": "//evil.example"}
    assert (await browser.post("/auth/login", data=form, headers=_OWN)).headers["location"] == "/"


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"origin": "null"}])
@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout"])
async def test_forms_of_other_sites_are_refused(browser: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    form = {"email": "ada@example.com", "password": PASSWORD}
    answer = await browser.post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_logging_out_ends_the_session(browser: httpx.AsyncClient, crm: Crm) -> None:
    browser.cookies.set(COOKIE, crm.secrets["rita"])
    answer = await browser.post("/auth/logout", headers=_OWN)
    assert answer.headers["location"] == "/login"
    with pytest.raises(Exception, match="Please log in"), crm.workspace.work(session_actor(crm.secrets["rita"])):
        pass


async def test_a_page_without_a_session_leads_to_the_login_and_back(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/o/deal?view=won", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/o/deal%3Fview%3Dwon")
    assert (await browser.get("/login", headers={"accept": "text/html"})).status_code == 200


async def test_reflex_uploads_do_not_exist(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/_upload", content=b"x", headers=_OWN)).status_code == 404


async def test_hashed_files_are_kept_for_ever_and_pages_are_not(browser: httpx.AsyncClient) -> None:
    assert "immutable" in (await browser.get("/assets/page-abc.js")).headers["cache-control"]
    page = await browser.get("/login")
    assert page.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/apix", "/api-docs", "/authx", "/api.html", "/login/x", "/assetsx"])
async def test_26_a_decoy_is_a_page_like_any_other(browser: httpx.AsyncClient, path: str) -> None:
    """An address that only starts like an open one leads to the login, under the same headers as every page."""
    answer = await browser.get(path, headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")
    assert "frame-ancestors 'none'" in (await browser.get(path)).headers["content-security-policy"]


async def test_a_websocket_from_another_site_is_closed() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def never(*_: object) -> None:
        pytest.fail("The app was reached.")

    scope = {
        "type": "websocket",
        "path": "/_event",
        "headers": [(b"host", b"crm.test"), (b"origin", b"http://evil.test")],
    }
    await guarded(never)(scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 4403}]


def test_an_absent_origin_is_not_the_same_origin() -> None:
    assert is_same_origin({"host": "crm.test", "origin": "http://crm.test"})
    assert not is_same_origin({"host": "crm.test"})
    assert not is_same_origin({"host": "crm.test", "origin": "http://crm.test.evil.example"})


async def test_the_login_pages_own_address_says_where_to_go(browser: httpx.AsyncClient) -> None:
    form = {"email": "ada@example.com", "password": PASSWORD, "next": "/"}
    for asked, place in (("/o/deal", "/o/deal"), ("//evil.example", "/")):
        headers = {**_OWN, "referer": f"http://crm.test/login?next={asked}"}
        assert (await browser.post("/auth/login", data=form, headers=headers)).headers["location"] == place
