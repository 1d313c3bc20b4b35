"""What deleting a record brings about: what goes with it, what is cleared, and what forbids it. All in one transaction,
bounded, and each record with its own permission, audit and news.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from crm_app.access.visible import EVERYONE
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Related
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Forbidden
from crm_app.kernel.events import RecordEvent, RecordRef
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.shape import StoredRecord

MAX_DELETED = 1_000
MAX_CLEARED = 10_000


@dataclass(frozen=True)
class Cleared:
    """Records that point at one that goes, by a relation that is to be emptied."""

    related: Related
    target: UUID
    ids: tuple[UUID, ...]

    @property
    def place(self) -> str:
        return f"{self.related.object.name}.{self.related.field.name}"


@dataclass
class Consequences:
    """`going` starts with the record itself; `untold` are those that go along by a relation that is closed."""

    going: dict[RecordRef, StoredRecord]
    cleared: list[Cleared] = field(default_factory=list[Cleared])
    untold: set[RecordRef] = field(default_factory=set[RecordRef])

    def deleted(self) -> Counter[str]:
        """How many records of which objects go along, as far as the actor can see why."""
        return Counter(ref.object for ref in list(self.going)[1:] if ref not in self.untold)

    def loosened(self, work: UnitOfWork) -> Counter[str]:
        """How many records of which objects lose what they point at, of those that the actor can see: the others are
        nothing to them. One that goes along is not meant.
        """
        ids: dict[str, set[UUID]] = {}
        for each in self.cleared:
            name = each.related.object.name
            if _is_open(work, each.related):
                ids.setdefault(name, set()).update(each.ids)
        seen = {name: work.records.existing(name, found, work.reach("read", name)) for name, found in ids.items()}
        return Counter({name: len(found) for name, found in seen.items() if found})

    def sentence(self, work: UnitOfWork) -> str:
        """What else changes, in words: empty where nothing does."""
        deleted, loosened = (_named(work, numbers) for numbers in (self.deleted(), self.loosened(work)))
        return " ".join(
            ([f"{deleted} will be deleted with it."] if deleted else [])
            + ([f"It will be taken out of {loosened}."] if loosened else [])
        )


def consequences(work: UnitOfWork, name: str, record: StoredRecord) -> Consequences:
    """Refuses with a sentence where the record has to stay. Locks what would go."""
    found = Consequences({RecordRef(name, record.id): record})
    level = [RecordRef(name, record.id)]
    while level:
        level = [ref for each in level for ref in _going_with(work, each, found)]
    for ref in found.going:
        for related in work.catalog.related.get(ref.object, ()):
            if related.on_delete == "restrict":
                _refuse_restricted(work, ref, related, found)
            elif related.on_delete == "clear" and (ids := _pointing(work, ref, related, found, MAX_CLEARED)):
                found.cleared.append(Cleared(related, ref.id, tuple(ids)))
    if sum(len(each.ids) for each in found.cleared) > MAX_CLEARED:
        raise Conflict(f"It can't be deleted: more than {MAX_CLEARED:,} records point at it. Change those first.")
    return found


def delete_with_consequences(work: UnitOfWork, name: str, record: StoredRecord) -> None:
    """The record itself was fetched and allowed already."""
    found = consequences(work, name, record)
    now = clock.now()
    for cleared in found.cleared:
        _clear(work, cleared)
    for ref, going in reversed(found.going.items()):
        grant = work.require("delete", ref.object, [going])
        if not work.removal.hide(grant, going, now):
            raise Conflict("It was changed by somebody else meanwhile. Nothing was deleted.")
        work.tell(RecordEvent("record.deleted", ref, going.values, {}), going.version + 1)
    root = RecordRef(name, record.id)
    work.removal.remember([_trash_row(work, ref, going, root, found.cleared) for ref, going in found.going.items()])


def _named(work: UnitOfWork, numbers: Counter[str]) -> str:
    return listed([counted(work.catalog.by_name[name], number) for name, number in sorted(numbers.items())])


def counted(definition: ObjectDefinition, number: int) -> str:
    return f"{number:,} {(definition.label if number == 1 else definition.plural).lower()}"


def _going_with(work: UnitOfWork, ref: RecordRef, found: Consequences) -> Iterator[RecordRef]:
    for related in work.catalog.related.get(ref.object, ()):
        if related.on_delete != "cascade":
            continue
        name = related.object.name
        ids = _pointing(work, ref, related, found, MAX_DELETED)
        if len(found.going) + len(ids) > MAX_DELETED:
            message = f"It can't be deleted at once: more than {MAX_DELETED:,} records would go with it."
            raise Conflict(f"{message} Delete some of them first.")
        records = work.records.fetch(name, ids, EVERYONE, for_update=True) if ids else {}
        _refuse_foreign(work, name, records.values())
        is_untold = ref in found.untold or not _is_open(work, related)
        for record in records.values():
            going = RecordRef(name, record.id)
            found.going[going] = record
            found.untold |= {going} if is_untold else set()
            yield going


def _refuse_foreign(work: UnitOfWork, name: str, records: Iterable[StoredRecord]) -> None:
    """What goes along needs the right to delete it too; how many others there are is not said."""
    if not all(work.reaches("delete", name, record) for record in records):
        raise Forbidden("It can't be deleted: records that you may not delete would go with it.")


def _pointing(work: UnitOfWork, ref: RecordRef, related: Related, found: Consequences, limit: int) -> list[UUID]:
    """The records that point at this one and stay."""
    ids = work.removal.pointing_at(related.object.name, related.field, [ref.id], limit)
    return [each for each in ids if RecordRef(related.object.name, each) not in found.going]


def _refuse_restricted(work: UnitOfWork, ref: RecordRef, related: Related, found: Consequences) -> None:
    """The number is of the records that the actor can see to point here, so that it tells nothing of others."""
    ids = _pointing(work, ref, related, found, MAX_CLEARED)
    if not ids:
        return
    name = related.object.name
    number = len(work.records.existing(name, ids, work.reach("read", name))) if _is_open(work, related) else 0
    what = counted(related.object, number) if number else "other records"
    raise Conflict(f"It can't be deleted: {what} still {'points' if number == 1 else 'point'} at it.")


def _is_open(work: UnitOfWork, related: Related) -> bool:
    """Whether the actor can see by which field these records point at others."""
    return related.field.name in (work.fields(related.object.name) or {})


def _clear(work: UnitOfWork, cleared: Cleared) -> None:
    name = cleared.related.object.name
    pairs = work.removal.clear(name, cleared.related.field, cleared.ids, cleared.target, clock.now())
    for before, after in pairs:
        event = RecordEvent("record.updated", RecordRef(name, before.id), before.values, after.values)
        work.tell(event, after.version)


def _trash_row(
    work: UnitOfWork, ref: RecordRef, record: StoredRecord, root: RecordRef, cleared: list[Cleared]
) -> dict[str, object]:
    fields = work.catalog.by_name[ref.object].linked_fields
    return {
        "record": ref.id,
        "object": ref.object,
        "at": clock.now(),
        "actor": work.actor_body(),
        "root": None if ref == root else root.id,
        "links": {f.name: f.dump(record.values[f.name]) for f in fields if record.values[f.name]},
        "cleared": {each.place: [str(i) for i in each.ids] for each in cleared if each.target == ref.id},
    }


def listed(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
