"""Automations that a program starts with its key: by name, or by a signal."""

from typing import Any, cast

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.automation.by_hand import MAX_AT_ONCE, send_signal, start_by_hand, startable
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()


def read_startable(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    found = startable(work, call.object)
    return Answer(
        {"automations": [{"name": each.name, "label": each.label, "description": each.description} for each in found]}
    )


def start(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    return Answer({"started": start_by_hand(work, call.path["automation"], [call.ref])})


def start_many(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    given = call.json("ids")
    raw = cast("list[Any]", given) if isinstance(given, list) else []
    ids = [found for each in raw if isinstance(each, str) and (found := parse_id(each)) is not None]
    if not ids or len(ids) < len(raw) or len(ids) > MAX_AT_ONCE:
        raise BadBody(f"`ids` is a list of 1 to {MAX_AT_ONCE:,} ids of records.")
    return Answer({"started": start_by_hand(work, call.path["automation"], [RecordRef(call.object, i) for i in ids])})


def signal(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    return Answer({"started": send_signal(work, call.path["signal"], call.ref)})
