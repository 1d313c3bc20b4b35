"""What the system's own tables remember of objects and fields by name, carried over to new names. Only the audit keeps
what was written; whoever reads it knows former names.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text, update

from crm_app.definitions.package import Package
from crm_app.fields.relation import OBJECT_SUFFIX
from crm_app.storage.file_rows import FileRow
from crm_app.storage.system_tables import AuditRow, SystemTable, table_of
from crm_app.storage.tables import TableSet

_FIELD_NEWS = text("""
UPDATE crm.outbox SET
    before = CASE WHEN before ? o THEN (before - o) || jsonb_build_object(n, before -> o) ELSE before END,
    after = CASE WHEN after ? o THEN (after - o) || jsonb_build_object(n, after -> o) ELSE after END
FROM (SELECT CAST(:old AS text) AS o, CAST(:new AS text) AS n) AS names WHERE object = :object
""")


def carry_object(connection: Connection, old: str, new: str) -> None:
    for table in SystemTable.metadata.sorted_tables:
        if "object" in table.c and table is not table_of(AuditRow):
            connection.execute(update(table).where(table.c.object == old).values(object=new))


def carry_targets(connection: Connection, before: Package, old: str, new: str) -> None:
    """The records that point at one of several objects say which by its name."""
    tables = TableSet(before.by_name.values())
    for definition in before.objects:
        for field in definition.fields:
            if field.is_to_any:
                table, key = tables[definition.name], field.name + OBJECT_SUFFIX
                connection.execute(update(table).where(table.c[key] == old).values({key: new}))


def carry_fields(connection: Connection, name: str, fields: Iterable[tuple[str, str]]) -> None:
    """News that no automation has heard of yet, and the files that the field holds."""
    files = table_of(FileRow)
    for old, new in fields:
        held = (files.c.object == name) & (files.c.field == old)
        connection.execute(update(files).where(held).values(field=new))
        connection.execute(_FIELD_NEWS, {"object": name, "old": old, "new": new})
