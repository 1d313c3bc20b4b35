"""Conversions under way: their new columns, and what is written beside them meanwhile. All of it stands outside of what
is live, and goes away with a publisher that was killed.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from uuid import UUID

from sqlalchemy import Connection, Engine, MetaData, Table, delete, insert, select, text

from crm_app.definitions.field import FieldDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict
from crm_app.kernel.ids import new_id
from crm_app.storage.conversion_tables import ConversionNewsRow, ConversionRow
from crm_app.storage.engine import upkeep
from crm_app.storage.present import stored_columns
from crm_app.storage.quick_locks import TableBusy, lock_quickly
from crm_app.storage.system_tables import RECORD_SCHEMA, table_of
from crm_app.storage.tables import add_columns

Steps = Callable[[], AbstractContextManager[Connection]]

CONVERSION_LOCK = 7_305_003
CLEANING_PATIENCE_SECONDS = 1.0
_CONVERSIONS, _NEWS = table_of(ConversionRow), table_of(ConversionNewsRow)
_CLAIM = text("SELECT pg_try_advisory_xact_lock(:key)")
_WE_HOLD = text("""
SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
               AND relation = CAST(:table AS regclass))
""")
_TAKE_NEWS = text("""
DELETE FROM crm.conversion_news WHERE id IN (
    SELECT id FROM crm.conversion_news WHERE conversion = :conversion LIMIT :most) RETURNING record
""")


class ConversionUnderWay(Conflict):
    """Another publication is converting values; two at once would stand in each other's way."""

    code = "conversion_under_way"


def claim(connection: Connection) -> None:
    """Until the end of the transaction, and of the process at the latest, nobody else converts or cleans up."""
    if not connection.execute(_CLAIM, {"key": CONVERSION_LOCK}).scalar_one():
        raise ConversionUnderWay("Nothing was published: another publication is converting values. Try again later.")


def steps_beside(connection: Connection, stored: str) -> Steps:
    """Short transactions of another connection, so that nobody waits. A transaction that has touched the table itself
    does all in its own: the other one would wait for it forever.
    """
    if connection.execute(_WE_HOLD, {"table": _quoted(stored)}).scalar_one():
        return lambda: nullcontext(connection)
    return lambda: upkeep(connection.engine)


def begin(connection: Connection, stored: str, old: FieldDefinition, new: FieldDefinition) -> UUID:
    """Makes the columns of `new` and notes from now on who writes to those of `old`; waits for who does at present."""
    table, conversion = _table(stored), new_id()
    lock_quickly(connection, [table], [])
    there = stored_columns(connection).get(stored, frozenset[str]())
    added = [name for name in new.stored_columns if name not in there]
    row = {"id": conversion, "stored_in": stored, "added": added, "begun_at": clock.now()}
    connection.execute(insert(_CONVERSIONS), row)
    if added:
        add_columns(connection, table, [new])
    watched = ", ".join(f'"{name}"' for name in old.stored_columns)
    connection.exec_driver_sql(
        f'CREATE TRIGGER "{_trigger(conversion)}" AFTER INSERT OR UPDATE OF {watched} ON {_quoted(stored)} '
        f"FOR EACH ROW EXECUTE FUNCTION crm.tell_conversion('{conversion}')"
    )
    return conversion


def take_news(connection: Connection, conversion: UUID, most: int) -> list[UUID]:
    """Records that were written meanwhile, at most as many: whoever takes them converts them."""
    rows = connection.execute(_TAKE_NEWS, {"conversion": conversion, "most": most})
    return sorted({record for (record,) in rows})


def add_news(connection: Connection, conversion: UUID, records: Iterable[UUID]) -> None:
    rows = [{"id": new_id(), "conversion": conversion, "record": record} for record in records]
    if rows:
        connection.execute(insert(_NEWS), rows)


def end(connection: Connection, stored: str, conversion: UUID) -> None:
    """In the transaction that makes the new columns live, which has locked the table."""
    connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{_trigger(conversion)}" ON {_quoted(stored)}')
    connection.execute(delete(_NEWS).where(_NEWS.c.conversion == conversion))
    connection.execute(delete(_CONVERSIONS).where(_CONVERSIONS.c.id == conversion))


def remove_leftovers(engine: Engine) -> None:
    """What a publisher left that was killed or refused. One that is at work is left alone, and so is a table that is
    busy: whoever comes next finds it again.
    """
    with upkeep(engine) as own:
        if own.execute(select(_CONVERSIONS.c.id).limit(1)).first() is None:
            return
        if not own.execute(_CLAIM, {"key": CONVERSION_LOCK}).scalar_one():
            return
        for row in own.execute(select(_CONVERSIONS)).all():
            with suppress(TableBusy):
                abandon(own, row.stored_in, row.id)


def abandon(connection: Connection, stored: str, conversion: UUID) -> None:
    """Its new columns go; what stood in columns from before stays, converted anew as far as it came."""
    lock_quickly(connection, [_table(stored)], [], CLEANING_PATIENCE_SECONDS)
    added = connection.execute(select(_CONVERSIONS.c.added).where(_CONVERSIONS.c.id == conversion)).scalar_one()
    end(connection, stored, conversion)
    for name in added:
        connection.exec_driver_sql(f'ALTER TABLE {_quoted(stored)} DROP COLUMN IF EXISTS "{name}"')


def _trigger(conversion: UUID) -> str:
    return f"conversion_{conversion.hex}"


def _table(stored: str) -> Table:
    return Table(stored, MetaData(), schema=RECORD_SCHEMA, quote=True, quote_schema=True)


def _quoted(stored: str) -> str:
    return f'"{RECORD_SCHEMA}"."{stored}"'
