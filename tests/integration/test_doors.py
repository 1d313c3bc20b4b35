"""Every address of the API, found at run time, asked by everybody who can come: what each is answered, and that
nothing in the database moves when it was refused.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from crm_app.ui.app import create_app
from crm_app.web.route_access import RouteAccess, UnclassifiedRoute, require_classified
from tests.integration.api_client import opened
from tests.integration.door import ADMINS_ONLY, STRANGERS, Doors, api_routes, filled
from tests.integration.hostile_inputs import BODIES

BODIES_SENT: list[Any] = [{}, {"values": {"name": "x"}}, {"worth": "1"}, {"ids": []}]
SHARES = 12
IS_LONG = bool(os.environ.get("TRELLIS_LONG_DOORS"))


@pytest.fixture
def doors(database_url: str) -> Iterator[Doors]:
    with opened(database_url) as api:
        yield Doors(api)


def test_the_server_refuses_to_start_with_an_address_that_nobody_classified() -> None:
    with pytest.raises(UnclassifiedRoute, match="/secret"):
        require_classified([Route("/secret", lambda _: None)])
    with pytest.raises(UnclassifiedRoute, match="/secret"):
        create_app([Starlette(routes=[Route("/secret", lambda _: None)])])


def test_whoever_has_no_live_key_is_refused_at_every_address_and_nothing_moves(doors: Doors) -> None:
    before = doors.fingerprint()
    found = list(api_routes(doors.api.crm))
    assert len(found) > 40
    for who in STRANGERS:
        client = doors.api.client(key=doors.keys[who]) if who else doors.api.client("")
        for method, path, access in found:
            body = {} if method in ("POST", "PUT", "PATCH") else None
            answer = client.request(method, filled(path, doors.deal), json=body)
            assert (answer.status_code == 401) == (access is RouteAccess.KEY), (who, method, path, answer.status_code)
            assert "Kanarienvogel" not in answer.text
    assert doors.fingerprint() == before


@pytest.mark.parametrize("who", ["nobody", "ann", "manager", "max"])
def test_every_address_answers_everybody_with_its_class_and_a_refusal_moves_nothing(doors: Doors, who: str) -> None:
    client = doors.api.client(key=doors.keys[who])
    known = doors.fingerprint()
    for method, path, access in api_routes(doors.api.crm):
        if access is RouteAccess.PUBLIC or method == "HEAD":
            continue
        for body in BODIES_SENT if method in ("POST", "PUT", "PATCH") else [None]:
            answer = client.request(method, filled(path, doors.deal), json=body)
            place = (who, method, path, body, answer.status_code)
            assert answer.status_code < 500, place
            if who != "max":
                assert "Kanarienvogel" not in answer.text, place
                if path.startswith(ADMINS_ONLY):
                    assert answer.status_code in (403, 404, 405, 422), place
            after = doors.fingerprint()
            if answer.status_code >= 400:
                assert after == known, place
            known = after


@pytest.mark.parametrize(("turn", "who"), [(0, "nobody"), (1, "ann"), (2, "manager"), (3, "max")])
def test_addresses_survive_every_hostile_body(doors: Doors, turn: int, who: str) -> None:
    """Each caller takes its share of the addresses; with `TRELLIS_LONG_DOORS=1` all of them."""
    client = doors.api.client(key=doors.keys[who])
    headers = {"content-type": "application/json"}
    writing = [
        (method, path)
        for method, path, access in api_routes(doors.api.crm)
        if access is not RouteAccess.PUBLIC and method in ("POST", "PUT", "PATCH", "DELETE")
    ]
    assert len(writing) > SHARES
    for method, path in writing if IS_LONG else writing[turn::SHARES]:
        known = doors.fingerprint()
        for body in BODIES:
            answer = client.request(method, filled(path, doors.deal), content=body, headers=headers)
            assert answer.status_code < 500, (who, method, path, body[:60])
            if answer.status_code < 400:
                known = doors.fingerprint()
        assert doors.fingerprint() == known, (who, method, path)
