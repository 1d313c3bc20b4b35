"""The role that the product works with can't undo what has happened, nor change the shape of the system's tables."""

from collections.abc import Iterator

import psycopg
import pytest

from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.prepare import set_up
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import create_record
from tests.builders import SYSTEM, Crm, field, object_body
from tests.integration.test_publish import objects

REFUSED = (
    "UPDATE crm.audit SET name = 'nobody'",
    "DELETE FROM crm.audit",
    "TRUNCATE crm.audit",
    "ALTER TABLE crm.audit DISABLE TRIGGER append_only",
    "DROP TRIGGER append_only ON crm.audit",
    "DROP TABLE crm.audit",
    "ALTER TABLE crm.app_user ADD COLUMN is_god boolean",
    "CREATE TABLE crm.mine (id int)",
    "UPDATE crm.alembic_version SET version_num = '0001'",
    "SELECT * FROM pg_authid",
    "CREATE ROLE another",
    "COPY crm.audit TO PROGRAM 'true'",
    "SET ROLE trellis",
)


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def test_the_role_of_the_product_is_refused_what_its_work_does_not_need(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        for statement in REFUSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_it_is_no_superuser_and_owns_only_the_tables_of_records(crm: Crm, database_url: str) -> None:
    assert crm.workspace
    with psycopg.connect(database_url) as connection:
        role = connection.execute(
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        owned = connection.execute(
            "SELECT DISTINCT relnamespace::regnamespace::text FROM pg_class WHERE relowner = current_user::regrole "
            "AND relnamespace::regnamespace::text NOT LIKE 'pg_%'"
        ).fetchall()
    assert role == (False,)
    assert owned == [("data",)]


def test_tables_of_records_from_before_change_hands(
    postgres_server: EmbeddedPostgres, crm: Crm, database_url: str
) -> None:
    owner_url = postgres_server.owner_url_of(database_url.rpartition("/")[2])
    with psycopg.connect(owner_url) as owner:
        owner.execute("ALTER TABLE data.deal OWNER TO trellis")
        owner.execute("REVOKE ALL ON ALL TABLES IN SCHEMA crm FROM trellis_app")
    set_up(crm.workspace, owner_url)
    crm.publish(objects(object_body("deal", field("more"))))
    with crm.workspace.work(SYSTEM) as work:
        assert create_record(work, "deal", {"name": "x", "more": "y"}).values["more"] == "y"


def test_a_statement_about_records_outside_a_unit_of_work_is_refused_before_it_is_sent(crm: Crm) -> None:
    crm.create("company", name="Kept")
    for statement in (
        "SELECT * FROM data.company",
        'DELETE FROM "data"."company"',
        "UPDATE data . company SET name = 1",
    ):
        with (
            crm.workspace.owned() as connection,
            pytest.raises(RuntimeError, match="through a unit of work only"),
        ):
            connection.exec_driver_sql(statement)
    with crm.workspace.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 'metadata.company', count(*) FROM crm.app_user").one()
    assert crm.names(RecordQuery("company")) == ["Kept"]
