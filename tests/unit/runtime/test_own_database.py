import psycopg
import pytest

from crm_app.runtime.own_database import check_own_database, libpq_url
from crm_app.runtime.ports import free_port
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.runtime.process import CannotStart


def refusal(url: str) -> str:
    with pytest.raises(CannotStart) as caught:
        check_own_database(url)
    return caught.value.message


def test_a_good_server_tells_its_version(database_url: str) -> None:
    assert check_own_database(database_url) >= 18
    assert check_own_database(database_url.replace("postgresql://", "postgresql+psycopg://")) >= 18


def test_a_wrong_password_is_not_repeated(database_url: str, postgres_server: EmbeddedPostgres) -> None:
    said = refusal(database_url.replace(postgres_server.password, "hunter2"))
    assert "refuses the user or password in DATABASE_URL" in said
    assert "hunter2" not in said


def test_nobody_there_names_the_place() -> None:
    port = free_port()
    said = refusal(f"postgresql://u:p@127.0.0.1:{port}/crm")
    assert said.startswith(f"Cannot connect to PostgreSQL at 127.0.0.1:{port}/crm: ")
    assert said.endswith("Start that server or correct DATABASE_URL.")


def test_an_unknown_database_is_named(postgres_server: EmbeddedPostgres) -> None:
    assert "/absent has no such database" in refusal(postgres_server.url_of("absent"))


def test_something_else_than_an_address_shows_an_example() -> None:
    assert "postgresql://user:password@host:5432/database" in refusal("mysql://host/db")


def test_a_user_without_rights_gets_the_command_to_run(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
        user, _, place = database_url.removeprefix("postgresql://").partition("@")
        assert user
        said = refusal(f"postgresql://guest:guest@{place}")
        connection.execute("DROP ROLE guest")
    assert 'GRANT CREATE ON DATABASE "' in said
    assert 'TO "guest";' in said


def test_only_the_driver_is_taken_from_a_url() -> None:
    assert libpq_url("postgresql+psycopg://a:b+c@h/d") == "postgresql://a:b+c@h/d"
