"""The effect ledger: what a step did to records is done in the transaction that inserts its row, so once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import EffectRow
from crm_app.storage.system_tables import table_of

_EFFECTS = table_of(EffectRow)


@dataclass(frozen=True)
class EffectKey:
    """A step of a run, wherever and however often it is executed. Temporal's own ids are no part of it."""

    run: UUID
    path: str
    iteration: int


def claim_effect(work: UnitOfWork, key: EffectKey) -> Mapping[str, Any] | None:
    """`None`: it is ours to do, in this transaction. Otherwise what it gave when it was done. A second execution
    at the same time waits here for the first.
    """
    row: dict[str, Any] = {
        "run": key.run,
        "path": key.path,
        "iteration": key.iteration,
        "output": {},
        "at": clock.now(),
    }
    claim = insert(_EFFECTS).values(row).on_conflict_do_nothing().returning(_EFFECTS.c.run)
    if work.connection.execute(claim).first() is not None:
        return None
    return work.connection.execute(select(_EFFECTS.c.output).where(_is(key))).scalar_one()


def known_effect(work: UnitOfWork, key: EffectKey) -> Mapping[str, Any] | None:
    """What the step gave, if it was done; nothing is claimed."""
    return work.connection.execute(select(_EFFECTS.c.output).where(_is(key))).scalar_one_or_none()


def known_effects(work: UnitOfWork, run: UUID, paths: Collection[str]) -> Mapping[str, Mapping[str, Any]]:
    """What the steps at these paths gave, those that were done."""
    is_asked = (_EFFECTS.c.run == run) & _EFFECTS.c.path.in_(paths) & (_EFFECTS.c.iteration == 0)
    rows = work.connection.execute(select(_EFFECTS.c.path, _EFFECTS.c.output).where(is_asked))
    return {row.path: row.output for row in rows}


def keep_output(work: UnitOfWork, key: EffectKey, output: Mapping[str, Any]) -> None:
    work.connection.execute(update(_EFFECTS).where(_is(key)).values(output=dict(output)))


def release_effect(work: UnitOfWork, key: EffectKey) -> None:
    """It was not to be done yet, after all; only for whoever has just claimed it."""
    work.connection.execute(delete(_EFFECTS).where(_is(key)))


def _is(key: EffectKey) -> Any:
    return (_EFFECTS.c.run == key.run) & (_EFFECTS.c.path == key.path) & (_EFFECTS.c.iteration == key.iteration)
