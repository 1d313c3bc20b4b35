"""Roles, what a change of one would mean, and who has it; for administrators."""

from typing import Any

from crm_app.api.call import Answer, BadBody, Call
from crm_app.api.etags import etag, required_version
from crm_app.api.parameters import read_parameters
from crm_app.api.refusals import PreconditionFailed
from crm_app.automation.checks import check
from crm_app.automation.plans import role_warnings
from crm_app.definitions.diff import Change
from crm_app.definitions.load import load_definition
from crm_app.definitions.package import Package
from crm_app.definitions.role import RoleDefinition
from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import parse_id
from crm_app.services.definitions import How, publish
from crm_app.services.difference_words import headline
from crm_app.services.draft_store import require_administrator
from crm_app.services.role_difference import ActionChange, Difference, Felt, FieldChange
from crm_app.services.role_people import give_role, holders, take_role
from crm_app.services.roles import people_by_role, require_sound_role, role_difference, stored_role
from crm_app.services.unit_of_work import UnitOfWork

_NONE: frozenset[str] = frozenset()


def read_all(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    require_administrator(work)
    counts = people_by_role(work)
    roles = sorted(work.schema.stored.roles, key=lambda role: role.name)
    return Answer({"roles": [{**role.canonical(), "people": counts.get(role.name, 0)} for role in roles]})


def read_one(work: UnitOfWork, call: Call) -> Answer:
    """With the lines that Casbin gets."""
    read_parameters(call.query, _NONE)
    require_administrator(work)
    role = stored_role(work, call.path["role"])
    return _answer(role, _version(work, role.name))


def save(work: UnitOfWork, call: Call) -> Answer:
    """The whole role as it is to be, with the reason; a new one, too."""
    read_parameters(call.query, _NONE)
    require_administrator(work)
    role, reason = _body(call, "role", "reason")
    base, live = required_version(call.headers.get("if-match")), _version(work, role.name)
    if base is not None and base != live:
        said = f"The role was saved as version {live} since you read version {base}. Read it again, then change that."
        raise PreconditionFailed(said)
    changes = publish(work, Package(roles=(role,)), (check,), How(note=reason[:500]))
    version = work.schema.version + 1 if changes else live
    return _answer(role, version, changes)


def compare(work: UnitOfWork, call: Call) -> Answer:
    """What everybody would gain and lose; nothing is saved."""
    read_parameters(call.query, _NONE)
    require_administrator(work)
    role, _ = _body(call, "role")
    require_sound_role(work, role, (check,))
    warnings = role_warnings(work, role)
    return Answer({**_difference(work, role_difference(work, role)), "warnings": warnings})


def read_people(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    found = holders(work, call.path["role"])
    return Answer(
        {"people": [{"id": str(p.id), "name": p.name, "email": p.email, "active": p.is_active} for p in found]}
    )


def give(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    give_role(work, call.path["role"], _person(call))
    return Answer(status=204)


def take(work: UnitOfWork, call: Call) -> Answer:
    read_parameters(call.query, _NONE)
    call.require_nothing()
    take_role(work, call.path["role"], _person(call))
    return Answer(status=204)


def _person(call: Call) -> Any:
    found = parse_id(call.path["person"])
    if found is None:
        raise NotFound("There is no such person.")
    return found


def _body(call: Call, *keys: str) -> tuple[RoleDefinition, str]:
    body = call.json_object()
    if "role" not in body or set(body) - set(keys) or not isinstance(body.get("reason", ""), str):
        raise BadBody(f"The body is one JSON object with the keys {' and '.join(keys)}.")
    role = load_definition(RoleDefinition, body["role"], "role")
    if role.name != call.path["role"]:
        raise BadBody(f"The role in the body is called '{role.name}', and the address says '{call.path['role'][:50]}'.")
    return role, str(body.get("reason", ""))


def _version(work: UnitOfWork, name: str) -> int:
    """The version of the definitions that made the role what it is; 0 for none."""
    return max((version for kind, each, version in work.schema.loaded if (kind, each) == ("roles", name)), default=0)


def _answer(role: RoleDefinition, version: int, changes: list[Change] | None = None) -> Answer:
    body: dict[str, Any] = {"role": role.canonical(), "lines": role.policy_lines(), "version": version}
    if changes is not None:
        body["changes"] = [str(change) for change in changes]
    return Answer(body, headers={"etag": etag(version)})


def _difference(work: UnitOfWork, found: Difference) -> dict[str, Any]:
    return {
        "sentence": headline(work.catalog, found),
        "actions": [_action(each) for each in found.actions],
        "fields": [_field(each) for each in found.fields],
    }


def _action(change: ActionChange) -> dict[str, Any]:
    return {
        "object": change.object,
        "action": change.action,
        "gain": change.is_gain,
        "records": change.records,
        "people": [_felt(each) for each in change.people],
        "samples": [{"id": str(record), "name": name} for record, name in change.samples],
    }


def _field(change: FieldChange) -> dict[str, Any]:
    people = [_felt(each) for each in change.people]
    return {"object": change.object, "field": change.field, "from": change.before, "to": change.after, "people": people}


def _felt(felt: Felt) -> dict[str, Any]:
    return {"id": str(felt.person), "name": felt.name, "records": felt.records}
