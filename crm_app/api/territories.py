"""Territories, which of them lies in which, and who looks after them; for administrators."""

from typing import Any
from uuid import UUID

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.api.users import body_of, known_id, optional_id, text_in, texts_in
from crm_app.kernel.errors import NotFound
from crm_app.services.accounts import require_administrator
from crm_app.services.territories import Territory, remove_territory, save_territory, set_members, territories
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_KEYS = frozenset({"name", "parent", "members"})


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    require_administrator(work)
    return Answer({"territories": [_territory(each) for each in territories(work)]})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer(_territory(_found(work, known_id(call.path["territory"]))))


def make(work: UnitOfWork, call: Call) -> Answer:
    body = body_of(call, _KEYS)
    made = save_territory(work, text_in(body, "name"), optional_id(body.get("parent")))
    set_members(work, made, {known_id(each) for each in texts_in(body, "members")})
    return Answer(_territory(_found(work, made)), status=201)


def change(work: UnitOfWork, call: Call) -> Answer:
    """What the body leaves out stays."""
    body = body_of(call, _KEYS)
    before = _found(work, known_id(call.path["territory"]))
    name = text_in(body, "name") if "name" in body else before.name
    parent = optional_id(body["parent"]) if "parent" in body else before.parent
    save_territory(work, name, parent, before.id)
    if "members" in body:
        set_members(work, before.id, {known_id(each) for each in texts_in(body, "members")})
    return Answer(_territory(_found(work, before.id)))


def remove(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    remove_territory(work, known_id(call.path["territory"]))
    return Answer(status=204)


def _found(work: UnitOfWork, territory: UUID) -> Territory:
    require_administrator(work)
    found = next((each for each in territories(work) if each.id == territory), None)
    if found is None:
        raise NotFound("There is no such territory.")
    return found


def _territory(each: Territory) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "name": each.name,
        "parent": str(each.parent) if each.parent else None,
        "members": [str(user) for user in each.members],
    }
