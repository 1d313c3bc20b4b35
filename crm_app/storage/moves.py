"""What the moves of records say: one record's path, and how long records stay in a stage."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from crm_app.storage.move_table import StageMoveRow
from crm_app.storage.system_tables import table_of

MAX_MOVES = 1_000
_MOVES = table_of(StageMoveRow)


def moves_of_record(connection: Connection, objects: Sequence[str], record: UUID) -> list[Row[Any]]:
    """The oldest first. `objects` are the names that its object has had."""
    query = select(_MOVES).where(_MOVES.c.object.in_(objects), _MOVES.c.record == record)
    newest = query.order_by(_MOVES.c.at.desc(), _MOVES.c.id.desc()).limit(MAX_MOVES)
    return list(reversed(connection.execute(newest).all()))


def average_seconds(
    connection: Connection, objects: Sequence[str], pipeline: str, records: Select[Any]
) -> dict[str, tuple[Decimal, int]]:
    """By stage: how long `records` stayed there until they left it, and how often one did."""
    seconds = _MOVES.c.seconds
    query = (
        select(_MOVES.c.from_stage, func.avg(seconds), func.count())
        .where(_MOVES.c.object.in_(objects), _MOVES.c.pipeline == pipeline, seconds.is_not(None))
        .where(_MOVES.c.from_stage != "", _MOVES.c.record.in_(records))
        .group_by(_MOVES.c.from_stage)
    )
    return {stage: (average, count) for stage, average, count in connection.execute(query)}
