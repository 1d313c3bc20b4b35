"""Records that a browser test needs, made through the services while the site runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.services.accounts import find_user
from crm_app.services.records import create_record
from crm_app.services.workspace import Workspace
from crm_app.ui.address import record_path
from tests.conftest import RunningTrellis


@dataclass(frozen=True)
class Desk:
    workspace: Workspace
    admin: UserActor

    def create(self, name: str, /, **values: Any) -> str:
        """The address of a new record of the administrator's."""
        with self.workspace.work(self.admin) as work:
            return record_path(name, create_record(work, name, values).ref.id)


@contextmanager
def workspace_of(site: RunningTrellis) -> Iterator[Workspace]:
    servers = site.data.servers()
    assert servers, site.output
    workspace = Workspace.open(servers.database_url, pool_size=1)
    try:
        yield workspace
    finally:
        workspace.close()


@contextmanager
def desk_of(site: RunningTrellis, admin: str) -> Iterator[Desk]:
    with workspace_of(site) as workspace:
        with workspace.work(SystemActor("test")) as work:
            user = find_user(work, admin)
        assert user, admin
        yield Desk(workspace, UserActor(user))
