"""Which kinds of lists take long, by the fields they filter and sort by, never by the values. Remembered in memory and
written now and then beside the requests, so that no list is slower for it.
"""

import hashlib
import statistics
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from crm_app.kernel import clock
from crm_app.rules.tree import (
    Between,
    Call,
    Comparison,
    Emptiness,
    Logic,
    Member,
    Membership,
    Name,
    Node,
    Not,
    Quantifier,
    TextTest,
    children,
)
from crm_app.storage.engine import DatabaseDown, transaction
from crm_app.storage.filters import Filter
from crm_app.storage.index_tables import SlowListRow
from crm_app.storage.system_tables import table_of

SLOW_MS = 200
WRITE_SECONDS = 5.0
MAX_SHAPES = 100
MAX_KEPT = 500
RECENT = 30
_SLOW = table_of(SlowListRow)


@dataclass(frozen=True)
class ListShape:
    """What a list asks for: pairs of a field and an operator, and the fields it sorts by. An empty field is the one
    that names a record.
    """

    object: str
    filters: tuple[tuple[str, str], ...]
    sorts: tuple[str, ...]

    @property
    def key(self) -> str:
        body = orjson.dumps([self.object, self.filters, self.sorts])
        return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True)
class SlowList:
    """`median_ms` is over the last few times."""

    shape: ListShape
    count: int
    worst_ms: int
    median_ms: int
    last_at: datetime


class SlowLists:
    """One per process. Bounded: what is new while memory is full waits for its next time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: dict[ListShape, list[int]] = {}
        self._timer: threading.Timer | None = None

    def note(self, chosen: Filter, sorts: Sequence[str], took_ms: int) -> None:
        if took_ms < SLOW_MS:
            return
        shape = shape_of(chosen, sorts)
        with self._lock:
            if shape in self._waiting or len(self._waiting) < MAX_SHAPES:
                self._waiting.setdefault(shape, []).append(took_ms)
            if self._timer is None:
                self._timer = threading.Timer(WRITE_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """What came together since the last time; it is lost if the database is away."""
        with self._lock:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        if waiting:
            with suppress(DatabaseDown, SQLAlchemyError), transaction(self._engine) as connection:
                for shape in sorted(waiting, key=lambda each: each.key):
                    _write(connection, shape, waiting[shape])
                newest = select(_SLOW.c.shape).order_by(_SLOW.c.last_at.desc()).limit(MAX_KEPT)
                connection.execute(delete(_SLOW).where(_SLOW.c.shape.not_in(newest)))

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._waiting = None, {}


def slow_lists(connection: Connection) -> list[SlowList]:
    """The most costly first: how often times how long."""
    found = [
        SlowList(
            ListShape(
                row["object"], tuple((field, operator) for field, operator in row["filters"]), tuple(row["sorts"])
            ),
            row["count"],
            row["worst_ms"],
            round(statistics.median(row["recent_ms"])),
            row["last_at"],
        )
        for row in connection.execute(select(_SLOW)).mappings()
    ]
    return sorted(found, key=lambda each: -each.count * each.median_ms)


def shape_of(chosen: Filter, sorts: Sequence[str]) -> ListShape:
    filters = list(dict.fromkeys(_asked(chosen.rule))) if chosen.rule else []
    if chosen.search:
        filters.append(("", "search"))
    if not chosen.reach.everyone:
        filters.append(("owner", "in"))
    return ListShape(chosen.object, tuple(dict.fromkeys(filters)), tuple(sorts))


def _write(connection: Connection, shape: ListShape, times: list[int]) -> None:
    query = select(_SLOW).where(_SLOW.c.shape == shape.key).with_for_update()
    found = connection.execute(query).mappings().one_or_none()
    known: Mapping[Any, Any] = found or {"count": 0, "worst_ms": 0, "recent_ms": []}
    now = clock.now()
    changed: dict[str, Any] = {
        "count": known["count"] + len(times),
        "worst_ms": max(known["worst_ms"], *times),
        "recent_ms": [*known["recent_ms"], *times][-RECENT:],
        "last_at": now,
    }
    named = {"shape": shape.key, "object": shape.object, "filters": shape.filters, "sorts": shape.sorts}
    new = insert(_SLOW).values({**named, **changed, "first_at": now})
    connection.execute(new.on_conflict_do_update(index_elements=["shape"], set_=changed))


def _asked(node: Node) -> Iterator[tuple[str, str]]:
    """Every test of a field in a filter; within related records, only that they are asked about."""
    match node:
        case Comparison(left=left, operator=operator) | TextTest(left=left, operator=operator):
            yield from _of_path(left, operator)
        case Membership(operand=operand, is_negated=is_negated):
            yield from _of_path(operand, "not in" if is_negated else "in")
        case Between(operand=operand):
            yield from _of_path(operand, "between")
        case Emptiness(operand=operand, is_negated=is_negated):
            yield from _of_path(operand, "is not empty" if is_negated else "is empty")
        case Quantifier(name=name, source=source):
            yield from _of_path(source, name)
        case Logic() | Not():
            for child in children(node):
                yield from _asked(child)
        case _:
            yield from _of_path(node, "is true")


def _of_path(node: Node, operator: str) -> Iterator[tuple[str, str]]:
    path = _path(node)
    if path:
        yield path, operator
    else:
        for child in children(node):
            yield from _asked(child)


def _path(node: Node) -> str:
    """`stage`, `company.city`; of a call, what it is about. Empty for anything else."""
    match node:
        case Name(name=name):
            return name
        case Member(base=base, name=name):
            outer = _path(base)
            return f"{outer}.{name}" if outer else ""
        case Call(arguments=(first, *_)):
            return _path(first)
        case _:
            return ""
