"""Screens without a browser: events through Reflex's own processor, gate included, on a real database."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.ids import new_id
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services import accounts, records
from crm_app.services.log_in import log_in
from crm_app.services.prepare import prepare_workspace
from crm_app.services.record_query import Record
from crm_app.services.workspace import Workspace
from crm_app.ui.door import DOOR
from tests.builders import KEYS
from tests.events import Delta, firing

_TEMPLATE = "ui_template"
_numbers = count(1)
PASSWORD = "correct horse battery"


@dataclass
class Crm:
    """A workspace with an admin and two reps in different teams; `secrets` are their sessions."""

    workspace: Workspace
    people: dict[str, UUID]
    secrets: dict[str, str] = field(default_factory=dict)

    def create(self, object_name: str, owner: str = "admin", **values: Any) -> Record:
        with self.workspace.work(UserActor(self.people["admin"])) as work:
            return records.create_record(work, object_name, {"owner": str(self.people[owner]), **values})

    def update(self, record: Record, **values: Any) -> Record:
        with self.workspace.work(UserActor(self.people["admin"])) as work:
            return records.update_record(work, record.ref, values)

    def read(self, record: Record) -> Record:
        with self.workspace.work(UserActor(self.people["admin"])) as work:
            return records.get_record(work, record.ref)


@pytest.fixture(scope="session")
def prepared(postgres_server: EmbeddedPostgres) -> Crm:
    """Made once; every test works on a copy, sessions included."""
    with psycopg.connect(postgres_server.owner_url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{_TEMPLATE}" TEMPLATE empty STRATEGY file_copy')
    workspace = Workspace.open(postgres_server.url_of(_TEMPLATE), keys=KEYS)
    prepare_workspace(workspace)
    with workspace.work(SystemActor("test")) as work:
        people = {
            "admin": accounts.add_user(work, "Ada Admin", "ada@example.com", roles=["admin"], password=PASSWORD),
            "rita": accounts.add_user(work, "Rita Rep", "rita@example.com", roles=["sales_rep"], password=PASSWORD),
            "ravi": accounts.add_user(work, "Ravi Rep", "ravi@example.com", roles=["sales_rep"], password=PASSWORD),
        }
        for name in ("rita", "ravi"):
            accounts.add_member(work, accounts.add_team(work, f"Team {name}"), people[name])
    emails = {"admin": "ada@example.com", "rita": "rita@example.com", "ravi": "ravi@example.com"}
    secrets = {name: log_in(workspace, email, PASSWORD).secret for name, email in emails.items()}
    workspace.close()
    return Crm(workspace, people, secrets)


@pytest.fixture
def crm(postgres_server: EmbeddedPostgres, prepared: Crm, tmp_path: Path) -> Iterator[Crm]:
    name = f"ui_{next(_numbers)}"
    with psycopg.connect(postgres_server.owner_url_of("postgres"), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_TEMPLATE}" STRATEGY file_copy')
        workspace = Workspace.open(postgres_server.url_of(name), files=tmp_path / "files", keys=KEYS)
        DOOR.connect(lambda: workspace)
        yield Crm(workspace, prepared.people, dict(prepared.secrets))
        workspace.close()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


Send = Callable[..., Awaitable[Delta]]


@pytest.fixture
async def send(crm: Crm) -> AsyncIterator[Send]:
    """`send(handler, path, who=…, token=…, **payload)` returns what changed on the page, by state and var."""
    tokens = {name: str(new_id()) for name in (*crm.people, "")}
    async with firing() as fire:

        async def run(handler: Any, path: str = "/", who: str = "admin", token: str = "", **payload: Any) -> Delta:
            secret = crm.secrets[who] if who else ""
            return await fire(handler, path, secret, token or tokens[who], **payload)

        yield run
