"""Publishing: all or nothing, and the second of two admins loses nothing."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from crm_app import storage
from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Conflict, Forbidden, Invalid
from crm_app.services.definitions import plan, publish
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import update_record
from crm_app.storage.system_tables import SYSTEM_SCHEMA, SystemTable
from tests.builders import SYSTEM, Crm, field, object_body, small_business


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def objects(*bodies: dict[str, Any], **more: dict[str, Any]) -> Package:
    return load_package({"objects": {f"objects/{body['name']}.json": body for body in bodies}, **more})


def company(*extra: dict[str, Any]) -> Package:
    parent = field("parent", "relation", config={"object": "company"})
    return objects(object_body("company", field("city"), parent, *extra))


def test_a_new_field_is_usable_at_once_and_old_records_have_no_value_in_it(crm: Crm) -> None:
    old = crm.create("company", name="Acme")
    crm.publish(company(field("size", "number")))
    assert crm.get(old.ref).values["size"] is None
    assert crm.update(old.ref, {"size": "12"}).values["size"] == 12


def test_publishing_what_is_live_changes_nothing(crm: Crm) -> None:
    with crm.work() as work:
        assert plan(work, small_business()) == []
        assert publish(work, small_business()) == []


def test_a_broken_definition_leaves_the_old_schema_whole(crm: Crm) -> None:
    broken = {
        "views/bad.json": {"format_version": 1, "name": "bad", "label": "Bad", "object": "company", "filter": "x >"}
    }
    with pytest.raises(Invalid, match="views/bad/filter"):
        crm.publish(objects(object_body("planet"), views=broken))
    with crm.work() as work:
        assert "planet" not in work.catalog.by_name
        tables = work.connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'data'")
        assert "planet" not in {name for (name,) in tables}


def test_the_second_of_two_admins_is_told(crm: Crm) -> None:
    with crm.workspace.work(SYSTEM) as first:
        with crm.workspace.work(SYSTEM) as second:
            publish(second, objects(object_body("planet")))
        with pytest.raises(Conflict):
            publish(first, objects(object_body("moon")))


def test_whoever_writes_by_a_schema_that_has_moved_meanwhile_is_told(crm: Crm) -> None:
    acme = crm.create("company", name="Acme", city="Bern")

    def write_late() -> None:
        with crm.work() as late:
            update_record(late, acme.ref, {"city": "Basel"})
            parent = field("parent", "relation", config={"object": "company"})
            crm.publish(objects(object_body("company", parent)))

    with pytest.raises(Conflict, match="nothing was"):
        write_late()
    crm.publish(company())
    assert crm.get(acme.ref).values["city"] == "Bern"


def test_an_addition_disturbs_nobody_who_is_writing(crm: Crm) -> None:
    acme = crm.create("company", name="Acme", city="Bern")
    with crm.work() as late:
        crm.publish(company(field("size", "number")))
        update_record(late, acme.ref, {"city": "Basel"})
    assert crm.get(acme.ref).values["city"] == "Basel"


def test_a_rep_can_not_publish(crm: Crm) -> None:
    with crm.work(crm.user("Ann", team="north")) as work, pytest.raises(Forbidden):
        publish(work, objects(object_body("planet")))


def test_names_that_are_sql_words_are_only_names(crm: Crm) -> None:
    crm.publish(objects(object_body("select", field("table"), field("order", "number"), field("group", "date"))))
    record = crm.create("select", name="x", table="'; DROP TABLE data.deal; --", order=1)
    assert crm.get(record.ref).values["table"] == "'; DROP TABLE data.deal; --"
    assert crm.names(RecordQuery("select", rule="order = 1")) == ["x"]


def drift(connection: Connection) -> list[Any]:
    for module in pkgutil.iter_modules(storage.__path__):
        importlib.import_module(f"{storage.__name__}.{module.name}")
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "version_table_schema": SYSTEM_SCHEMA,
            "include_name": lambda name, kind, _parents: kind != "schema" or name == SYSTEM_SCHEMA,
        },
    )
    return compare_metadata(context, SystemTable.metadata)


def test_the_migrations_make_the_tables_that_the_models_say(crm: Crm) -> None:
    with crm.work() as work:
        assert drift(work.connection) == []
