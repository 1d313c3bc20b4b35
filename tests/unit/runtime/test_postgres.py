from pathlib import Path

import psycopg
import pytest

from crm_app.runtime import postgres, process
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.runtime.process import CannotStart


def test_the_embedded_server_has_what_search_needs(postgres_server: EmbeddedPostgres, database_url: str) -> None:
    with psycopg.connect(postgres_server.owner_url_of(database_url.rpartition("/")[2])) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        connection.execute("CREATE EXTENSION unaccent")
        row = connection.execute("SELECT current_setting('server_version_num')::int, lower('ÄÖ')").fetchone()
    assert row is not None
    assert row[0] >= 180000
    assert row[1] == "äö"


def test_each_test_has_an_empty_database(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM crm.workspace").fetchone()
    assert row == (0,)


def test_a_password_is_needed(postgres_server: EmbeddedPostgres) -> None:
    url = postgres_server.url_of("postgres").replace(postgres_server.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_a_server_that_a_killed_up_left_is_ended_and_its_data_kept(server_dir: Path) -> None:
    folder = server_dir / "stale"
    folder.mkdir(mode=0o711)
    first, _ = postgres.prepare(folder, is_for_tests=True)
    child = postgres.start(first, folder)
    postgres.wait_until_ready(first, child)
    with psycopg.connect(first.owner_url) as connection:
        connection.execute("CREATE TABLE kept ()")
    second, _ = postgres.prepare(folder, is_for_tests=True)
    assert not child.is_alive
    again = postgres.start(second, folder)
    postgres.wait_until_ready(second, again)
    with psycopg.connect(second.owner_url) as connection:
        connection.execute("SELECT FROM kept")
    process.stop(again, 10)


def test_files_of_another_version_are_refused(server_dir: Path) -> None:
    folder = server_dir / "old"
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(CannotStart, match=r"was made by PostgreSQL 15, but this Trellis ships 18"):
        postgres.prepare(folder)
