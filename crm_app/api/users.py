"""People: read, invited, changed, let go and let in again; for administrators."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.parameters import read_parameters
from crm_app.automation.checks import check
from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.services import users
from crm_app.services.duties import duties
from crm_app.services.handing_over import hand_over, holdings
from crm_app.services.sessions import end_sessions, list_sessions
from crm_app.services.teams import move_to_teams
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import User

_NONE: frozenset[str] = frozenset()
_WELCOME = "/welcome?token="


def read_all(work: UnitOfWork, call: Call) -> Answer:
    asked = read_parameters(call.query, frozenset({"search"}))
    found = users.list_users(work, asked.text("search"))
    return Answer({"users": [_user(each) for each in found]})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    return Answer(_user(users.get_user(work, _id(call))))


def invite(work: UnitOfWork, call: Call) -> Answer:
    """The answer holds the path of the link, which is given this once."""
    body = body_of(call, frozenset({"name", "email", "roles", "teams", "manager"}))
    made = users.invite_user(
        work,
        text_in(body, "name"),
        text_in(body, "email"),
        roles=texts_in(body, "roles"),
        manager=optional_id(body.get("manager")),
        teams=[known_id(each) for each in texts_in(body, "teams")],
    )
    return Answer({"user": _user(users.get_user(work, made.user)), "link": _WELCOME + made.secret}, status=201)


def change(work: UnitOfWork, call: Call) -> Answer:
    """What the body leaves out stays."""
    body = body_of(call, frozenset({"name", "roles", "teams", "manager"}))
    person = users.get_user(work, _id(call))
    name = text_in(body, "name") if "name" in body else person.name
    manager = optional_id(body["manager"]) if "manager" in body else person.manager
    users.change_user(work, person.id, name, manager)
    if "roles" in body:
        users.set_roles(work, person.id, texts_in(body, "roles"))
    if "teams" in body:
        move_to_teams(work, person.id, [known_id(each) for each in texts_in(body, "teams")])
    return Answer(_user(users.get_user(work, person.id)))


def make_link(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    return Answer({"link": _WELCOME + users.new_link(work, _id(call)).secret}, status=201)


def deactivate(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    users.deactivate_user(work, _id(call))
    return Answer(_user(users.get_user(work, _id(call))))


def activate(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    users.reactivate_user(work, _id(call))
    return Answer(_user(users.get_user(work, _id(call))))


def read_holdings(work: UnitOfWork, call: Call) -> Answer:
    """What somebody owns and is there for, by its kind."""
    read_parameters(call.query, _NONE)
    user = users.get_user(work, _id(call)).id
    return Answer({"records": dict(holdings(work, user)), "duties": dict(duties(work, user))})


def give_over(work: UnitOfWork, call: Call) -> Answer:
    """A thousand records at a time; once more while `left` is true."""
    body = body_of(call, frozenset({"to"}))
    done = hand_over(work, _id(call), known_id(text_in(body, "to")), (check,))
    return Answer({"given": done.given, "kept": done.kept, "reasons": list(done.reasons), "left": done.left})


def read_sessions(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    found = list_sessions(work, users.get_user(work, _id(call)).id)
    moments = ("created_at", "last_used_at", "expires_at")
    shown = [
        {"id": str(s.id), "device": s.device, "address": s.address, "method": s.method}
        | {name: getattr(s, name).isoformat() for name in moments}
        for s in found
    ]
    return Answer({"sessions": shown})


def drop_sessions(work: UnitOfWork, call: Call) -> Answer:
    call.require_nothing()
    return Answer({"ended": end_sessions(work, users.get_user(work, _id(call)).id)})


def _user(each: User) -> dict[str, Any]:
    return {
        "id": str(each.id),
        "name": each.name,
        "email": each.email,
        "state": each.state.replace(" ", "_"),
        "roles": list(each.roles),
        "teams": [{"id": str(team), "name": name} for team, name in each.teams.items()],
        "manager": str(each.manager) if each.manager else None,
        "has_second_factor": each.has_second_factor,
        "last_seen": each.last_seen.isoformat() if each.last_seen else None,
    }


def _id(call: Call) -> UUID:
    return known_id(call.path["user"])


def known_id(text: object) -> UUID:
    found = parse_id(str(text))
    if found is None:
        raise NotFound("There is nobody, and no team, by that id.")
    return found


def optional_id(value: object) -> UUID | None:
    return None if value is None else known_id(value)


def body_of(call: Call, known: frozenset[str]) -> Mapping[str, Any]:
    read_parameters(call.query, _NONE)
    body = call.json_object()
    if not set(body) <= known:
        raise BadBody(f"The body has only these keys: {', '.join(sorted(known))}.")
    return body


def text_in(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise BadBody(f"`{name}` is text.")
    return value


def texts_in(body: Mapping[str, Any], name: str) -> list[str]:
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in cast("list[Any]", value)):
        raise BadBody(f"`{name}` is a list of texts.")
    return cast("list[str]", value)
