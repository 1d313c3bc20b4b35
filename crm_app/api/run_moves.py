"""Runs that wait, moved to the live version of their automation, for administrators."""

from typing import Any, cast
from uuid import UUID

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.automation.moving import Verdict, movable, move
from crm_app.kernel.ids import parse_id
from crm_app.services.run_moves import MOST
from crm_app.services.unit_of_work import UnitOfWork

ALL = "all"


def read_movable(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, frozenset())
    found = movable(work, call.path["automation"])
    return Answer({"version": found.version, "runs": [_verdict(each) for each in found.runs]})


def move_some(work: UnitOfWork, call: Call) -> Answer:
    """`{"runs": "all"}`, those under way, or a list of ids."""
    done = move(work, call.path["automation"], _wanted(call.json("runs")))
    return Answer({"moved": sum(each.moved for each in done), "runs": [_verdict(each) for each in done]})


def _wanted(given: object) -> list[UUID] | None:
    if given == ALL:
        return None
    ids = [parse_id(str(each)) for each in cast("list[object]", given)] if isinstance(given, list) else []
    known = [each for each in ids if each is not None]
    if not ids or len(known) < len(ids) or len(ids) > MOST:
        raise BadBody(f'"runs" is "{ALL}", or a list of the ids of at most {MOST:,} runs.')
    return known


def _verdict(each: Verdict) -> dict[str, Any]:
    return {
        "id": each.run, "version": each.version, "status": each.status, "object": each.ref.object,
        "record": each.ref.id, "record_name": each.record_name or None, "at": each.at,
        "waits_at": each.waits_at or None, "fits": not each.reasons, "reasons": each.reasons, "moved": each.moved,
    }  # fmt: skip
