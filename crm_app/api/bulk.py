"""Many records changed or deleted in one call: those named, or those that a filter finds, 1,000 at a time."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from crm_app.api.call import Answer, BadBody, Call, as_values
from crm_app.api.parameters import read_leave, read_parameters
from crm_app.api.refusals import as_problems
from crm_app.kernel.errors import Problem
from crm_app.kernel.ids import parse_id
from crm_app.services.bulk_edit import BulkReport, Chosen, choose_records, delete_records, edit_records
from crm_app.services.record_query import RecordQuery
from crm_app.services.records import MAX_BULK
from crm_app.services.unit_of_work import UnitOfWork

_FILTER = frozenset({"where", "search"})
_NONE: frozenset[str] = frozenset()


def update(work: UnitOfWork, call: Call) -> Answer:
    passes, body = read_leave(call.query), _body(call, {"values"})
    values = as_values(body.get("values"))
    chosen, after = _chosen(work, call, body)
    return _answer(edit_records(work, call.object, chosen, values, passes) if chosen else BulkReport(), after)


def delete(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    body = _body(call, set())
    chosen, after = _chosen(work, call, body)
    return _answer(delete_records(work, call.object, chosen) if chosen else BulkReport(), after)


def _body(call: Call, more: set[str]) -> Mapping[str, Any]:
    body = call.json_object()
    known = {"ids", "filter", "after", *more}
    problems = [Problem(key[:100], "There is no such key here.") for key in body if key not in known]
    if ("ids" in body) == ("filter" in body):
        problems.append(Problem("ids", 'Say which records: either "ids" or "filter".'))
    elif "after" in body and "filter" not in body:
        problems.append(Problem("after", '"after" continues a "filter".'))
    if problems:
        raise BadBody("The body can't be used.", problems)
    return body


def _chosen(work: UnitOfWork, call: Call, body: Mapping[str, Any]) -> tuple[list[Chosen], UUID | None]:
    """With a filter, also the record after which its next call goes on: none when this is the last."""
    if "ids" in body:
        return _named(body["ids"]), None
    found = choose_records(work, _query(call.object, body["filter"]), MAX_BULK + 1, _after(body.get("after")))
    chosen = [Chosen(each.id) for each in found[:MAX_BULK]]
    return chosen, chosen[-1].id if len(found) > MAX_BULK else None


def _named(raw: object) -> list[Chosen]:
    items = cast("list[object]", raw) if isinstance(raw, list) else []
    if not 1 <= len(items) <= MAX_BULK:
        raise BadBody("The body can't be used.", [Problem("ids", f"Expected a list of 1 to {MAX_BULK:,} ids.")])
    found = [_one(item) for item in items]
    wrong = [index for index, each in enumerate(found) if each is None]
    if wrong:
        message = 'Expected an id, or {"id": …, "version": …}.'
        raise BadBody("The body can't be used.", [Problem(f"ids/{index}", message) for index in wrong])
    return [each for each in found if each]


def _one(item: object) -> Chosen | None:
    version: object = None
    if isinstance(item, dict):
        body = cast("dict[str, object]", item)
        item, version = body.get("id"), body.get("version")
        if set(body) != {"id", "version"} or type(version) is not int or version < 1:
            return None
    record = parse_id(item) if isinstance(item, str) else None
    return Chosen(record, version) if record else None


def _query(name: str, raw: object) -> RecordQuery:
    """A filter that says nothing would be every record, so it is refused; `{"where": "true"}` says so."""
    body = cast("dict[str, object]", raw) if isinstance(raw, dict) else {}
    texts = {key: value.strip() for key, value in body.items() if key in _FILTER and isinstance(value, str)}
    if len(texts) < len(body) or not any(texts.values()):
        message = 'Expected a JSON object with "where", "search" or both, as texts that say something.'
        raise BadBody("The body can't be used.", [Problem("filter", message)])
    return RecordQuery(name, rule=texts.get("where", ""), search=texts.get("search", ""))


def _after(raw: object) -> UUID | None:
    if raw is None:
        return None
    found = parse_id(raw) if isinstance(raw, str) else None
    if found is None:
        raise BadBody("The body can't be used.", [Problem("after", 'Expected the "next" of the answer before.')])
    return found


def _answer(report: BulkReport, after: UUID | None) -> Answer:
    return Answer(
        {
            "done": [str(record) for record in report.done],
            "refused": _refusals(report),
            "next": str(after) if after else None,
        }
    )


def _refusals(report: BulkReport) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "id": str(each.ref.id),
            "name": each.name,
            "code": each.code,
            "message": each.message,
            "problems": as_problems(each.problems),
        }
        for each in report.refused
    ]
