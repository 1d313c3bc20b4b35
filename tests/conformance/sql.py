"""The same rules in PostgreSQL: what needs no record is asked in bare SELECTs, many at once."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, Uuid, func, select

from crm_app.rules.rule import Rule
from crm_app.storage.rule_sql import to_sql
from crm_app.storage.rule_sql_columns import TableColumns
from tests.conformance.runner import Outcome

AT_ONCE = 100
_TABLE = Table("case", MetaData(), Column("id", Uuid()))


def differences(outcomes: Sequence[Outcome], connection: Connection) -> tuple[int, list[str]]:
    """How many were asked, and where SQL says something else than Python."""
    asked = [outcome for outcome in outcomes if outcome.is_plain]
    told: list[str] = []
    remaining = iter(asked)
    while batch := list(islice(remaining, AT_ONCE)):
        row = connection.execute(select(*[_selected(outcome) for outcome in batch])).one()
        for outcome, found in zip(batch, row, strict=True):
            if not _is_same(found, outcome.value):
                told.append(f"{outcome.key}: SQL says {found!r}, Python {outcome.value!r}")
    return len(asked), told


def _selected(outcome: Outcome) -> Any:
    rule = outcome.rule
    assert isinstance(rule, Rule)
    value = to_sql(rule.tree, TableColumns(_TABLE, {"case": _TABLE}, {}, lambda _object, _source: None), outcome.inputs)
    return func.timezone("UTC", value) if rule.type.kind == "datetime" else value


def _is_same(found: Any, value: Any) -> bool:
    return list(_plain(found)) == list(_plain(value))


def _plain(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _plain(each)
    elif isinstance(value, datetime):
        yield value.replace(tzinfo=None)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield Decimal(value)
    else:
        yield value
