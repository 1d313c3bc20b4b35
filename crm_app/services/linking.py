"""Related lists from the page that shows them: records are put in and taken out at the other end, where the relation
is, with the rights and checks of a change over there.
"""

from collections.abc import Iterable
from uuid import UUID

from crm_app.definitions.package import Related
from crm_app.kernel.errors import Conflict, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.services.lists import list_records
from crm_app.services.objects import editable_fields, may
from crm_app.services.record_query import Record, RecordQuery, Reference, Sort, given_value
from crm_app.services.records import get_record, update_record
from crm_app.services.targets import places
from crm_app.services.unit_of_work import UnitOfWork


def related_named(work: UnitOfWork, here: RecordRef, name: object) -> Related:
    """The list that is called so (`deal_company`) on the page of a record that the actor sees."""
    get_record(work, here, names=False)
    for related in work.catalog.related.get(here.object, ()):
        if related.name == name and related.field.name in (work.fields(related.object.name) or {}):
            return related
    raise NotFound("There is no such list here.")


def may_link(work: UnitOfWork, related: Related) -> bool:
    return may(work, "edit", related.object.name) and related.field.name in editable_fields(work, related.object.name)


def loose(work: UnitOfWork, related: Related, records: Iterable[Record]) -> set[UUID]:
    """Those that the actor may take out. One whose relation has to point somewhere is only pointed elsewhere."""
    if related.field.required or not may_link(work, related):
        return set()
    return work.among("edit", related.object.name, [record.ref.id for record in records])


def candidates(work: UnitOfWork, here: RecordRef, name: object, words: str, limit: int = 8) -> list[Reference]:
    """Records whose name holds the words and that are not in the list yet."""
    related = related_named(work, here, name)
    target, field = related.object, related.field
    if not may_link(work, related):
        return []
    given = f"'{here.id}'"
    rule = (
        f"not ({field.name} contains {given})"
        if field.field_type.is_linked
        else f"{field.name} is empty or {field.name} != {given}"
    )
    query = RecordQuery(
        target.name,
        rule=rule,
        search=words.strip()[:200],
        sort=(Sort(target.name_field),),
        limit=limit,
        fields=(target.name_field,),
    )
    return [Reference(target.name, record.ref.id, record.name) for record in list_records(work, query).records]


def link_here(work: UnitOfWork, here: RecordRef, name: object, other: UUID) -> Record:
    """Puts a record into the list; by a relation to one it leaves whatever it pointed at before."""
    related = related_named(work, here, name)
    value = {"add": [str(here.id)]} if related.field.field_type.is_linked else given_value(related, here)
    return update_record(work, RecordRef(related.object.name, other), {related.field.name: value})


def unlink_here(work: UnitOfWork, here: RecordRef, name: object, other: UUID) -> Record:
    """Takes a record out of the list; the record itself stays."""
    related = related_named(work, here, name)
    ref, field = RecordRef(related.object.name, other), related.field
    if (here.object, here.id) not in places(field, get_record(work, ref, names=False).values.get(field.name)):
        raise Conflict(f"This {related.object.label.lower()} was taken out of the list already.")
    return update_record(work, ref, {field.name: {"remove": [str(here.id)]} if field.field_type.is_linked else None})
