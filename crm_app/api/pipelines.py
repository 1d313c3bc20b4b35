"""Moves of a record, and how a pipeline stands."""

from typing import Any

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.definitions.field import FieldDefinition
from crm_app.kernel.money import Money
from crm_app.services.pipelines import Move, StageStanding, Sums, find_process, moves_of, standings
from crm_app.services.record_query import RecordQuery
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_CHOOSE = frozenset({"where", "search"})


def read_moves(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"moves": [_move(move) for move in moves_of(work, call.ref)]})


def read_standing(work: UnitOfWork, call: Call) -> Answer:
    """Of the records that the filters of a list choose."""
    parameters = read_parameters(call.query, _CHOOSE, filters=True)
    process = find_process(work, call.object, call.path["pipeline"])
    where, search = parameters.text("where"), parameters.text("search")
    query = RecordQuery(call.object, parameters.conditions, rule=where, search=search)
    amount = process.definition.all_fields.get(process.pipeline.amount)
    stages = [_stage(each, process.label(each.stage.name), amount) for each in standings(work, query, process)]
    return Answer({"pipeline": process.pipeline.name, "label": process.pipeline.label, "stages": stages})


def _move(move: Move) -> dict[str, Any]:
    return {
        "pipeline": move.pipeline,
        "from": move.from_stage or None,
        "to": move.to_stage or None,
        "at": move.at,
        "by": move.by,
        "seconds": move.seconds,
    }


def _stage(standing: StageStanding, label: str, amount: FieldDefinition | None) -> dict[str, Any]:
    stage, days = standing.stage, standing.average_days
    return {
        "name": stage.name,
        "label": label,
        "kind": stage.kind,
        "probability": stage.chance,
        "rotting_days": stage.rotting_days,
        "count": standing.count,
        "sum": _totals(standing.sums, amount),
        "weighted": _totals(standing.weighted, amount),
        "average_days": None if days is None else round(days, 2),
    }


def _totals(sums: Sums, amount: FieldDefinition | None) -> list[Any]:
    """One per currency."""
    return [amount.dump(Money(total, unit)) for unit, total in sorted(sums.items())] if amount else []
