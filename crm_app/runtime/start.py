"""Starting everything in the shortest order: what does not wait for each other starts together."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import NamedTuple, cast

from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, postgres, process, programs, temporal
from crm_app.runtime.data_dir import DataDir, Servers
from crm_app.runtime.own_database import check_set_up
from crm_app.runtime.ports import is_free
from crm_app.runtime.process import CannotStart, Child, Program
from crm_app.runtime.progress import Display
from crm_app.runtime.ready import Ready, ready_already
from crm_app.runtime.supervisor import Supervisor

_START_SECONDS = 180
_TURN_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Plan:
    """`own_settings` come from the user's environment; an address there replaces the server of our own."""

    data: DataDir
    own_settings: Settings
    port: int
    demo: bool


class Database(NamedTuple):
    """The product's own role, and the one that sets the database up where that is another."""

    url: str
    owner_url: str


@dataclass(frozen=True)
class Start:
    """One start of all parts. Children begin on the event loop's thread, waits run beside it."""

    plan: Plan
    supervisor: Supervisor
    display: Display

    async def run(self) -> Ready:
        """Returns when the pages can be used. Worker and web server load as soon as the addresses are known: they wait
        for their servers by themselves, and loading is most of what a start takes.
        """
        check_port(self.plan.port)
        database, address = asyncio.Future[str](), asyncio.Future[str]()
        async with asyncio.TaskGroup() as group:
            answers = group.create_task(self._database(database))
            group.create_task(self._temporal(address))
            pages = group.create_task(self._pages())
            workspace = group.create_task(self._workspace(answers))
            group.create_task(self._worker(database, address))
            group.create_task(self._web(database, address, pages))
        servers = Servers(database.result(), address.result(), self.plan.port)
        self.plan.data.write_servers(servers)
        return workspace.result()

    async def _database(self, address: asyncio.Future[str]) -> Database:
        """`address` is known first; returns once the server answers."""
        own = self.plan.own_settings
        if own.database_url:
            with self.display.phase("Your PostgreSQL"):
                await asyncio.to_thread(check_set_up, own.database_url, own.owner_url)
            address.set_result(own.database_url)
            return Database(own.database_url, own.owner_url)
        with self.display.phase("PostgreSQL"):
            server, notices = await asyncio.to_thread(postgres.prepare, self.plan.data.path)
            for notice in notices:
                self.display.say(notice)
            child = self.supervisor.start(server.program())
            address.set_result(server.url)
            await asyncio.to_thread(postgres.wait_until_ready, server, child)
        self.supervisor.watch(child)
        return Database(server.url, server.owner_url)

    async def _temporal(self, address: asyncio.Future[str]) -> None:
        own = self.plan.own_settings
        if own.temporal_address:
            with self.display.phase("Your Temporal"):
                await temporal.check_own_server(own)
            address.set_result(own.temporal_address)
            return
        temporal.check_no_cluster(own)
        with self.display.phase("Temporal"):
            server = temporal.dev_server(self.plan.data.path, own.temporal_namespace)
            child = self.supervisor.start(server.program())
            address.set_result(server.address)
            await asyncio.to_thread(temporal.wait_until_it_listens, server, child)
        self.supervisor.watch(child)

    async def _pages(self) -> None:
        if bundle.is_current():
            return
        with self.display.phase("Web pages (once)"), bundle.build_lock() as is_our_turn:
            while not is_our_turn():  # noqa: ASYNC110 - another process ends the wait; it has no event
                await asyncio.sleep(_TURN_POLL_SECONDS)
            if bundle.is_current():
                return
            child = self.supervisor.start(bundle.build_program(self.plan.data.path))
            await asyncio.to_thread(bundle.finish, child)
            self.supervisor.forget(child)

    async def _workspace(self, answers: asyncio.Task[Database]) -> Ready:
        """The services are loaded only when there is something to make ready."""
        database = await answers
        with self.display.phase("Workspace"):
            ready = await asyncio.to_thread(ready_already, database.url)
            if ready is None:
                services = await asyncio.to_thread(import_module, "crm_app.runtime.workspace")
                ready = cast(
                    "Ready",
                    await asyncio.to_thread(services.prepare, database.url, database.owner_url, demo=self.plan.demo),
                )
            return ready

    async def _worker(self, database: asyncio.Future[str], address: asyncio.Future[str]) -> None:
        settings = self._settings(await database, await address)
        await self._serve(programs.worker(settings), "Workflow worker", programs.worker_polls)

    async def _web(
        self, database: asyncio.Future[str], address: asyncio.Future[str], pages: asyncio.Task[None]
    ) -> None:
        await pages
        settings = self._settings(await database, await address)
        port = self.plan.port
        await self._serve(programs.web(settings, port), "Web server", lambda _: programs.web_answers(port))

    async def _serve(self, program: Program, label: str, is_ready: Callable[[Child], bool]) -> None:
        with self.display.phase(label):
            child = self.supervisor.start(program)
            await asyncio.to_thread(
                process.wait_until, lambda: is_ready(child), child, f"The {label.lower()}", _START_SECONDS
            )
        self.supervisor.watch(child)

    def _settings(self, database_url: str, temporal_address: str) -> Settings:
        return replace(
            self.plan.own_settings,
            data_dir=self.plan.data.path,
            database_url=database_url,
            temporal_address=temporal_address,
        )


def check_port(port: int) -> None:
    if not is_free(port):
        raise CannotStart(f"Port {port} is in use by another program. Stop it or run: ./trellis up --port {port + 1}")
