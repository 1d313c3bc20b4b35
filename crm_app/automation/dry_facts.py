"""The changes that a dry run was about to make, read back before they are undone."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from crm_app.definitions.field import OWNER, SYSTEM_FIELDS, FieldDefinition
from crm_app.kernel.events import RecordRef
from crm_app.services.run_lists import names_of_records
from crm_app.services.seen_values import Viewer
from crm_app.services.timeline import FieldChange, Say, value_of

MOST_TOLD = 50
_ITS_OWN = {each.name for each in SYSTEM_FIELDS} - {OWNER.name}
_FACTS = text(
    "SELECT object, name, record, changes FROM crm.audit WHERE actor ->> 'run' = :run AND id > :since ORDER BY id"
)


@dataclass(frozen=True)
class DryFact:
    """`name` and `changes` are there as far as whoever tries it may see them, of the first `MOST_TOLD` facts."""

    object: str
    event: str
    name: str = ""
    changes: tuple[FieldChange, ...] = ()


def facts_of(viewer: Viewer, run: UUID, say: Say) -> list[DryFact]:
    """A value that a closed one was worked into could stand anywhere, so after such a step nothing is quoted."""
    rows = viewer.work.connection.execute(_FACTS, {"run": str(run), "since": run}).all()
    told = rows[: 0 if viewer.has_closed else MOST_TOLD]
    names = names_of_records(viewer.work, {RecordRef(row.object, row.record) for row in told if row.record})
    fields = defaultdict[str, dict[str, FieldDefinition]](dict)
    for name in {ref.object for ref in names}:
        readable = viewer.work.fields(name) or {}
        own = viewer.work.catalog.by_name[name].all_fields
        fields[name] = {key: each for key, each in own.items() if key in readable and key not in _ITS_OWN}
    found: list[DryFact] = []
    for row in told:
        name = names.get(RecordRef(row.object, row.record), "")
        changes = _changes(viewer, fields[row.object], row.changes, say) if name else ()
        found.append(DryFact(row.object, row.name, name, changes))
    return [*found, *(DryFact(row.object, row.name) for row in rows[len(told) :])]


def _changes(
    viewer: Viewer, fields: dict[str, FieldDefinition], changes: dict[str, Any], say: Say
) -> tuple[FieldChange, ...]:
    pairs = (
        (fields[key].label, value_of(viewer.work, fields[key], old, say), value_of(viewer.work, fields[key], new, say))
        for key, (old, new) in changes.items()
        if key in fields
    )
    return tuple(FieldChange(label, before, after) for label, before, after in pairs if before != after)
