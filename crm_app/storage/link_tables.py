"""Makes the tables that hold the links of many-to-many fields."""

from sqlalchemy import Connection, ForeignKeyConstraint, MetaData

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.storage.names import identifier
from crm_app.storage.tables import TableSet, build_link_table

LinkField = tuple[ObjectDefinition, FieldDefinition]


def new_link_fields(before: Package, after: Package) -> list[LinkField]:
    known = {(d.stored, field.stored) for d in before.objects for field in d.fields if field.field_type.is_linked}
    return [
        (d, field)
        for d in after.objects
        for field in d.fields
        if field.field_type.is_linked and (d.stored, field.stored) not in known
    ]


def create_links(connection: Connection, tables: TableSet, made: LinkField) -> None:
    """A record that is gone for good takes its links along. A field that is back finds its links as they were."""
    definition, field = made
    table = build_link_table(definition, field, MetaData())
    for side, name in (("source", definition.name), ("target", field.target)):
        key = identifier(definition.stored, f"{field.stored}_{side}")
        table.append_constraint(
            ForeignKeyConstraint([table.c[side]], [tables[name].c["id"]], name=key, ondelete="CASCADE")
        )
    table.create(connection, checkfirst=True)
