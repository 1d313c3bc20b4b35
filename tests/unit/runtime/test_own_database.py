import pytest

from crm_app.runtime.own_database import check_own_database, check_set_up, libpq_url
from crm_app.runtime.ports import free_port
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.runtime.process import CannotStart


def refusal(url: str) -> str:
    with pytest.raises(CannotStart) as caught:
        check_set_up(url)
    return caught.value.message


def test_a_good_server_tells_its_version(postgres_server: EmbeddedPostgres) -> None:
    assert check_own_database(postgres_server.owner_url) >= 18
    assert check_own_database(postgres_server.owner_url.replace("postgresql://", "postgresql+psycopg://")) >= 18


def test_with_a_role_that_sets_up_the_other_one_needs_no_right_to_create(postgres_server: EmbeddedPostgres) -> None:
    check_set_up(postgres_server.url, postgres_server.owner_url)
    with pytest.raises(CannotStart, match="name different databases"):
        check_set_up(postgres_server.url, postgres_server.owner_url_of("postgres"))
    with pytest.raises(CannotStart, match="refuses the user or password in DATABASE_OWNER_URL"):
        check_set_up(postgres_server.url, postgres_server.owner_url.replace(postgres_server.owner_password, "wrong"))


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


def test_a_user_without_rights_gets_the_command_to_run(postgres_server: EmbeddedPostgres) -> None:
    said = refusal(postgres_server.url)
    assert 'GRANT CREATE ON DATABASE "trellis"' in said
    assert 'TO "trellis_app";' in said


def test_only_the_driver_is_taken_from_a_url() -> None:
    assert libpq_url("postgresql+psycopg://a:b+c@h/d") == "postgresql://a:b+c@h/d"
