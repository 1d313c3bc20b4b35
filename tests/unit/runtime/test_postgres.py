import psycopg
import pytest

from crm_app.runtime.postgres import EmbeddedPostgres


def test_the_embedded_server_has_what_search_needs(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE EXTENSION unaccent")
        row = connection.execute("SELECT current_setting('server_version_num')::int, lower('ÄÖ')").fetchone()
    assert row is not None
    assert row[0] >= 180000
    assert row[1] == "äö"


def test_each_test_has_an_empty_database(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'").fetchone()
    assert row == (0,)


def test_a_password_is_needed(postgres_server: EmbeddedPostgres) -> None:
    url = postgres_server.url_of("postgres").replace(postgres_server.password, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)
