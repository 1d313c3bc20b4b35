import sqlite3
from contextlib import closing
from pathlib import Path

from crm_app.kernel.settings import Settings
from crm_app.runtime import process, temporal
from crm_app.runtime.ports import free_port


def _at(address: str, namespace: str) -> Settings:
    return Settings(Path(), "", address, namespace)


async def test_a_running_server_is_accepted_and_an_unknown_namespace_is_named(temporal_address: str) -> None:
    assert await temporal.refusal(_at(temporal_address, "default"), within_seconds=5) is None
    said = await temporal.refusal(_at(temporal_address, "absent"), within_seconds=5)
    assert said == f"Temporal at {temporal_address} has no namespace 'absent'. Create it or set TEMPORAL_NAMESPACE."


async def test_no_server_is_one_sentence() -> None:
    address = f"127.0.0.1:{free_port()}"
    said = await temporal.refusal(_at(address, "default"), within_seconds=5)
    assert said == f"No Temporal server answers at {address}. Start it or correct TEMPORAL_ADDRESS (host:port)."


def test_a_file_whose_making_was_killed_is_made_anew(tmp_path: Path) -> None:
    """At whichever table: a server finds the file, makes no more of them and dies at every start."""
    server = temporal.dev_server(tmp_path)
    with closing(sqlite3.connect(server.file)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE executions (id INTEGER)")
    for _ in range(2):
        child = process.start(server.program(), tmp_path / "logs")
        try:
            temporal.wait_until_it_listens(server, child)
        finally:
            process.end_group(child)


def test_a_file_that_may_hold_workflows_is_left_as_it_is(tmp_path: Path) -> None:
    server = temporal.dev_server(tmp_path)
    server.drop_half_made()
    server.file.write_bytes(b"damaged by a disk" * 300)
    server.drop_half_made()
    assert server.file.read_bytes() == b"damaged by a disk" * 300
    server.file.unlink()
    with closing(sqlite3.connect(server.file)) as database, database:
        database.execute("CREATE TABLE namespaces (name TEXT)")
        database.execute("INSERT INTO namespaces VALUES ('default')")
    before = server.file.read_bytes()
    server.drop_half_made()
    assert server.file.read_bytes() == before
