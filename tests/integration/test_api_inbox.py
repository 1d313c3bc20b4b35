"""The inbox over the API: only who is asked answers."""

from typing import Any
from uuid import UUID

from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from tests.integration.api_client import DEALS, opened
from tests.questions import ask

PATH = "/api/v1/inbox"


def test_a_question_is_read_handed_on_and_answered_once(database_url: str) -> None:
    with opened(database_url) as api:
        ann, bob = api.client("ann"), api.client("bob")
        with api.crm.work() as work:
            key = ask(work, [api.people["ann"].user_id], RecordRef("deal", new_id()), "Approve?")
        (found,) = ann.get(PATH).json()["questions"]
        assert (found["title"], found["kind"], found["run"], found["path"]) == (
            "Approve?",
            "approval",
            str(key.run),
            "ok",
        )
        assert bob.get(PATH).json() == {"count": 0, "questions": []}
        said = {"run": str(key.run), "path": "ok", "answer": "approved"}
        assert bob.post(f"{PATH}/answer", json=said).status_code == 404
        assert bob.post(f"{PATH}/delegate", json={**said, "to": found["run"]}).status_code == 422
        nowhere: dict[str, Any] = {"run": "x", "path": "ok", "answer": "approved"}
        wrong: tuple[dict[str, Any], ...] = (nowhere, {**said, "values": 1}, {**said, "answer": 1}, {})
        assert {ann.post(f"{PATH}/answer", json=body).status_code for body in wrong} == {422}
        handed = {"run": str(key.run), "path": "ok", "to": str(api.people["bob"].user_id)}
        assert ann.post(f"{PATH}/delegate", json=handed).json() == {"delegated": True}
        assert bob.post(f"{PATH}/answer", json=said).json() == {"settled": True}
        assert ann.post(f"{PATH}/answer", json=said).status_code == 409


def test_whoever_sees_a_record_sees_whom_it_waits_for_and_no_more(database_url: str) -> None:
    with opened(database_url) as api:
        ann, bob, deal = api.client("ann"), api.client("bob"), api.deal("ann")
        with api.crm.work() as work:
            asked = [api.people[name].user_id for name in ("ann", "max")]
            ask(work, asked, RecordRef("deal", UUID(deal)), "Secret title?", need="percent", percent=60)
        path = f"{DEALS}/{deal}/questions"
        (found,) = ann.get(path).json()["questions"]
        assert found["progress"] == {
            "asked": 2, "need": "percent", "percent": 60, "approved": 0, "rejected": 0, "waiting": ["Ann", "Max"],
        }  # fmt: skip
        assert "Secret" not in str(found)
        assert bob.get(path).status_code == 404
        ann.post(f"{PATH}/answer", json={"run": found["run"], "path": "ok", "answer": "approved", "comment": "Good"})
        assert ann.get(path).json()["questions"][0]["progress"]["approved"] == 1
        told = [entry for entry in ann.get(f"{DEALS}/{deal}/timeline").json()["entries"] if entry["kind"] == "approved"]
        assert [(entry["actor"], entry["detail"]) for entry in told] == [("Ann", "Renewals: “Good”")]
