"""Lists filtered and sorted by a formula, and lists that show or are sorted by rollups, beside the best SQL for the
same answer: both in turn, so that the ratios hold on a noisy machine.
"""

import statistics
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, event

from benchmarks.formulas_by_hand import HAND
from crm_app.kernel.actor import KeyActor
from crm_app.services.lists import list_records
from crm_app.services.record_query import Condition, RecordQuery, Sort
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import opened_to_records

ROUNDS = 15
_WARM_UP = 2
_ROLLUPS = ("name", "open_pipeline", "won_amount", "deals_won")
_DEALS = ("name", "stage", "amount", "weighted")
_BIG = (Condition("weighted", "gt", "30000"),)

LISTS = {
    "deals by weighted amount": RecordQuery("deal", sort=(Sort("weighted", descending=True),), fields=_DEALS),
    "deals of a big weighted amount, biggest first": RecordQuery(
        "deal", _BIG, sort=(Sort("weighted", descending=True),), fields=_DEALS
    ),
    "deals of a big weighted amount, newest first": RecordQuery("deal", _BIG, fields=_DEALS),
    "companies with three rollups": RecordQuery("company", fields=_ROLLUPS),
    "companies by open pipeline": RecordQuery(
        "company", sort=(Sort("open_pipeline", descending=True),), fields=("name", "open_pipeline")
    ),
    "companies by deals won, with three rollups": RecordQuery(
        "company", sort=(Sort("deals_won", descending=True),), fields=_ROLLUPS
    ),
    "companies of much won, newest first": RecordQuery(
        "company", (Condition("won_amount", "gt", "100000"),), fields=("name", "won_amount")
    ),
    "companies of much won, by open pipeline": RecordQuery(
        "company",
        (Condition("won_amount", "gt", "100000"),),
        sort=(Sort("open_pipeline", descending=True),),
        fields=("name", "open_pipeline", "won_amount"),
    ),
}


@dataclass(frozen=True)
class Compared:
    """Medians in milliseconds: by hand, the statements that the services send, and the services as a whole. The ratios
    are medians of each turn's own.
    """

    label: str
    hand_ms: float
    sent_ms: float
    door_ms: float
    sent_to_hand: float
    door_to_hand: float

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 2) if isinstance(value, float) else value for name, value in vars(self).items()}


class AnotherAnswer(AssertionError):
    """What is compared has to give the same records in the same order."""


def measure_formulas(url: str, actor: KeyActor) -> list[Compared]:
    workspace = Workspace.open(url, pool_size=2)
    try:
        with workspace.engine.connect() as unopened:
            connection = opened_to_records(unopened)
            return [_compared(workspace, connection, actor, label) for label in LISTS]
    finally:
        workspace.close()


def _compared(workspace: Workspace, connection: Connection, actor: KeyActor, label: str) -> Compared:
    query, by_hand = LISTS[label], HAND[label]

    def hand() -> list[Any]:
        return list(connection.exec_driver_sql(by_hand).all())

    def door() -> list[UUID]:
        with workspace.work(actor) as work:
            return [record.ref.id for record in list_records(work, query).records]

    with _noted(workspace, query.object) as statements:
        found = door()
    if found != [row[0] for row in hand()[: query.limit]]:
        raise AnotherAnswer(label)

    def sent() -> None:
        for statement, parameters in statements:
            connection.exec_driver_sql(statement, parameters).all()

    turns = [tuple(_seconds(each) for each in (hand, sent, door)) for _ in range(ROUNDS + _WARM_UP)][_WARM_UP:]
    by_way = [statistics.median(way) * 1_000 for way in zip(*turns, strict=True)]
    ratios = [statistics.median(turn[way] / turn[0] for turn in turns) for way in (1, 2)]
    return Compared(label, *by_way, *ratios)


@contextmanager
def _noted(workspace: Workspace, name: str) -> Generator[list[tuple[str, Any]]]:
    """The statements about the object's table, with their parameters."""
    caught: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if f'"data"."{name}"' in statement:
            caught.append((statement, parameters))

    event.listen(workspace.engine, "before_cursor_execute", note)
    try:
        yield caught
    finally:
        event.remove(workspace.engine, "before_cursor_execute", note)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
