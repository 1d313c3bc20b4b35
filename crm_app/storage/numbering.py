"""Auto-numbers come from one PostgreSQL sequence per field. A sequence gives no number twice, however many ask at once,
and takes none back, so a failed creation leaves a gap.
"""

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, TextClause, text

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.auto_number import AutoNumberConfig, numbered
from crm_app.storage.engine import upkeep
from crm_app.storage.names import identifier
from crm_app.storage.system_tables import RECORD_SCHEMA

BATCH = 2_000
_WIDTH = 20

Numbered = tuple[ObjectDefinition, FieldDefinition]


def numbered_fields(package: Package) -> Iterator[Numbered]:
    for definition in package.objects:
        for field in definition.fields:
            if isinstance(field.settings, AutoNumberConfig):
                yield definition, field


def renumbered(before: Package, after: Package) -> list[Numbered]:
    """The fields that are new, or whose numbers look different from now on."""
    had = {(d.stored, f.stored): f.settings for d, f in numbered_fields(before)}
    return [(d, f) for d, f in numbered_fields(after) if had.get((d.stored, f.stored)) != f.settings]


def set_numbering(connection: Connection, definition: ObjectDefinition, field: FieldDefinition) -> None:
    """Whoever still creates records by an earlier version, which doesn't know the field, gives them a number too."""
    sequence = _sequence(definition, field)
    table = f'"{RECORD_SCHEMA}"."{definition.stored}"'
    connection.exec_driver_sql(f'CREATE SEQUENCE IF NOT EXISTS {sequence} OWNED BY {table}."{field.stored}"')
    connection.exec_driver_sql(
        f'ALTER TABLE {table} ALTER COLUMN "{field.stored}" SET DEFAULT {_expression(definition, field)}'
    )


def next_numbers(connection: Connection, definition: ObjectDefinition, field: FieldDefinition, count: int) -> list[str]:
    config = _config(field)
    query = text("SELECT nextval(CAST(:sequence AS regclass)) FROM generate_series(1, :count)")
    given = connection.execute(query, {"sequence": _sequence(definition, field), "count": count}).scalars()
    return [numbered(config, number) for number in given]


def number_the_rest(engine: Engine, package: Package) -> None:
    """Numbers the records that were there before their field, in the order of their creation, in short transactions:
    nobody waits for it. To be called after publishing; what an interruption leaves is done by the next call.
    """
    for definition, field in numbered_fields(package):
        while True:
            with upkeep(engine) as connection:
                if not connection.execute(_numbering(definition, field), {"batch": BATCH}).rowcount:
                    break


def _numbering(definition: ObjectDefinition, field: FieldDefinition) -> TextClause:
    """Names are stored names, which the product gave; the rest is as in `_expression`."""
    table, column = f'"{RECORD_SCHEMA}"."{definition.stored}"', f'"{field.stored}"'
    return text(
        "WITH chosen AS MATERIALIZED "  # noqa: S608 - see above
        f"(SELECT id FROM {table} WHERE {column} IS NULL ORDER BY created_at, id LIMIT :batch), "
        f"given AS MATERIALIZED (SELECT id, {_expression(definition, field)} AS number FROM chosen) "
        f"UPDATE {table} AS record SET {column} = given.number FROM given "
        f"WHERE record.id = given.id AND record.{column} IS NULL"
    )


def _expression(definition: ObjectDefinition, field: FieldDefinition) -> str:
    """The next number as text, in SQL: what `numbered` makes in Python. The prefix holds letters, digits and a few
    marks, no quotes.
    """
    config = _config(field)
    digits = f"lpad(nextval('{_sequence(definition, field)}')::text, {_WIDTH}, '0')"
    return f"'{config.prefix}' || regexp_replace({digits}, '^0{{0,{_WIDTH - config.digits}}}', '')"


def _config(field: FieldDefinition) -> AutoNumberConfig:
    if not isinstance(field.settings, AutoNumberConfig):
        raise TypeError(field.type)
    return field.settings


def _sequence(definition: ObjectDefinition, field: FieldDefinition) -> str:
    return f'"{RECORD_SCHEMA}"."{identifier(definition.stored, f"{field.stored}__sequence")}"'
