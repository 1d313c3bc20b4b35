"""What is measured: a PostgreSQL with production settings, a workspace full of records, and a web server."""

import shutil
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg

from benchmarks.generate import PEOPLE, TEAMS, People, Sizes
from benchmarks.generate import Generator as Records
from crm_app.automation.checks import check
from crm_app.kernel.actor import KeyActor, SystemActor
from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, postgres, process, programs
from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.environment import for_children, tool
from crm_app.runtime.ports import LOOPBACK, free_port
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.runtime.process import Child, Program
from crm_app.services.accounts import add_user
from crm_app.services.api_keys import create_key, key_actor
from crm_app.services.prepare import mark_prepared, prepare_workspace
from crm_app.services.teams import ensure_team, join_team
from crm_app.services.workspace import Workspace

ADMIN = "benchmark@example.com"
_REP = "rep0@example.com"
PASSWORD = "benchmark-password"  # noqa: S105 - of an account in a throw-away database


@dataclass(frozen=True)
class Scene:
    """`key` is an administrator's, `rep_key` that of a member of one team in eight. `seconds_to_start` is from a
    process's start to its first answer.
    """

    url: str
    port: int
    key: str
    rep_key: str
    postgres: Child
    web: Child
    seconds_to_start: Mapping[str, float]

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def actor(self) -> KeyActor:
        return key_actor(self.key)


@contextmanager
def opened(sizes: Sizes, data: Path | None, *, is_api_alone: bool) -> Generator[Scene]:
    """Everything of its own and stopped at the end. With `data` the records are kept for a second run."""
    folder = data or Path(tempfile.mkdtemp(prefix="trellis-benchmark-"))
    folder.mkdir(parents=True, exist_ok=True)
    if not is_api_alone:
        bundle.build(folder)
    server, _ = postgres.prepare(folder)
    began = time.monotonic()
    database = postgres.start(server, folder / "logs")
    try:
        postgres.wait_until_ready(server, database)
        seconds = {"postgres": round(time.monotonic() - began, 2)}
        key, rep_key = _filled(server, sizes)
        with served(Settings(folder, server.url, ""), is_api_alone=is_api_alone) as (web, port, took):
            yield Scene(server.url, port, key, rep_key, database, web, {**seconds, "web": round(took, 2)})
    finally:
        process.stop(database, 30)
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def served(settings: Settings, *, is_api_alone: bool = False) -> Generator[tuple[Child, int, float]]:
    """The web server's process, its port, and the seconds until it answered."""
    port = free_port()
    began = time.monotonic()
    web = process.start(_program(settings, port, is_api_alone=is_api_alone), settings.data_dir / "logs")
    try:
        process.wait_until(lambda: _answers(port), web, "The web server", 60)
        yield web, port, time.monotonic() - began
    finally:
        process.stop(web, 10)


def _program(settings: Settings, port: int, *, is_api_alone: bool) -> Program:
    """The product's own web server, or the API without the pages around it."""
    if not is_api_alone:
        return programs.web(settings, port)
    command = (
        *(tool("granian"), "--interface", "asgi", "--factory", "benchmarks.api_alone:app"),
        *("--host", LOOPBACK, "--port", str(port), "--workers", "1", "--log-level", "warning"),
    )
    return Program("web", command, CHECKOUT, for_children(settings))


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{LOOPBACK}:{port}/api/docs", timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _filled(server: EmbeddedPostgres, sizes: Sizes) -> tuple[str, str]:
    workspace = Workspace.open(server.url, pool_size=2)
    try:
        if prepare_workspace(workspace, (check,), owner=server.owner_url).is_new:
            people = _people(workspace)
            print(f"Generating {sizes.deals:,} deals …", file=sys.stderr)
            with psycopg.connect(
                server.url, options="-c synchronous_commit=off -c maintenance_work_mem=512MB"
            ) as connection:
                Records(connection, sizes, people).run()
            mark_prepared(workspace, "the benchmark")
        with workspace.work(SystemActor("benchmark")) as work:
            return create_key(work, ADMIN).key, create_key(work, _REP).key
    finally:
        workspace.close()


def _people(workspace: Workspace) -> People:
    with workspace.work(SystemActor("benchmark")) as work:
        admin = add_user(work, "Benchmark", ADMIN, roles=["admin"], password=PASSWORD)
        teams = [ensure_team(work, f"Team {number}") for number in range(TEAMS)]
        reps = [
            add_user(work, f"Rep {number}", f"rep{number}@example.com", roles=["sales_rep"]) for number in range(PEOPLE)
        ]
        for number, rep in enumerate(reps):
            join_team(work, teams[number % TEAMS], rep)
    return People(admin, reps)
