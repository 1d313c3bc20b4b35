"""`policies/decisions/sales.csv` is the truth about who may do what in the sales package, and the door agrees.

A line holds a role, an object and an action; its columns say whose record it is about: the actor's `own`, that of
somebody in the same `team`, in a team `below` it, in an`other` one, or `nobody`'s. The role may be empty.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from crm_app.access.visible import EVERYONE
from crm_app.kernel.actor import SystemActor, UserActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.runtime.postgres import EmbeddedPostgres
from crm_app.services.accounts import add_member, add_team, add_user
from crm_app.services.live import POLICIES
from crm_app.services.prepare import prepare_workspace
from crm_app.services.records import create_record, delete_record, get_record, update_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from tests.databases import database

TABLE = POLICIES / "decisions" / "sales.csv"
WHOSE = ("own", "team", "below", "other", "nobody")
SYSTEM = SystemActor("decisions")


@dataclass
class Cast:
    """`actors` are the people that the table is about, by role; `people` who else may own a record, seen from them."""

    workspace: Workspace
    people: dict[str, UUID]
    actors: dict[str, UUID]

    def owner(self, role: str, whose: str) -> UUID | None:
        return self.actors[role] if whose == "own" else self.people.get(whose)


def _lines() -> list[dict[str, str]]:
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def cast(postgres_server: EmbeddedPostgres) -> Iterator[Cast]:
    with database(postgres_server) as url:
        workspace = Workspace.open(url, pool_size=2)
        prepare_workspace(workspace)
        yield _cast(workspace)
        workspace.close()


def _cast(workspace: Workspace) -> Cast:
    with workspace.work(SYSTEM) as work:
        actors = {
            role: add_user(work, role or "Nobody", f"{role or 'no.role'}@example.com", roles=[role] if role else [])
            for role in ("sales_rep", "sales_manager", "admin", "")
        }
        people = {whose: add_user(work, whose, f"{whose}@example.com") for whose in ("team", "below", "other")}
        team = add_team(work, "Team", manager=actors["sales_manager"])
        below, other = add_team(work, "Below", parent=team), add_team(work, "Other")
        for member in (*actors.values(), people["team"]):
            add_member(work, team, member)
        add_member(work, below, people["below"])
        add_member(work, other, people["other"])
    return Cast(workspace, people, actors)


def _name_of(work: UnitOfWork, name: str) -> str:
    return work.catalog.by_name[name].name_field


def _does(cast: Cast, role: str, action: str, name: str, owner: UUID | None) -> None:
    """Does it as the actor, in a transaction that is undone by the caller."""
    actor = UserActor(cast.actors[role])
    ref = _record(cast, name, owner)
    with cast.workspace.work(actor) as work:
        field = _name_of(work, name)
        match action:
            case "read":
                get_record(work, ref)
            case "create":
                own = {} if owner == actor.user_id else {"owner": owner}
                create_record(work, name, {field: f"New {new_id()}", **own})
            case "edit":
                update_record(work, ref, {field: f"Edited {new_id()}"})
            case "delete":
                delete_record(work, ref)
            case "transfer":
                others = [person for person in (actor.user_id, cast.people["team"]) if person != owner]
                update_record(work, ref, {"owner": others[0]})
            case _:
                found = work.records.fetch(name, [ref.id], EVERYONE)
                work.require(action, name, found.values())  # pyright: ignore[reportArgumentType]


def _record(cast: Cast, name: str, owner: UUID | None) -> RecordRef:
    with cast.workspace.work(SYSTEM) as work:
        return create_record(work, name, {_name_of(work, name): f"Record {new_id()}", "owner": owner}).ref


def _title(line: dict[str, str]) -> str:
    return f"{line['role'] or 'no role'} {line['action']} {line['object']}"


@pytest.mark.parametrize("line", _lines(), ids=_title)
def test_the_door_decides_as_the_table_says(cast: Cast, line: dict[str, str]) -> None:
    decided = {}
    for whose in WHOSE:
        try:
            _does(cast, line["role"], line["action"], line["object"], cast.owner(line["role"], whose))
        except (NotFound, Forbidden, Invalid):
            decided[whose] = "no"
        else:
            decided[whose] = "yes"
    assert decided == {whose: line[whose] for whose in WHOSE}


def test_the_table_leaves_nothing_out(cast: Cast) -> None:
    with cast.workspace.work(SYSTEM) as work:
        roles = {*(role.name for role in work.catalog.roles), "admin", ""}
        objects = {definition.name for definition in work.catalog.objects}
    lines = _lines()
    actions = {line["action"] for line in lines}
    assert {(line["role"], line["object"], line["action"]) for line in lines} == {
        (role, name, action) for role in roles for name in objects for action in actions
    }
    assert len(lines) == len(roles) * len(objects) * len(actions)
