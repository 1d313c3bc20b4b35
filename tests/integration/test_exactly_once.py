"""200 deals are moved to Won over REST while the worker, Temporal and the web server are each killed on the way.
Afterwards there are 200 tasks, one for each deal.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from crm_app.automation.checks import check
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, programs, temporal
from crm_app.runtime.ports import LOOPBACK, free_port
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import create_key
from crm_app.services.prepare import prepare_workspace
from crm_app.services.records import create_records
from crm_app.services.workspace import Workspace
from tests.workflows.processes import Running, answers, running, wait_until, wait_until_polling, worker

pytestmark = pytest.mark.alone

DEALS = 200
WRITERS = 4
SYSTEM = SystemActor("test")
# Stalls are looked for sooner than usual, but not before Temporal's own ten seconds for a lost task are over.
IMPATIENT = ("--doubt-seconds", "3", "--stall-seconds", "14")


@dataclass
class Scene:
    """The product on its own servers, with deals of one rep that are about to be won."""

    workspace: Workspace
    worker: Running
    temporal: Running
    web: Running
    client: httpx.Client
    deals: list[UUID]
    acknowledged: list[UUID] = field(default_factory=list[UUID])

    def win(self, deal: UUID) -> None:
        """As a careful client does it: again and again until the server has said yes."""
        body = {"values": {"stage": "won"}}
        while True:
            try:
                answer = self.client.patch(f"/objects/deal/records/{deal}", json=body)
            except httpx.HTTPError:
                time.sleep(0.1)
                continue
            assert answer.status_code == httpx.codes.OK, answer.text
            self.acknowledged.append(deal)
            time.sleep(0.04)
            return

    def count(self, query: str) -> int:
        with self.workspace.work(SYSTEM) as work:
            return work.connection.execute(text(query)).scalar_one()

    def failures(self) -> list[str]:
        with self.workspace.work(SYSTEM) as work:
            failed = text("SELECT error FROM crm.run WHERE status <> 'finished'")
            return list(work.connection.execute(failed).scalars())

    def has_settled(self) -> bool:
        is_relayed = self.count("SELECT count(*) FROM crm.outbox") == 0
        return is_relayed and self.count("SELECT count(*) FROM crm.run WHERE finished_at IS NULL") == 0


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Iterator[Scene]:
    workspace = Workspace.open(database_url, pool_size=2)
    prepare_workspace(workspace, (check,))
    with workspace.work(SYSTEM) as work:
        rep = add_user(work, "Rita", "rita@example.com", roles=["sales_rep"])
        key = create_key(work, "rita@example.com").key
        raws = [{"name": f"Deal {i}", "stage": "engaging", "amount": "100", "owner": rep} for i in range(DEALS)]
        deals = [record.ref.id for record in create_records(work, "deal", raws)]
    bundle.build(tmp_path)
    server = temporal.dev_server(tmp_path)
    settings = Settings(tmp_path, database_url, server.address)
    port = free_port()
    logs = tmp_path / "logs"
    with ExitStack() as stack:
        stack.callback(workspace.close)
        temporal_server = stack.enter_context(running(server.program(), logs))
        with ThreadPoolExecutor(1) as outside:
            outside.submit(asyncio.run, temporal.wait_until_ready(server, temporal_server.child)).result()
        web = stack.enter_context(running(programs.web(settings, port), logs))
        automation = stack.enter_context(running(worker(settings, *IMPATIENT), logs))
        url = f"http://{LOOPBACK}:{port}/api/v1"
        wait_until(lambda: answers(f"{url}/objects"), "the web server answers")
        wait_until_polling(automation)
        headers = {"authorization": f"Bearer {key}"}
        client = stack.enter_context(httpx.Client(base_url=url, headers=headers, timeout=5, trust_env=False))
        yield Scene(workspace, automation, temporal_server, web, client, deals)


def _kill_on_the_way(scene: Scene, wins: list[Future[None]]) -> None:
    """Each a quarter of the way after the other, and back half a second later."""
    for number, victim in enumerate((scene.worker, scene.temporal, scene.web), start=1):
        share = DEALS * number // 4
        wins[share].result(30)
        victim.kill()
        time.sleep(0.5)
        victim.start()
    for win in wins:
        win.result(60)


@pytest.mark.slow
def test_killing_each_part_on_the_way_loses_no_task_and_makes_none_twice(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(WRITERS) as writers:
        wins = [writers.submit(scene.win, deal) for deal in scene.deals]
        _kill_on_the_way(scene, wins)
    assert sorted(scene.acknowledged) == sorted(scene.deals)
    written = time.monotonic() - began
    wait_until(scene.has_settled, "every run has ended")
    record_property("seconds_of_writing", round(written, 1))
    record_property("seconds_until_settled", round(time.monotonic() - began, 1))
    assert scene.failures() == []
    assert scene.count("SELECT count(*) FROM data.task") == DEALS
    assert scene.count("SELECT count(DISTINCT deal) FROM data.task") == DEALS
    assert scene.count("SELECT count(*) FROM crm.run WHERE status = 'finished'") == DEALS
    assert scene.count("SELECT count(*) FROM crm.run") == DEALS
    assert scene.count("SELECT count(*) FROM crm.effect") == DEALS
