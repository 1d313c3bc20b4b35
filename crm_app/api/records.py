"""Records one by one: read, create, change, delete, and many created at once."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from crm_app.api.call import Answer, BadBody, Call, as_values
from crm_app.api.encoding import Encoder
from crm_app.api.etags import etag, is_unchanged, required_version
from crm_app.api.parameters import read_leave, read_parameters
from crm_app.api.refusals import PreconditionFailed
from crm_app.kernel.errors import Problem
from crm_app.services.lists import require_readable
from crm_app.services.record_editor import StaleVersion
from crm_app.services.record_query import PAGE_SIZE, Record
from crm_app.services.records import (
    MAX_BULK,
    consequences_of,
    create_record,
    create_records,
    delete_record,
    get_record,
    update_record,
)
from crm_app.services.timeline import TimelineEntry, timeline
from crm_app.services.trash import DeletedRecord, deleted_records, restore_record
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_READ = frozenset({"expand", "fields"})
_TIMELINE = frozenset({"limit"})
_DELETE = frozenset({"dry"})
_DELETED = frozenset({"limit", "offset"})
_TIMELINE_LIMIT = 50
_MAX_TIMELINE = 200


def read(work: UnitOfWork, call: Call) -> Answer:
    """With `expand` the answer depends on other records too, so it has no ETag."""
    parameters = read_parameters(call.query, _READ)
    expand, fields = parameters.names("expand"), parameters.names("fields")
    record = get_record(work, call.ref, expand, names=False)
    _require_fields(work, call.object, fields)
    if expand:
        return Answer(Encoder(work, call.object).record(record, fields, expand))
    headers = {"etag": etag(record.version)}
    if is_unchanged(call.headers.get("if-none-match"), record.version):
        return Answer(status=304, headers=headers)
    return Answer(Encoder(work, call.object).record(record, fields), headers=headers)


def create(work: UnitOfWork, call: Call) -> Answer:
    passes = read_leave(call.query)
    record = create_record(work, call.object, as_values(call.json("values")), passes)
    return _saved(work, call, record, 201)


def create_many(work: UnitOfWork, call: Call) -> Answer:
    """All or none. A problem's path starts with the record's place in the list: `3/amount`."""
    passes = read_leave(call.query)
    raws = call.json("records")
    if not isinstance(raws, list):
        raise BadBody("The body can't be used.", [Problem("records", "Expected a list of records.")])
    items = cast("list[object]", raws)
    if not 1 <= len(items) <= MAX_BULK:
        message = f"Expected 1 to {MAX_BULK:,} records, found {len(items):,}."
        raise BadBody("The body can't be used.", [Problem("records", message)])
    values = [_values_of(item, index) for index, item in enumerate(items)]
    records = create_records(work, call.object, values, passes)
    encoder = Encoder(work, call.object)
    return Answer({"records": [encoder.record(record) for record in records]}, status=201)


def update(work: UnitOfWork, call: Call) -> Answer:
    passes = read_leave(call.query)
    values = as_values(call.json("values"))
    version = required_version(call.headers.get("if-match"))
    with _precondition(version):
        record = update_record(work, call.ref, values, version, passes)
    return _saved(work, call, record, 200)


def delete(work: UnitOfWork, call: Call) -> Answer:
    """With `dry=true` nothing is deleted: the answer says what would go along or lose what it points at."""
    if read_parameters(call.query, _DELETE).choice("dry", ("false", "true")) == "true":
        found = consequences_of(work, call.ref)
        return Answer({"sentence": found.sentence(work), "deleted": found.deleted(), "cleared": found.loosened(work)})
    version = required_version(call.headers.get("if-match"))
    with _precondition(version):
        delete_record(work, call.ref, version)
    return Answer(status=204)


def restore(work: UnitOfWork, call: Call) -> Answer:
    """A deleted record comes back with what went with it, and with the links whose other end still lives."""
    read_parameters(call.query, _NONE)
    call.require_nothing()
    return _saved(work, call, restore_record(work, call.ref), 200)


def read_deleted(work: UnitOfWork, call: Call) -> Answer:
    parameters = read_parameters(call.query, _DELETED)
    limit, offset = parameters.number("limit", PAGE_SIZE), parameters.number("offset", 0)
    found = deleted_records(work, call.object, limit, offset)
    return Answer({"records": [_deleted(each) for each in found]})


def _deleted(record: DeletedRecord) -> dict[str, Any]:
    return {
        "id": str(record.ref.id),
        "object": record.ref.object,
        "name": record.name,
        "deleted_at": record.at,
        "deleted_by": record.by,
        "with_another": record.is_with_another,
        "brings": record.brings,
    }


def read_timeline(work: UnitOfWork, call: Call) -> Answer:
    limit = read_parameters(call.query, _TIMELINE).number("limit", _TIMELINE_LIMIT)
    entries = timeline(work, call.ref, max(1, min(limit, _MAX_TIMELINE)))
    return Answer({"entries": [_entry(entry) for entry in entries]})


def _saved(work: UnitOfWork, call: Call, record: Record, status: int) -> Answer:
    headers = {"etag": etag(record.version)}
    if status == 201:  # noqa: PLR2004 - Created
        headers["location"] = f"{call.base}/v1/objects/{record.ref.object}/records/{record.ref.id}"
    return Answer(Encoder(work, call.object).record(record), status, headers)


def _values_of(item: object, index: int) -> Any:
    if not isinstance(item, dict) or set(cast("dict[str, Any]", item)) != {"values"}:
        message = 'Expected one JSON object with the key "values" and no other.'
        raise BadBody("The body can't be used.", [Problem(f"records/{index}", message)])
    return as_values(cast("dict[str, Any]", item)["values"], f"records/{index}/values")


def _require_fields(work: UnitOfWork, name: str, fields: tuple[str, ...]) -> None:
    for field in fields:
        require_readable(work, name, field)


@contextmanager
def _precondition(version: int | None) -> Generator[None]:
    """A change that was made from another version failed its own `If-Match` (412); without one it met somebody else's
    change (409).
    """
    try:
        yield
    except StaleVersion as stale:
        if version is None:
            raise
        raise PreconditionFailed(stale.message, stale.problems, **stale.details) from None


def _entry(entry: TimelineEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "kind": entry.kind,
        "title": entry.title,
        "detail": entry.detail,
        "actor": entry.actor,
        "object": entry.ref.object if entry.ref else None,
        "id": str(entry.ref.id) if entry.ref else None,
        "is_done": entry.is_done,
        "changes": [{"field": c.label, "before": c.before, "after": c.after} for c in entry.changes],
    }
