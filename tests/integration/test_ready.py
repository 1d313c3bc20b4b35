"""A start asks whether the workspace is ready before it loads the code that would make it so."""

import subprocess
import sys

import psycopg
from psycopg.sql import SQL, Identifier

from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.ready import product_version, ready_already
from crm_app.runtime.workspace import prepare

ASKING_LOADS_NO_SERVICES = """
import sys
import crm_app.runtime.start
print([name for name in ("sqlalchemy", "pydantic", "temporalio", "reflex", "alembic") if name in sys.modules])
"""


def count(url: str, schema: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        query = SQL("SELECT count(*) FROM {}").format(Identifier(schema, table))
        found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def set_prepared_by(url: str, value: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE crm.workspace SET prepared_by = %s", [value])


def test_an_empty_database_is_not_ready(database_url: str) -> None:
    assert ready_already(database_url) is None


def test_a_prepared_workspace_is_ready_with_the_same_logins(database_url: str) -> None:
    first = prepare(database_url, demo=True)
    assert ready_already(database_url) == first
    assert first.logins[0].label == "Administrator"


def test_another_version_of_the_product_prepares_again_and_adds_no_second_demo(database_url: str) -> None:
    first = prepare(database_url, demo=True)
    people = count(database_url, "crm", "app_user")
    set_prepared_by(database_url, "another version")
    assert ready_already(database_url) is None
    assert prepare(database_url, demo=True) == first
    assert count(database_url, "crm", "app_user") == people
    assert ready_already(database_url) == first


def test_a_first_start_that_was_killed_before_its_end_is_finished_by_the_next(database_url: str) -> None:
    prepare(database_url, demo=False)
    set_prepared_by(database_url, "")
    prepare(database_url, demo=True)
    assert count(database_url, "data", "deal") == 400


def test_a_workspace_of_the_users_own_gets_no_demo_data_later(database_url: str) -> None:
    prepare(database_url, demo=False)
    set_prepared_by(database_url, "another version")
    assert prepare(database_url, demo=True).logins == []
    assert count(database_url, "data", "deal") == 0


def test_asking_loads_none_of_the_heavy_libraries() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKING_LOADS_NO_SERVICES], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_version_is_the_same_each_time() -> None:
    assert product_version() == product_version()
