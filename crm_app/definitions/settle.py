"""A wish → what is published: nothing that holds data is lost by leaving it out, and stored names are given once."""

from collections.abc import Iterable, Mapping

from crm_app.definitions.field import SYSTEM_FIELDS, FieldDefinition
from crm_app.definitions.model import Definition, changed
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import KINDS, Package
from crm_app.fields.own_objects import OWN_OBJECTS

BOOKKEEPING_COLUMNS = frozenset({"id", "version", "deleted_at", *(field.name for field in SYSTEM_FIELDS)})
_ROOM = 40

Tables = Mapping[str, frozenset[str]]


def whole(before: Package, wish: Package) -> Package:
    """The wish as the whole state: what it leaves out is archived."""
    kinds: dict[str, list[Definition]] = {}
    for kind in KINDS:
        named = {definition.name for definition in getattr(wish, kind)}
        kept = _tables_of(getattr(wish, kind)) if kind == "objects" else frozenset[str]()
        left_out = [
            definition
            for definition in getattr(before, kind)
            if definition.name not in named and getattr(definition, "stored", "") not in kept
        ]
        kinds[kind] = [*getattr(wish, kind), *(archived(definition) for definition in left_out)]
    return Package.of(kinds)


def archived(definition: Definition) -> Definition:
    return changed(definition, archived=True)


def settled(before: Package, wish: Package, tables: Tables, *, reuse: bool = False) -> Package:
    """Every object of the wish with the fields that it leaves out, archived, and with stored names. `tables` are the
    tables that exist with all their columns. With `reuse`, a field may say which of those it goes back to. An object
    that stays as it was stays the same one, so that what follows from it is not worked out again.
    """
    by_table = {definition.stored: definition for definition in before.objects}
    by_name = {definition.name: definition for definition in before.objects}
    objects: list[ObjectDefinition] = []
    for definition in wish.objects:
        old = by_name.get(definition.name) or by_table.get(definition.table)
        found = definition if definition is old else _settled_object(definition, old, tables, reuse=reuse)
        objects.append(old if old is not None and old == found else found)
    return wish.with_kind("objects", objects)


def _tables_of(objects: Iterable[ObjectDefinition]) -> frozenset[str]:
    return frozenset(definition.stored for definition in objects)


def _settled_object(
    wish: ObjectDefinition, old: ObjectDefinition | None, tables: Tables, *, reuse: bool
) -> ObjectDefinition:
    stored = old.stored if old else _free(wish.stored, {*tables, *OWN_OBJECTS}, "")
    taken = {*BOOKKEEPING_COLUMNS, *tables.get(stored, ())}
    old_fields = {field.name: field for field in old.fields} if old else {}
    old_columns = {field.stored: field for field in old.fields} if old else {}
    names = {field.name for field in wish.fields}
    fields: list[FieldDefinition] = []
    for field in wish.fields:
        was = (
            old_fields.get(field.name)
            or _renamed(old_columns.get(field.column), names)
            or next((old_fields[name] for name in _former(field, old, goes_back=reuse) if name not in names), None)
        )
        column = _column(field, was, taken, reuse=reuse)
        fields.append(_placed(field, was, column))
        names |= {was.name} if was else set()
        taken |= set(fields[-1].stored_columns)
    kept = {field.stored for field in fields}
    left_out = [f for n, f in old_fields.items() if n not in names and f.stored not in kept]
    fields += [changed(field, archived=True) for field in left_out]
    return changed(wish, fields=tuple(fields), table="" if stored == wish.name else stored)


def _renamed(was: FieldDefinition | None, names: set[str]) -> FieldDefinition | None:
    """A column that another field of the wish still goes by is not free to be taken along."""
    return was if was is not None and was.name not in names else None


def _former(field: FieldDefinition, old: ObjectDefinition | None, *, goes_back: bool) -> list[str]:
    """What the field was called in `old`, the likeliest first: its former names, and those under which it went on after
    the version to which it goes back.
    """
    olds = {each.name: each for each in old.fields} if old else {}
    later = [name for name, each in olds.items() if field.name in each.former_names] if goes_back else []
    return [name for name in (*reversed(field.former_names), *later) if name in olds]


def _placed(field: FieldDefinition, was: FieldDefinition | None, column: str) -> FieldDefinition:
    """With its column; one that is called otherwise now remembers how it was called."""
    former = field.former_names
    if was is not None and was.name not in (field.name, *former):
        former = (*former, was.name)
    return changed(field, column="" if column == field.name else column, former_names=former)


def _column(field: FieldDefinition, was: FieldDefinition | None, taken: set[str], *, reuse: bool) -> str:
    if reuse and field.column:
        return field.column
    if was is not None and was.type == field.type:
        return was.stored
    return _free(field.stored, taken, *(column.suffix for column in field.field_type.columns))


def _free(wanted: str, taken: set[str], *suffixes: str) -> str:
    """The name, or the first of its further versions whose columns are all new."""
    base, number, name = wanted.partition("__v")[0][:_ROOM], 1, wanted
    while any(name + suffix in taken for suffix in suffixes):
        number += 1
        name = f"{base}__v{number}"
    return name
