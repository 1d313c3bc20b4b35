"""Teams, their managers and members; for administrators."""

from typing import Any
from uuid import UUID

from crm_app.api.call import Answer, Call
from crm_app.api.parameters import read_parameters
from crm_app.api.users import body_of, known_id, optional_id, text_in, texts_in
from crm_app.kernel.errors import NotFound
from crm_app.services.teams import Team, list_teams, remove_team, save_team
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()
_KEYS = frozenset({"name", "manager", "parent", "members"})


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer({"teams": [_team(each) for each in list_teams(work)]})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer(_team(_found(work, known_id(call.path["team"]))))


def make(work: UnitOfWork, call: Call) -> Answer:
    body = body_of(call, _KEYS)
    team = save_team(
        work,
        None,
        text_in(body, "name"),
        manager=optional_id(body.get("manager")),
        parent=optional_id(body.get("parent")),
        members=[known_id(each) for each in texts_in(body, "members")],
    )
    return Answer(_team(_found(work, team)), status=201)


def change(work: UnitOfWork, call: Call) -> Answer:
    """What the body leaves out stays."""
    body = body_of(call, _KEYS)
    before = _found(work, known_id(call.path["team"]))
    members = [known_id(each) for each in texts_in(body, "members")] if "members" in body else list(before.members)
    save_team(
        work,
        before.id,
        text_in(body, "name") if "name" in body else before.name,
        manager=optional_id(body["manager"]) if "manager" in body else before.manager,
        parent=optional_id(body["parent"]) if "parent" in body else before.parent,
        members=members,
    )
    return Answer(_team(_found(work, before.id)))


def remove(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    remove_team(work, known_id(call.path["team"]))
    return Answer(status=204)


def _found(work: UnitOfWork, team: UUID) -> Team:
    found = next((each for each in list_teams(work) if each.id == team), None)
    if found is None:
        raise NotFound("There is no such team.")
    return found


def _team(each: Team) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "name": each.name,
        "manager": str(each.manager) if each.manager else None,
        "parent": str(each.parent) if each.parent else None,
        "members": [{"id": str(user), "name": name} for user, name in each.members.items()],
    }
