"""Records as the steps of automations look for them: as the runner, and never only the first page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from sys import maxsize
from typing import Any

from sqlalchemy import text

from crm_app.kernel.errors import Invalid
from crm_app.kernel.events import RecordRef
from crm_app.rules.check import typed_tree
from crm_app.rules.conditions import condition_tree
from crm_app.rules.value_json import dump_value
from crm_app.services.lists import list_records
from crm_app.services.record_query import MAX_PAGE_SIZE, Record, RecordQuery
from crm_app.services.unit_of_work import UnitOfWork

MAX_ALL = 10_000
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


class TooManyRecords(Invalid):
    """More records than one step, or one moment, can hold."""

    code = "too_many_records"


def _any(_record: Record) -> bool:
    return True


def alone_with(work: UnitOfWork, *what: object) -> None:
    """Until this transaction ends, nobody else is alone with the same."""
    work.connection.execute(_ALONE, {"key": "/".join(str(each) for each in what)})


def matching(work: UnitOfWork, name: str, values: Mapping[str, Any], limit: int) -> list[RecordRef]:
    """The records that hold exactly these values; an empty value is looked for as empty."""
    wanted = [(field, "is_empty" if value is None else "eq", value) for field, value in values.items()]
    rule = typed_tree(condition_tree(wanted), name, work)
    query = RecordQuery(name, within=rule, limit=limit, fields=("created_at",))
    return [record.ref for record in list_records(work, query).records]


def found_records(work: UnitOfWork, query: RecordQuery, limit: int) -> Iterator[Record]:
    """The first ones, page by page."""
    cursor, left = "", limit
    while left > 0:
        page = list_records(work, replace(query, limit=min(left, MAX_PAGE_SIZE), cursor=cursor))
        yield from page.records
        cursor, left = page.next_cursor, left - len(page.records)
        if not cursor:
            return


def all_records(work: UnitOfWork, query: RecordQuery, fits: Callable[[Record], bool] = _any) -> list[Record]:
    """Those that fit; only they count."""
    found = list(islice(filter(fits, found_records(work, query, maxsize)), MAX_ALL + 1))
    if len(found) > MAX_ALL:
        raise TooManyRecords(f"There are more than {MAX_ALL:,} records to work over; narrow the rule that finds them.")
    return found


def key_of(values: Mapping[str, Any]) -> str:
    return ";".join(f"{name}={dump_value(value)}" for name, value in sorted(values.items()))
