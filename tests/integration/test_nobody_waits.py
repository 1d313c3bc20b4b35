"""Publishing under load: readers and writers go on, on a table of 300,000 records and behind a long transaction."""

import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress

import pytest
from sqlalchemy import text

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.services.index_keeper import IndexKeeper
from crm_app.services.lists import list_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_record
from crm_app.services.unit_of_work import DefinitionsMoved
from crm_app.services.workspace import Workspace
from crm_app.storage import quick_locks
from crm_app.storage.engine import opened_to_records
from crm_app.storage.quick_locks import TableBusy
from tests.builders import SYSTEM, Crm, field, object_body

pytestmark = pytest.mark.alone

LONGEST_WAIT_SECONDS = 1.0
RETYPED = int(os.environ.get("RETYPED", "10000"))


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    crm.publish(planet())
    yield crm
    crm.close()


def planet(*more: dict[str, object], sort: str = "") -> Package:
    view = {"format_version": 1, "name": "all_planets", "label": "All planets", "object": "planet"}
    views = {"views/all_planets.json": {**view, "sort": [{"field": sort}]}} if sort else {}
    body = object_body("planet", field("code"), field("mass", "number"), *more)
    return load_package({"objects": {"objects/planet.json": body}, "views": views})


def fill(crm: Crm, count: int) -> None:
    with crm.work() as work:
        work.connection.execute(
            text(
                "INSERT INTO data.planet (id, version, created_at, updated_at, name, code, mass) "
                "SELECT gen_random_uuid(), 1, now() - n * interval '1 second', now(), 'Planet ' || n, 'c' || n, n "
                "FROM generate_series(1, :count) n"
            ),
            {"count": count},
        )


class Loop(threading.Thread):
    """Does one thing over and over, and remembers the longest time that it took."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._end = threading.Event()
        self.longest = 0.0
        self.times = 0
        self.error: Exception | None = None

    def run(self) -> None:
        while not self._end.is_set():
            started = time.monotonic()
            try:
                self._act()
            except Exception as error:  # noqa: BLE001 - the test says which
                self.error = error
                return
            self.longest = max(self.longest, time.monotonic() - started)
            self.times += 1

    def finish(self) -> None:
        self._end.set()
        self.join(30)


@contextmanager
def traffic(database_url: str, *, mass: object = 1) -> Generator[tuple[Loop, Loop]]:
    """A reader and a writer in a process of their own making: another workspace object on the same database. Whoever
    saves in the moment of a conversion is asked to try again, and does.
    """
    workspace = Workspace.open(database_url, pool_size=4)

    def read() -> None:
        with workspace.work(SYSTEM) as work:
            assert len(list_records(work, RecordQuery("planet")).records) == 50

    def write() -> None:
        with suppress(DefinitionsMoved), workspace.work(SYSTEM) as work:
            create_record(work, "planet", {"name": "new", "mass": mass})

    loops = Loop(read), Loop(write)
    for loop in loops:
        loop.start()
    time.sleep(0.3)
    try:
        yield loops
    finally:
        for loop in loops:
            loop.finish()
        workspace.close()
        assert all(loop.error is None for loop in loops), [loop.error for loop in loops]
        assert all(loop.times > 2 for loop in loops)


def require_flow(loops: tuple[Loop, Loop]) -> None:
    assert max(loop.longest for loop in loops) < LONGEST_WAIT_SECONDS


@pytest.mark.slow
def test_fields_views_and_relations_reach_300_000_records_and_nobody_waits(crm: Crm, database_url: str) -> None:
    fill(crm, 300_000)
    city = field("city", "relation", config={"object": "company"})
    after = planet(field("size", "number"), field("badge", unique=True), city, sort="mass")
    with traffic(database_url) as loops:
        started = time.monotonic()
        crm.publish(after)
        other = Workspace.open(database_url, pool_size=1)
        with other.work(SYSTEM) as work:
            create_record(work, "planet", {"name": "first of its kind", "size": 3, "badge": "1"})
        usable = time.monotonic() - started
        other.close()
        kept = IndexKeeper(crm.workspace).keep_once()
        require_flow(loops)
    assert usable < LONGEST_WAIT_SECONDS
    assert len(kept.built) == 2
    assert kept.proven == 1


def test_a_field_gets_another_type_and_nobody_waits(crm: Crm, database_url: str) -> None:
    """The long form: RETYPED=300000 ./trellis test tests/integration/test_nobody_waits.py -s"""
    fill(crm, RETYPED)
    body = object_body("planet", field("code"), field("mass", "text"), field("size", "number"))
    with traffic(database_url, mass="1") as loops:
        crm.publish(load_package({"objects": {"objects/planet.json": body}}))
        require_flow(loops)
    with crm.work() as work:
        kinds = text("SELECT count(*), count(*) FILTER (WHERE mass__v2 = mass::text) FROM data.planet WHERE mass > 0")
        everybody, converted = work.connection.execute(kinds).one()
    assert everybody == converted > RETYPED
    for loop, name in zip(loops, ("reader", "writer"), strict=True):
        print(f"The longest wait of a {name}: {loop.longest:.2f} s")  # noqa: T201 - a figure for whoever measures


def test_a_long_transaction_delays_only_the_publication(crm: Crm, database_url: str) -> None:
    fill(crm, 1_000)
    with traffic(database_url) as loops:
        with opened_to_records(crm.workspace.engine.connect()) as long:
            long.execute(text("SELECT count(*) FROM data.planet")).scalar_one()
            waiting = threading.Thread(target=crm.publish, args=(planet(field("size", "number")),))
            waiting.start()
            time.sleep(2)
            assert waiting.is_alive()
            require_flow(loops)
        waiting.join(10)
        assert not waiting.is_alive()
        require_flow(loops)
    assert crm.create("planet", name="x", size=3).values["size"] == 3


def test_a_transaction_without_end_is_named_and_nothing_is_published(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_locks, "PATIENCE_SECONDS", 0.5)
    with opened_to_records(crm.workspace.engine.connect()) as endless:
        endless.execute(text("SELECT count(*) FROM data.planet")).scalar_one()
        with pytest.raises(TableBusy, match=r"a long transaction keeps data\.planet busy"):
            crm.publish(planet(field("size", "number")))
    with crm.work() as work:
        assert "size" not in work.catalog.by_name["planet"].all_fields


def test_the_keeper_makes_way_for_a_publication(crm: Crm) -> None:
    fill(crm, 1_500)
    crm.publish(planet(sort="mass"))
    keeping = threading.Thread(target=IndexKeeper(crm.workspace).keep_once)
    with opened_to_records(crm.workspace.engine.connect()) as older:
        older.execution_options(isolation_level="REPEATABLE READ").execute(text("SELECT count(*) FROM crm.workspace"))
        keeping.start()
        time.sleep(0.7)
        assert keeping.is_alive()
        crm.publish(planet(field("size", "number"), sort="mass"))
        keeping.join(5)
    assert not keeping.is_alive()
    assert len(IndexKeeper(crm.workspace).keep_once().built) == 1
