"""`python -m benchmarks.access`: what permission adds to a page of 50 records among 300,000, and to a decision.

The same page is read by somebody who sees everything and by others who see a share of it, in turns.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from crm_app.access.policy import ACTIONS, Policy
from crm_app.definitions.load import load_package
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.runtime import postgres, process
from crm_app.services.accounts import add_member, add_team, add_user
from crm_app.services.definitions import publish
from crm_app.services.lists import list_records
from crm_app.services.live import POLICIES
from crm_app.services.prepare import prepare_workspace, set_up
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.workspace import Workspace

RECORDS, OWNERS, ROUNDS = 300_000, 10, 80
SCOPES = {"everything": "all", "team": "team", "rule": "rule:size < 5000 or owner = me"}
_FILL = """
INSERT INTO data.item (id, version, owner, created_at, updated_at, name, size)
SELECT gen_random_uuid(), 1, (%(owners)s::uuid[])[1 + i %% %(people)s], now() - i * interval '1 minute', now(),
       'Item ' || i, i %% 10000
FROM generate_series(1, %(records)s) AS i
"""


def seconds_of(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _role(name: str, scope: str) -> dict[str, object]:
    grants = [{"objects": ["item"], "actions": ["read"], "scope": scope}]
    return {"format_version": 1, "name": name, "label": name.capitalize(), "grants": grants}


def _item() -> dict[str, object]:
    fields = [{"name": "name", "label": "Name", "type": "text"}, {"name": "size", "label": "Size", "type": "number"}]
    body = {"format_version": 2, "name": "item", "label": "Item", "plural": "Items", "name_field": "name"}
    return {**body, "fields": fields}


def _filled(url: str) -> tuple[Workspace, dict[str, UserActor]]:
    """A team of half of the owners; its members ask."""
    workspace, system = Workspace.open(url), SystemActor("benchmark")
    prepare_workspace(workspace, package="")
    roles = {f"roles/{name}.json": _role(name, scope) for name, scope in SCOPES.items()}
    with workspace.work(system) as work:
        publish(work, load_package({"objects": {"objects/item.json": _item()}, "roles": roles}))
    with workspace.work(system) as work:
        team = add_team(work, "Team")
        people = [add_user(work, f"P{at}", f"p{at}@example.com") for at in range(OWNERS)]
        actors = {name: add_user(work, name, f"{name}@example.com", roles=[name]) for name in SCOPES}
        for member in (*people[: OWNERS // 2], *actors.values()):
            add_member(work, team, member)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_FILL, {"owners": people, "people": OWNERS, "records": RECORDS})
        connection.execute("ANALYZE data.item")
    return workspace, {name: UserActor(user) for name, user in actors.items()}


def _lists(workspace: Workspace, actors: dict[str, UserActor]) -> None:
    for sort in ("created_at", "name"):
        query = RecordQuery("item", sort=(Sort(sort, descending=True),), limit=50)
        times: dict[str, list[float]] = {name: [] for name in actors}
        for _ in range(ROUNDS):
            for name, actor in actors.items():
                with workspace.reading(actor) as work:
                    times[name].append(seconds_of(lambda work=work, query=query: list_records(work, query)))
        for label, of in (("median", statistics.median), ("best", min)):
            alone = of(times["everything"])
            for name, found in times.items():
                print(f"50 by {sort}, {name}: {of(found) * 1000:.2f} ms {label} ({of(found) / alone - 1:+.1%})")


def _compilation() -> None:
    lines = [
        ("p", f"r{at % 40}", f"object{at % 50}", "*", ACTIONS[at % 8], "team" if at % 3 else "own", "allow")
        for at in range(1_960)
    ]
    lines += [("g", f"r{at}", f"r{at + 1}") for at in range(40)]
    model = (POLICIES / "model.conf").read_text()
    cold = min(seconds_of(lambda: Policy(model, lines).of(("r0", "r7"), "object7")) for _ in range(10))
    policy = Policy(model, lines)
    policy.of(("r0", "r7"), "object7")
    warm = min(seconds_of(lambda: policy.of(("r0", "r7"), "object7")) for _ in range(10))
    print(f"{len(lines):,} policy lines: {cold * 1000:.2f} ms cold, {warm * 1000:.4f} ms warm")


def main() -> None:
    _compilation()
    with tempfile.TemporaryDirectory(prefix="trellis-access-") as folder:
        server, _ = postgres.prepare(Path(folder), is_for_tests=True)
        child = postgres.start(server, Path(folder) / "logs")
        try:
            postgres.wait_until_ready(server, child)
            with psycopg.connect(server.owner_url_of("postgres"), autocommit=True) as connection:
                connection.execute("CREATE DATABASE access TEMPLATE template0")
            workspace = Workspace.open(server.url_of("access"))
            set_up(workspace, server.owner_url_of("access"))
            workspace.close()
            workspace, actors = _filled(server.url_of("access"))
            _lists(workspace, actors)
            workspace.close()
        finally:
            process.stop(child, timeout_seconds=10)


if __name__ == "__main__":
    main()
