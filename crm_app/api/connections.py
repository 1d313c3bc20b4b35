"""Connections to other systems, and the addresses that get no mail. For administrators; a secret is never answered."""

from typing import Any

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.services.connections import Connection, list_connections, remove_connection, save_connection
from crm_app.services.mails import allow_again as allow_address
from crm_app.services.mails import suppressed
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"connections": [_connection(each) for each in list_connections(work)]})


def save(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    body = call.json_object()
    secret = body.get("secret")
    if "settings" not in body or set(body) - {"settings", "secret"} or not isinstance(secret, str | None):
        raise BadBody('The body is {"settings": {…}, "secret": "…"}; without a secret, the one that is there stays.')
    return Answer(_connection(save_connection(work, call.path["name"], body["settings"], secret)))


def remove(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    remove_connection(work, call.path["name"])
    return Answer(status=204)


def read_suppressed(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    found = [{"address": address, "reason": reason, "at": at} for address, reason, at in suppressed(work)]
    return Answer({"suppressed": found})


def allow_again(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    allow_address(work, call.path["address"])
    return Answer(status=204)


def _connection(each: Connection) -> dict[str, Any]:
    return {"name": each.name, "settings": each.settings.model_dump(mode="json"), "has_secret": each.has_secret}
