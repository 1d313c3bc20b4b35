"""A workspace may call an object of its own `territory`, also one that did before the product knew territories."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import text

from crm_app.services.record_query import RecordQuery
from crm_app.services.territories import save_territory
from crm_app.storage.engine import open_engine, upkeep
from crm_app.storage.migrate import alembic_config, migrate
from crm_app.storage.system_tables import RECORD_SCHEMA, SYSTEM_SCHEMA
from tests.builders import Crm, field, object_body
from tests.integration.test_publish import objects


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url)
    yield crm
    crm.close()


def test_an_own_object_called_territory_stands_beside_the_products(crm: Crm) -> None:
    deal = object_body("deal", field("region", "territory"), field("area", "relation", config={"object": "territory"}))
    crm.publish(objects(object_body("territory", field("region", "territory")), deal))
    with crm.work() as work:
        north = save_territory(work, "North")
    mine = crm.create("territory", name="My own", region=str(north))
    crm.create("deal", name="Both", region=str(north), area=str(mine.ref.id))
    assert crm.names(RecordQuery("deal", rule="region.name = 'North' and area.name = 'My own'")) == ["Both"]
    assert crm.names(RecordQuery("territory", rule="region.name = 'North'")) == ["My own"]


@pytest.mark.parametrize("before", ["0015", "0020"])
def test_an_upgrade_leaves_a_table_of_that_name_alone(bare_database_url: str, before: str) -> None:
    engine = open_engine(bare_database_url, pool_size=1)
    try:
        with upkeep(engine) as connection:
            for schema in (SYSTEM_SCHEMA, RECORD_SCHEMA):
                connection.execute(text(f"CREATE SCHEMA {schema}"))
            connection.execute(text("CREATE EXTENSION pg_trgm"))
            command.upgrade(alembic_config(connection), before)
            connection.execute(text("CREATE TABLE data.territory (id uuid)"))
        with upkeep(engine) as connection:
            migrate(connection)
            kinds = connection.execute(
                text("SELECT relname, relkind FROM pg_class WHERE relname ~ 'territory$' AND relkind IN ('r', 'v')")
            )
            found = {(name, kind if isinstance(kind, str) else kind.decode()) for name, kind in kinds}
            assert found == {("territory", "r"), ("access_territory", "v")}
    finally:
        engine.dispose()


def test_a_view_of_the_old_name_is_renamed(bare_database_url: str) -> None:
    engine = open_engine(bare_database_url, pool_size=1)
    try:
        with upkeep(engine) as connection:
            for schema in (SYSTEM_SCHEMA, RECORD_SCHEMA):
                connection.execute(text(f"CREATE SCHEMA {schema}"))
            connection.execute(text("CREATE EXTENSION pg_trgm"))
            command.upgrade(alembic_config(connection), "0020")
            connection.execute(text("ALTER VIEW data.access_territory RENAME TO territory"))
        with upkeep(engine) as connection:
            migrate(connection)
            assert connection.execute(text("SELECT count(*) FROM data.access_territory")).scalar_one() == 0
    finally:
        engine.dispose()
