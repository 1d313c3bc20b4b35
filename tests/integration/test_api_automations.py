"""Automations over HTTP as administrators design them: the report before publishing, and versions."""

from collections.abc import Iterator

import pytest

from crm_app.kernel.actor import UserActor
from crm_app.services import drafts
from tests.integration.api_client import Api, opened

BODY = {
    "name": "ping",
    "label": "Ping",
    "trigger": {"type": "record.created", "object": "deal"},
    "steps": [{"id": "again", "type": "create", "object": "deal", "values": {"name": "'Again'"}}],
}


@pytest.fixture
def api(database_url: str) -> Iterator[Api]:
    with opened(database_url) as api:
        yield api


def test_a_report_names_the_circle_that_makes_it_unsafe(api: Api) -> None:
    with api.crm.workspace.work(UserActor(api.people["max"].user_id)) as work:
        drafts.add_to_draft(work, "Add", {"automations/ping": BODY}, {})
    admin, ann = api.client(), api.client("ann")
    told = admin.get("/api/v1/automations/ping/report").json()
    assert not told["is_safe"]
    circle = next(found for found in told["findings"] if found["name"] == "cycles")
    assert (circle["state"], "is created → “Ping” again" in circle["lines"][0]) == ("bad", True)
    assert ann.get("/api/v1/automations/ping/report").status_code == 403
    assert admin.get("/api/v1/automations/pong/report").status_code == 404
    assert admin.get("/api/v1/automations/ping/versions").json() == {"versions": []}
    same = admin.get("/api/v1/automations/ping/difference").json()["blocks"]
    assert {block["state"] for block in same} == {"same"}
