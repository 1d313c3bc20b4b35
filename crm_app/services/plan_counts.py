"""How many records hold what a plan would hide or convert, and who has what it would take away."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sqlalchemy import func, select

from crm_app.definitions.diff import Change
from crm_app.definitions.package import Package
from crm_app.services.retyping import retypings, tried
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.present import count_present
from crm_app.storage.system_tables import UserRoleRow, table_of
from crm_app.storage.tables import TableSet


def counted(
    work: UnitOfWork, before: Package, after: Package, changes: Sequence[Change], *, is_tried: bool = True
) -> list[Change]:
    """Only what is destructive is counted: a plan of additions costs nothing. With `is_tried`, every value of a field
    that gets another type is converted for the count, and nothing written.
    """
    tables = TableSet(before.by_name.values())
    found = [replace(change, **dict(_facts(work, before, after, tables, change))) for change in changes]
    if not is_tried:
        return found
    notes = {each.path: tried(work, each).notes for each in retypings(before, after)}
    return [replace(each, notes=notes.get(each.path, ())) if each.kind == "retype" else each for each in found]


def _facts(
    work: UnitOfWork, before: Package, after: Package, tables: TableSet, change: Change
) -> Iterator[tuple[str, object]]:
    kind, name, *rest = (change.was or change.path).split("/")
    if kind == "objects" and change.is_destructive:
        old = _before(before, after, name)
        if old is not None and not rest:
            yield "records", count_present(work.connection, tables[old])
        elif old is not None and (field := before.by_name[old].all_fields.get(rest[1])):
            yield "records", count_present(work.connection, tables[old], field.columns)
    elif kind == "roles" and change.kind == "archive":
        yield "notes", (f"{_people_with(work, name)} people have this role and lose what it grants.",)


def _before(before: Package, after: Package, name: str) -> str | None:
    """What the object is called before the change, when its path says how it is called afterwards."""
    if name in before.by_name:
        return name
    stored = after.by_name[name].stored if name in after.by_name else ""
    return next((definition.name for definition in before.objects if definition.stored == stored), None)


def _people_with(work: UnitOfWork, role: str) -> int:
    table = table_of(UserRoleRow)
    return work.connection.execute(select(func.count()).select_from(table).where(table.c.role == role)).scalar_one()
