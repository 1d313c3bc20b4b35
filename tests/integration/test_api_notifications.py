"""Notifications over the API: a key reads and marks those of its own person."""

import httpx

from crm_app.services.notifications import notify
from tests.integration.api_client import opened

PATH = "/api/v1/notifications"


def titles(client: httpx.Client, **asked: str) -> list[str]:
    return [each["title"] for each in client.get(PATH, params=asked).json()["notifications"]]


def test_a_key_reads_and_marks_its_own_persons_notifications(database_url: str) -> None:
    with opened(database_url) as api:
        with api.crm.work() as work:
            notify(work, [api.people["ann"].user_id], "One")
            notify(work, [api.people["ann"].user_id], "Two", source="Renewals")
        ann, bob = api.client("ann"), api.client("bob")
        answer = ann.get(PATH, params={"limit": "1"}).json()
        assert answer["unread"] == 2
        (two,) = answer["notifications"]
        assert (two["title"], two["source"], two["about"], two["is_read"]) == ("Two", "Renewals", None, False)
        assert [each["title"] for each in ann.get(PATH, params={"before": two["id"]}).json()["notifications"]] == [
            "One"
        ]
        assert bob.get(PATH).json() == {"unread": 0, "notifications": []}
        assert bob.post(f"{PATH}/read", json={"ids": [two["id"]]}).json() == {"marked": 0}
        assert ann.post(f"{PATH}/read", json={"ids": [two["id"]]}).json() == {"marked": 1}
        assert titles(ann, unread="true") == ["One"]
        assert ann.post(f"{PATH}/read", json={}).json() == {"marked": 1}
        for wrong in ({"ids": "x"}, {"ids": ["x"]}, {"ids": [1]}, {"all": True}):
            assert ann.post(f"{PATH}/read", json=wrong).status_code == 422
