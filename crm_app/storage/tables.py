"""Object definition → table with real typed columns. Names of tables and columns are the API names, always quoted."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    Integer,
    Interval,
    MetaData,
    Numeric,
    Table,
    Text,
    Time,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateColumn
from sqlalchemy.types import TypeEngine

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import SqlKind
from crm_app.rules.errors import RuleError
from crm_app.rules.scope import FieldInfo
from crm_app.rules.tree import Name
from crm_app.storage.names import identifier
from crm_app.storage.system_tables import RECORD_SCHEMA

MAX_KEPT = 1_000
NO_INFOS: Mapping[str, Mapping[str, FieldInfo]] = MappingProxyType({})
Made = TypeVar("Made")

SQL_TYPES: Mapping[SqlKind, TypeEngine[Any]] = {
    "text": Text(),
    "numeric": Numeric(),
    "bigint": BigInteger(),
    "boolean": Boolean(),
    "date": Date(),
    "time": Time(),
    "timestamptz": DateTime(timezone=True),
    "interval": Interval(),
    "uuid": Uuid(),
    "text[]": ARRAY(Text()),
    "jsonb": JSONB(none_as_null=True),
}


def field_columns(field: FieldDefinition) -> list[Column[Any]]:
    """Statements call a column by its field's name, whatever it is called in the database."""
    names = zip(field.columns, field.stored_columns, field.field_type.columns, strict=True)
    return [Column(stored, SQL_TYPES[spec.kind], key=name, quote=True) for name, stored, spec in names]


def build_table(definition: ObjectDefinition, metadata: MetaData) -> Table:
    """Columns are nullable: `required` is checked by the services, so that a million records can gain a field."""
    moment = DateTime(timezone=True)
    return Table(
        definition.stored,
        metadata,
        Column("id", Uuid(), primary_key=True),
        Column("version", Integer(), nullable=False),
        Column("owner", Uuid()),
        Column("created_at", moment, nullable=False),
        Column("created_by", Uuid()),
        Column("updated_at", moment, nullable=False),
        Column("updated_by", Uuid()),
        Column("deleted_at", moment),
        *(column for field in definition.stored_fields if not field.is_computed for column in field_columns(field)),
        schema=RECORD_SCHEMA,
        quote=True,
        quote_schema=True,
    )


def build_link_table(definition: ObjectDefinition, field: FieldDefinition, metadata: MetaData) -> Table:
    """Each row links a record of the object, `source`, to one that its field points at, `target`."""
    table = Table(
        identifier(definition.stored, field.stored),
        metadata,
        Column("source", Uuid(), primary_key=True),
        Column("target", Uuid(), primary_key=True),
        schema=RECORD_SCHEMA,
        quote=True,
        quote_schema=True,
    )
    Index(identifier(definition.stored, f"{field.stored}_back"), table.c.target, table.c.source)
    return table


def add_columns(connection: Connection, table: Table, fields: Iterable[FieldDefinition]) -> None:
    columns = [column for field in fields for column in field_columns(field)]
    name = connection.dialect.identifier_preparer.format_table(table)
    added = ", ".join(f"ADD COLUMN IF NOT EXISTS {CreateColumn(column).compile(connection)}" for column in columns)
    connection.exec_driver_sql(f"ALTER TABLE {name} {added}")


class TableSet:
    """The tables of one schema version."""

    def __init__(
        self, objects: Iterable[ObjectDefinition], infos: Mapping[str, Mapping[str, FieldInfo]] = NO_INFOS
    ) -> None:
        self._objects = {definition.name: definition for definition in objects}
        self._infos = infos
        self._tables: dict[str, Table] = {}
        self._links: dict[tuple[str, str], Table] = {}
        self._kept: dict[Hashable, Any] = {}

    def __getitem__(self, name: str) -> Table:
        """Threads share the set: of two that build the same table at once, both get the first one's."""
        table = self._tables.get(name)
        if table is None:
            table = self._tables.setdefault(name, build_table(self._objects[name], MetaData()))
        return table

    def computed(self, name: str, field: str) -> Name | None:
        """A computed field as a rule about its record names it; `None` where it can't be worked out any more."""
        try:
            info = self._infos[name][field]
        except (KeyError, RuleError):
            return None
        return Name(name=field, object=name, type=info.type, computed=info.computed)

    def links(self, name: str, field: str) -> Table:
        """The link table of a many-to-many field."""
        found = self._links.get((name, field))
        if found is None:
            definition = self._objects[name]
            made = build_link_table(definition, definition.all_fields[field], MetaData())
            found = self._links.setdefault((name, field), made)
        return found

    def kept(self, key: Hashable | None, make: Callable[[], Made]) -> Made:
        """What follows from the tables alone, made once: building a statement of many columns costs more than running
        it. Bounded, because callers choose the keys; what has none is made anew.
        """
        if key is None:
            return make()
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            found = self._kept[key] = make()
        return cast("Made", found)
