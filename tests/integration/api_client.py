"""The API as a program calls it: mounted at /api, one client per key."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from crm_app.api.app import create_api
from crm_app.definitions.package import Package
from crm_app.kernel.actor import UserActor
from crm_app.services.api_keys import KeyWish, create_key
from tests.builders import Crm

DEALS = "/api/v1/objects/deal/records"
COMPANIES = "/api/v1/objects/company/records"


class InProcess(httpx.BaseTransport):
    """Each request in an event loop of its own, so that tests stay synchronous."""

    def __init__(self, app: ASGIApp) -> None:
        self._transport = httpx.ASGITransport(app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._send(request))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        answer = await self._transport.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


class Api:
    """`people` are the actors behind the clients: Ann and Bob are reps of the north and south, Max administers."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.people: dict[str, UserActor] = {
            "ann": crm.user("Ann", team="north"),
            "bob": crm.user("Bob", team="south"),
            "max": crm.user("Max", role="admin"),
        }
        self._app = Starlette(routes=[Mount("/api", create_api(lambda: crm.workspace))])

    def key(self, name: str, **more: Any) -> str:
        with self.crm.work() as work:
            return create_key(work, f"{name}@example.com", KeyWish(**more)).key

    def client(self, name: str = "max", key: str = "") -> httpx.Client:
        headers = {"authorization": f"Bearer {key or self.key(name)}"} if name else {}
        return httpx.Client(transport=InProcess(self._app), base_url="http://trellis", headers=headers)

    def deal(self, owner: str, /, **values: Any) -> str:
        body = {"name": "A deal", "owner": str(self.people[owner].user_id), **values}
        return str(self.crm.create("deal", **body).ref.id)


@contextmanager
def opened(database_url: str, package: Package | None = None) -> Generator[Api]:
    crm = Crm(database_url, package)
    try:
        yield Api(crm)
    finally:
        crm.close()


def walk(client: httpx.Client, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All pages of a list, one after the other."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        asked = {**parameters, **({"cursor": cursor} if cursor else {})}
        page = client.get(path, params=asked)
        assert page.status_code == 200, page.text
        body = page.json()
        found += body["records"]
        cursor = body["next_cursor"]
        if not cursor:
            return found
