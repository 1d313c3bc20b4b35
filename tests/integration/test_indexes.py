"""Indexes follow from definitions, and nobody waits for them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, text

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.definitions import plan
from crm_app.services.index_keeper import IndexKeeper, Kept
from crm_app.storage.engine import opened_to_records
from crm_app.storage.quick_locks import KEEPER_LOCK
from crm_app.storage.stored_indexes import failures, stored_indexes
from crm_app.storage.unique_indexes import DuplicateValues
from crm_app.storage.wanted_indexes import wanted_indexes
from tests.builders import Crm, field, object_body, select_field


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def planet(**of_code: object) -> Package:
    fields = (field("code", **of_code), field("mass", "number"), select_field("kind", ("rock", "gas")))
    body = object_body("planet", *fields)
    return load_package({"objects": {"objects/planet.json": body}})


def indexes_of(connection: Connection, table: str) -> set[str]:
    query = text("SELECT indexname FROM pg_indexes WHERE schemaname = 'data' AND tablename = :table")
    return {name for name in connection.execute(query, {"table": table}).scalars() if not name.endswith("_pkey")}


def fill(crm: Crm, count: int) -> None:
    with crm.work() as work:
        work.connection.execute(
            text(
                "INSERT INTO data.planet (id, version, created_at, updated_at, name, code, mass) "
                "SELECT gen_random_uuid(), 1, now(), now(), 'P ' || n, 'c' || n, n FROM generate_series(1, :count) n"
            ),
            {"count": count},
        )


def test_a_new_object_has_every_index_from_its_first_moment(crm: Crm) -> None:
    with crm.work() as work:
        wanted = {index.name for index in wanted_indexes(work.catalog).values() if index.table == "deal"}
        assert indexes_of(work.connection, "deal") == wanted


def test_every_index_says_why_it_is_there(crm: Crm) -> None:
    with crm.work() as work:
        reasons = {reason for index in wanted_indexes(work.catalog).values() for reason in index.reasons}
    assert "Board of pipeline Sales: the deals of one stage" in reasons
    assert "Deals on their Company's page, through Company" in reasons
    assert "What Manager, Rep may see: only their own or their team's deals" in reasons
    assert "Search in Companys by Name" in reasons


def test_a_field_with_duplicates_can_not_become_unique_and_the_values_are_named(crm: Crm) -> None:
    crm.publish(planet())
    for code in ("M", "m", "E"):
        crm.create("planet", name="x", code=code)
    for attempt in (lambda: crm.publish(planet(unique=True)), lambda: _plan(crm, planet(unique=True))):
        with pytest.raises(DuplicateValues, match="have the same Code: 'm' \\(2 times\\)"):
            attempt()
    crm.publish(planet())


def _plan(crm: Crm, package: Package) -> None:
    with crm.work() as work:
        plan(work, package)


@pytest.mark.parametrize("records", [3, 1_500])
def test_a_field_of_records_becomes_unique_before_the_version_that_says_so(crm: Crm, records: int) -> None:
    crm.publish(planet())
    fill(crm, records)
    crm.publish(planet(unique=True))
    with pytest.raises(Invalid) as refusal:
        crm.create("planet", name="again", code="C1")
    assert refusal.value.problems[0].path == "code"


def test_a_new_field_can_be_unique_at_once(crm: Crm) -> None:
    crm.publish(planet())
    fill(crm, 1_500)
    body = object_body("planet", field("code"), field("mass", "number"), field("badge", unique=True))
    crm.publish(load_package({"objects": {"objects/planet.json": body}}))
    crm.create("planet", name="a", badge="1")
    with pytest.raises(Invalid):
        crm.create("planet", name="b", badge="1")


def test_what_has_no_order_can_not_be_indexed(crm: Crm) -> None:
    body = object_body("planet", field("notes", "long_text", indexed=True))
    with pytest.raises(Invalid, match="planet/fields/notes/indexed"):
        crm.publish(load_package({"objects": {"objects/planet.json": body}}))


def keep(crm: Crm) -> Kept:
    return IndexKeeper(crm.workspace).keep_once()


def test_the_keeper_builds_what_a_big_table_misses_and_drops_what_nobody_wants(crm: Crm) -> None:
    crm.publish(planet())
    fill(crm, 1_500)
    crm.publish(planet(indexed=True))
    kept = keep(crm)
    assert [name.rpartition("_")[0] for name in kept.built] == ["planet__code_list"]
    crm.publish(planet())
    assert keep(crm).dropped == kept.built
    assert keep(crm) == Kept()


def test_what_a_killed_build_left_is_built_again(
    crm: Crm, postgres_server: EmbeddedPostgres, database_url: str
) -> None:
    crm.publish(planet())
    fill(crm, 1_500)
    crm.publish(planet(indexed=True))
    (name,) = keep(crm).built
    with psycopg.connect(postgres_server.owner_url_of(database_url.rpartition("/")[2])) as owner:
        owner.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST(%s AS regclass)", [f"data.{name}"]
        )
    assert keep(crm).built == (name,)
    with crm.work() as work:
        assert stored_indexes(work.connection)[name].is_valid


def test_a_relation_added_to_a_big_table_is_proven_afterwards(crm: Crm) -> None:
    crm.publish(planet())
    fill(crm, 1_500)
    city = field("city", "relation", config={"object": "company"})
    body = object_body("planet", field("code"), field("mass", "number"), city)
    crm.publish(load_package({"objects": {"objects/planet.json": body}}))
    assert keep(crm).proven == 1
    assert keep(crm).proven == 0


def test_an_index_that_can_not_be_built_says_why(crm: Crm) -> None:
    crm.publish(planet(unique=True))
    fill(crm, 1_500)
    with crm.work() as work:
        (index,) = [each for each in wanted_indexes(work.catalog).values() if each.is_unique]
        work.connection.execute(text(index.drop(concurrently=False)))
        work.connection.execute(text("UPDATE data.planet SET code = 'C7' WHERE name = 'P 8'"))
    assert keep(crm).built == ()
    with crm.work() as work:
        assert "No two planets may share their Code, but some do" in failures(work.connection)[index.name][0]
        assert index.name not in stored_indexes(work.connection)


def test_only_one_keeper_works_at_a_time(crm: Crm) -> None:
    with opened_to_records(crm.workspace.engine.connect()) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": KEEPER_LOCK})
        assert not keep(crm).is_done
        connection.invalidate()
    assert keep(crm).is_done


def priced(**how: Any) -> Package:
    body = object_body("price", field("worth", "currency", **how))
    return load_package({"objects": {"objects/price.json": body}})


def test_the_same_amount_in_another_currency_is_another_value(crm: Crm) -> None:
    crm.publish(priced())
    for worth in ("5 USD", "5 EUR"):
        crm.create("price", name=worth, worth=worth)
    crm.publish(priced(unique=True))
    crm.create("price", name="x", worth="6 EUR")
    with pytest.raises(Invalid, match="this worth"):
        crm.create("price", name="y", worth="6 EUR")
    crm.create("price", name="z", worth="6 USD")


def test_the_same_money_twice_is_named_with_its_currency(crm: Crm) -> None:
    crm.publish(priced())
    for name in ("a", "b"):
        crm.create("price", name=name, worth="5 EUR")
    with pytest.raises(DuplicateValues, match=r"'5 EUR' \(2 times\)"):
        crm.publish(priced(unique=True))
