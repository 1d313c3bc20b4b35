"""Webhooks: only what is signed counts, once, with the rights of the person whom the automation acts as."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from crm_app.automation.arrivals import SeveralMatch
from crm_app.automation.checks import check
from crm_app.automation.execution import execute_step
from crm_app.automation.hooks import receive
from crm_app.automation.json_values import BadJsonValue
from crm_app.automation.messages import StepInput
from crm_app.automation.refusals import LoopStopped
from crm_app.kernel import clock
from crm_app.kernel.causation import DEPTH
from crm_app.kernel.errors import Forbidden, NotFound
from crm_app.services.record_query import RecordQuery
from crm_app.services.webhooks import BadSignature, make_webhook, remove_webhook, signature
from tests.integration.api_client import Api
from tests.workflows.builders import Automated, automation, deals_and_tasks
from tests.workflows.runs import next_run

HOOK: dict[str, Any] = {
    "type": "webhook", "object": "deal", "when": "vars.total is not empty",
    "body": {"number": {"path": "order.id", "required": True}, "total": {"type": "decimal"}},
    "match": {"name": "number"}, "values": {"note": "number"},
}  # fmt: skip
MARK: dict[str, Any] = {
    "id": "mark", "type": "update", "values": {"note": "if vars.total > 10 then 'large' else 'small'"}
}  # fmt: skip
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@dataclass
class Sender:
    crm: Automated
    token: str
    secret: str

    def headers(self, body: bytes, identifier: str = "m1", at: datetime = NOW) -> dict[str, str]:
        sent = int(at.timestamp())
        signed = signature(self.secret, identifier, sent, body)
        return {"webhook-id": identifier, "webhook-timestamp": str(sent), "webhook-signature": f"v1,xyz {signed}"}

    def send(self, said: Any, identifier: str = "m1", at: datetime = NOW, **changed: str) -> int:
        body = json.dumps(said).encode()
        with clock.frozen(NOW):
            return receive(self.crm.workspace, self.token, self.headers(body, identifier, at) | changed, body)


@pytest.fixture
def sender(database_url: str) -> Iterator[Sender]:
    crm = Automated(database_url, automation("it", HOOK, MARK, run_as="rita@example.com"))
    admin = crm.user("Ada", role="admin")
    with crm.work(admin) as work:
        made = make_webhook(work, "it")
    yield Sender(crm, made.token, made.secret)
    crm.close()


ORDER = {"order": {"id": "A-1"}, "total": 12.5}


def test_a_signed_message_makes_the_record_and_its_values_are_variables(sender: Sender) -> None:
    assert sender.send(ORDER) == 1
    run = next_run(sender.crm)
    assert run.run.runner == str(sender.crm.rep.user_id)
    assert run.blocks
    execute_step(sender.crm.workspace, StepInput(run.run, run.blocks[0], "mark"))
    (deal,) = sender.crm.names(RecordQuery("deal", rule="note = 'large'"))
    assert deal == "A-1"


def test_a_message_counts_once_however_often_it_comes(sender: Sender) -> None:
    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(lambda _: sender.send(ORDER), range(3))) == [0, 0, 1]
    assert sender.send(ORDER, "m2") == 1
    assert sender.crm.count(RecordQuery("deal")) == 1


def test_what_is_not_signed_as_it_should_be_changes_nothing(sender: Sender) -> None:
    wrong: list[Callable[[], int]] = [
        lambda: sender.send(ORDER, **{"webhook-signature": "v1,AAAA"}),
        lambda: sender.send(ORDER, **{"webhook-signature": ""}),
        lambda: sender.send(ORDER, **{"webhook-id": "other"}),
        lambda: sender.send(ORDER, **{"webhook-id": ""}),
        lambda: sender.send(ORDER, **{"webhook-timestamp": "1"}),
        lambda: sender.send(ORDER, **{"webhook-timestamp": "x"}),
        lambda: sender.send(ORDER, at=NOW - timedelta(minutes=5, seconds=1)),
        lambda: sender.send(ORDER, at=NOW + timedelta(minutes=5, seconds=1)),
    ]
    for send in wrong:
        with pytest.raises(BadSignature):
            send()
    with pytest.raises(NotFound):
        Sender(sender.crm, "other", sender.secret).send(ORDER)
    assert sender.crm.count(RecordQuery("deal")) == 0
    assert sender.send(ORDER, at=NOW - timedelta(minutes=4)) == 1


@pytest.mark.parametrize(
    "said", [{}, {"order": {"id": "A"}, "total": "many"}, [], {"order": {"id": None}}, {"order": {"id": "a\0"}}]
)
def test_what_does_not_fit_is_refused_and_may_come_again(sender: Sender, said: Any) -> None:
    with pytest.raises(BadJsonValue):
        sender.send(said)
    assert sender.send(ORDER) == 1


def test_a_condition_over_the_message_holds_or_nothing_starts(sender: Sender) -> None:
    assert sender.send({"order": {"id": "A-1"}}) == 0
    with sender.crm.work() as work:
        assert work.connection.execute(text("SELECT count(*) FROM crm.run")).scalar_one() == 0


def test_a_message_never_chooses_among_several_records(sender: Sender) -> None:
    for _ in range(2):
        sender.crm.create("deal", sender.crm.rep, name="A-1")
    with pytest.raises(SeveralMatch):
        sender.send(ORDER)


def test_a_message_can_do_no_more_than_the_person_it_acts_as(sender: Sender) -> None:
    with sender.crm.work() as work:
        work.connection.execute(text("UPDATE crm.user_role SET role = 'clerk' WHERE role = 'rep'"))
    with pytest.raises(Forbidden):
        sender.send(ORDER)
    assert sender.crm.count(RecordQuery("deal")) == 0


def test_a_new_address_ends_the_one_before(sender: Sender) -> None:
    admin = sender.crm.user("Alma", role="admin")
    with sender.crm.work(sender.crm.rep) as work, pytest.raises(Forbidden):
        make_webhook(work, "it")
    with sender.crm.work(admin) as work:
        made = make_webhook(work, "it")
        with pytest.raises(NotFound):
            make_webhook(work, "other")
    with pytest.raises(NotFound):
        sender.send(ORDER)
    fresh = Sender(sender.crm, made.token, made.secret)
    assert fresh.send(ORDER) == 1
    with sender.crm.work(admin) as work:
        remove_webhook(work, "it")
    with pytest.raises(NotFound):
        fresh.send(ORDER, "m2")


def test_messages_arrive_over_http(sender: Sender) -> None:
    api = Api(sender.crm)
    made = api.client("max").post("/api/v1/automations/it/webhook", json={}).json()
    fresh = Sender(sender.crm, made["path"].rpartition("/")[2], made["secret"])
    anybody: httpx.Client = api.client("")
    body = json.dumps(ORDER).encode()
    signed = fresh.headers(body, at=clock.now())
    answer = anybody.post(made["path"], content=body, headers=signed)
    assert (answer.status_code, answer.json()) == (202, {"started": 1})
    assert anybody.post(made["path"], content=body, headers=signed).json() == {"started": 0}
    assert anybody.post(made["path"], content=body).status_code == 401
    assert anybody.post(made["path"], content=b"x" * 300_000, headers=signed).status_code == 413
    assert anybody.post("/api/v1/hooks/other", content=body, headers=signed).status_code == 404


@pytest.mark.parametrize(
    ("trigger", "more", "place"),
    [
        (HOOK, {}, "run_as"),
        ({**HOOK, "match": {"nope": "number"}}, {"run_as": "rita@example.com"}, "trigger/match/nope"),
        ({**HOOK, "values": {"note": "nope"}}, {"run_as": "rita@example.com"}, "trigger/values/note"),
        ({**HOOK, "when": "vars.nope = 1"}, {"run_as": "rita@example.com"}, "trigger/when"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_their_place(
    trigger: dict[str, Any], more: dict[str, Any], place: str
) -> None:
    found = check(deals_and_tasks(automation("it", trigger, MARK, **more)))
    assert [problem.path for problem in found] == [f"automations/it/{place}"]


def test_a_circle_over_webhooks_ends_at_the_depth_of_causes(sender: Sender) -> None:
    """As an `http` step of a run says it of itself; what is no number is nobody's."""
    assert sender.send({"order": {"id": "A1"}, "total": "5"}, **{DEPTH: "2"}) == 1
    with sender.crm.work() as work:
        assert work.connection.execute(text("SELECT depth FROM crm.run")).scalar_one() == 3
    with pytest.raises(LoopStopped, match="through 6 workflows in a row"):
        sender.send({"order": {"id": "A2"}, "total": "5"}, "m2", **{DEPTH: "5"})
    assert sender.send({"order": {"id": "A3"}, "total": "5"}, "m3", **{DEPTH: "9999"}) == 1
    assert sorted(sender.crm.names(RecordQuery("deal"))) == ["A1", "A3"]
