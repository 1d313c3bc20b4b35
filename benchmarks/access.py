"""`python -m benchmarks.access`: what permission adds to a page of 50 records among 300,000, and to a decision.

The same page is read by somebody who sees everything and by others who see a share of it, in turns.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import Engine, event

from benchmarks.access_scene import filled
from benchmarks.generate import FULL, QUICK
from benchmarks.scene import served
from crm_app.access.policy import ACTIONS, Policy
from crm_app.definitions.load import load_definition
from crm_app.definitions.role import RoleDefinition
from crm_app.definitions.role_edits import set_cell
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.settings import Settings
from crm_app.runtime import bundle, postgres, process
from crm_app.runtime.ports import LOOPBACK
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.accounts import add_user, find_user
from crm_app.services.api_keys import create_key
from crm_app.services.lists import list_records
from crm_app.services.live import POLICIES
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.roles import role_difference
from crm_app.services.workspace import Workspace

ROUNDS, WARM_UP = 110, 10
_WEIGHER = "weigher@example.com"
PARTS = ("whole", "SQL", "Python")
SORTS = {
    "created_at": ("created_at", ()),
    "close_date": ("close_date", (Condition("stage", "eq", "won"),)),
    "name": ("name", ()),
}


def seconds_of(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


class Clock:
    """Seconds that statements take in the database driver, so that what is left is Python's."""

    def __init__(self, engine: Engine) -> None:
        self.seconds = 0.0
        self._began = 0.0
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)

    def _begin(self, *_: object) -> None:
        self._began = time.perf_counter()

    def _end(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began


def _lists(workspace: Workspace, actors: dict[str, UserActor], chosen: Collection[str]) -> None:
    """In turns, everybody beside somebody who sees everything at the same moment: the median of their ratios, and what
    the quickest tenth took, which a busy machine disturbs least.
    """
    clock = Clock(workspace.engine)
    for label, (sort, conditions) in SORTS.items():
        query = RecordQuery("deal", conditions, sort=(Sort(sort, descending=True),), limit=50)
        for name, actor in actors.items():
            if chosen and name not in chosen:
                continue
            pairs = [
                (_read(workspace, actors["everything"], query, clock), _read(workspace, actor, query, clock))
                for _ in range(ROUNDS)
            ][WARM_UP:]
            ratios = [statistics.median(mine[at] / alone[at] for alone, mine in pairs) for at in range(3)]
            quick = [[_quick(pair[side][at] for pair in pairs) for at in range(3)] for side in range(2)]
            print(
                f"50 by {label:10} {name:12}"
                + "; ".join(_figure(*each) for each in zip(PARTS, ratios, *quick, strict=True))
            )


def _figure(part: str, ratio: float, alone: float, mine: float) -> str:
    return f"{part} {ratio - 1:+6.1%} (quick {mine * 1000:5.2f} ms, {mine / alone - 1:+6.1%})"


def _quick(seconds: Iterable[float]) -> float:
    return statistics.quantiles(seconds, n=10)[0]


def _over_http(server: EmbeddedPostgres, folder: Path, names: Collection[str], workspace: Workspace) -> None:
    """The same pages as programs get them from the whole server, which is what a person waits for."""
    with workspace.work(SystemActor("benchmark")) as work:
        keys = {name: create_key(work, f"{name}@example.com").key for name in names}
    bundle.build(folder)
    with (
        served(Settings(folder, server.url, "")) as (_, port, _seconds),
        closing(HTTPConnection(LOOPBACK, port)) as line,
    ):
        for label, (sort, conditions) in SORTS.items():
            asked = {f"filter[{each.field}]": each.value for each in conditions}
            path = f"/api/v1/objects/deal/records?{urlencode({'sort': f'-{sort}', 'limit': 50, **asked})}"
            for name in names:
                pairs = [
                    (_asked(line, path, keys["everything"]), _asked(line, path, keys[name])) for _ in range(ROUNDS)
                ][WARM_UP:]
                ratio = statistics.median(mine / alone for alone, mine in pairs)
                more = statistics.median(mine - alone for alone, mine in pairs)
                mine = statistics.median(mine for _, mine in pairs)
                print(
                    f"50 by {label:10} {name:12}HTTP {ratio - 1:+6.1%} ({mine * 1000:5.2f} ms, {more * 1000:+5.2f} ms)"
                )


def _asked(line: HTTPConnection, path: str, key: str) -> float:
    started = time.perf_counter()
    line.request("GET", path, headers={"Authorization": f"Bearer {key}"})
    answer = line.getresponse()
    body = answer.read()
    took = time.perf_counter() - started
    assert answer.status == HTTPStatus.OK, body[:300]
    return took


def _read(workspace: Workspace, actor: UserActor, query: RecordQuery, clock: Clock) -> tuple[float, float, float]:
    """A whole unit of work: in all, in the database, and on this processor."""
    clock.seconds, started, used = 0.0, time.perf_counter(), time.thread_time()
    with workspace.reading(actor) as work:
        list_records(work, query)
    return time.perf_counter() - started, clock.seconds, time.thread_time() - used


def _difference(workspace: Workspace) -> None:
    """What the page of a role waits for after a change: everybody who has it, and all records, counted."""
    with workspace.work(SystemActor("benchmark")) as work:
        found = find_user(work, _WEIGHER)
        admin = UserActor(found or add_user(work, "Weigher", _WEIGHER, roles=["admin"]))
    for name, scope in (("sales_rep", "all"), ("sales_rep", "own"), ("bench_territory", "own"), ("bench_rule", "all")):
        with workspace.work(admin) as work:
            role = next(each for each in work.catalog.roles if each.name == name)
            changed = load_definition(RoleDefinition, set_cell(role.canonical(), "deal", "read", scope))
            took = [seconds_of(lambda work=work, changed=changed: role_difference(work, changed)) for _ in range(5)]
        print(f"difference of {name} reading {scope}: {statistics.median(took):.2f} s median, {min(took):.2f} best")


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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.access", description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the generated workspace here and use it again")
    parser.add_argument("--quick", action="store_true", help="20,000 deals")
    parser.add_argument("--only", default="", help="some of the askers, with commas")
    arguments = parser.parse_args()
    _compilation()
    with database(arguments.data) as server:
        workspace, actors = filled(server, QUICK if arguments.quick else FULL)
        try:
            _difference(workspace)
            chosen = [each for each in arguments.only.split(",") if each]
            _lists(workspace, actors, chosen)
            _over_http(
                server,
                server.data.parent,
                ["everything", *(chosen or [each for each in actors if each != "everything"])],
                workspace,
            )
        finally:
            workspace.close()


@contextmanager
def database(data: Path | None) -> Generator[EmbeddedPostgres]:
    folder = data or Path(tempfile.mkdtemp(prefix="trellis-access-"))
    folder.mkdir(parents=True, exist_ok=True)
    server, _ = postgres.prepare(folder)
    child = postgres.start(server, folder / "logs")
    try:
        postgres.wait_until_ready(server, child)
        yield server
    finally:
        process.stop(child, timeout_seconds=30)
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
