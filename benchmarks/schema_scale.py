"""`python -m benchmarks.schema_scale`: what 200 objects of 50 fields cost beside 5, and 500 fields of one object."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.wide import ACTOR, FIRST, LISTS, filled, package_of, wide_object, wide_package
from crm_app.runtime import postgres, process
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.definitions import publish
from crm_app.services.records import create_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

SMALL, WIDE, FIELDS, MANY_FIELDS = 5, 200, 50, 500
ROUNDS = 60


def seconds_of(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def compared(
    small: Workspace, wide: Workspace, ask: Callable[[UnitOfWork], object], rounds: int = ROUNDS
) -> tuple[list[float], list[float]]:
    """The times of the same question in both, taken in turns, so that a busy machine is equally busy for either."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for workspace, found in zip((small, wide), times, strict=True):
            with workspace.work(ACTOR) as work:
                found.append(seconds_of(lambda work=work: ask(work)))
    return times


def _publish(workspace: Workspace, fields: int) -> None:
    with workspace.work(ACTOR) as work:
        publish(work, package_of(wide_object(0, fields, WIDE)))


def _read(workspace: Workspace) -> None:
    with workspace.work(ACTOR) as work:
        LISTS["services"](work)


def _measure(server: EmbeddedPostgres) -> None:
    wide_url = server.url_of("wide")
    print(f"first publication of {WIDE} objects: ", end="", flush=True)
    small = filled(server.url_of("small"), wide_package(SMALL, FIELDS), server.owner_url_of("small"))
    package = wide_package(WIDE, FIELDS)
    started = time.perf_counter()
    wide = filled(wide_url, package, server.owner_url_of("wide"))
    print(f"{time.perf_counter() - started:.1f} s")
    for label, ask in LISTS.items():
        times = compared(small, wide, ask)
        low, high = (statistics.median(found) * 1_000 for found in times)
        print(f"list by {label}: {low:.2f} ms in {SMALL} objects, {high:.2f} ms in {WIDE}; ratio {high / low:.2f}")
    other = Workspace.open(wide_url, pool_size=1)
    print(f"start of a process, first list: {seconds_of(lambda: _read(other)):.2f} s")
    print(f"one more field: {seconds_of(lambda: _publish(wide, FIELDS + 1)):.2f} s")
    print(f"next list in another process: {seconds_of(lambda: _read(other)):.3f} s")
    print(f"{MANY_FIELDS} fields of one object: {seconds_of(lambda: _publish(wide, MANY_FIELDS)):.2f} s")
    with wide.work(ACTOR) as work:
        values = {"name": "Wide", **{f"f{number:03}": number for number in range(1, MANY_FIELDS, 10)}}
        print(f"create: {seconds_of(lambda: create_record(work, FIRST, values)) * 1_000:.1f} ms")
    for label, ask in LISTS.items():
        with wide.work(ACTOR) as work:
            ask(work)
            print(f"list by {label}: {seconds_of(lambda ask=ask: ask(work)) * 1_000:.1f} ms")
    for workspace in (small, wide, other):
        workspace.close()


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="trellis-scale-"))
    server, _ = postgres.prepare(folder, is_for_tests=True)
    child = postgres.start(server, folder / "logs")
    try:
        postgres.wait_until_ready(server, child)
        with psycopg.connect(server.owner_url_of("postgres"), autocommit=True) as connection:
            for name in ("small", "wide"):
                connection.execute(f'CREATE DATABASE "{name}"')
        _measure(server)
    finally:
        process.stop(child, timeout_seconds=10)


if __name__ == "__main__":
    main()
