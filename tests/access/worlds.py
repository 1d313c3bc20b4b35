"""Random businesses, each in the product and in the reference model."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.files import Upload
from crm_app.services.records import create_records, update_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.access_tables import ShareRow, TerritoryMemberRow, TerritoryRow
from crm_app.storage.system_tables import TeamMemberRow, TeamRow, TrashRow, UserRoleRow, UserRow, table_of
from tests.access.reference import RULES, Line, Person, Record, Role, Share, Team, Territory, World
from tests.builders import SYSTEM, Crm, field, object_body, role_body, select_field

OBJECTS = ("company", "deal", "note")
STAGES = ("open", "won", "lost")
ACTIONS = ("read", "create", "edit", "delete", "transfer", "bulk", "export", "share")
SCOPES = ("own", "team", "team_below", "territory", "territory_below", "all", "rule", "rule")
LOWERED = (("deal", "size"), ("deal", "stage"), ("deal", "secret"), ("deal", "company"), ("company", "city"))
_TABLES = (ShareRow, TerritoryMemberRow, UserRoleRow, TeamMemberRow, TrashRow)


@dataclass(frozen=True)
class Paper:
    """A file that a deal holds."""

    deal: UUID
    file: UUID


def package(world: World) -> Package:
    access = {name: {"managers_of_owner": True} if name in world.managers_count else {} for name in OBJECTS}
    total = {"relation": "deal_company", "function": "sum", "field": "size"}
    bodies = [
        object_body(
            "company", field("city"), field("keeper", "user"), field("total", "rollup", config=total),
            access=access["company"],
        ),
        object_body(
            "deal",
            field("size", "number"),
            select_field("stage", STAGES),
            field("secret"),
            field("company", "relation", config={"object": "company"}),
            field("region", "territory"),
            field("double", "formula", config={"formula": "size * 2"}),
            field("paper", "file"),
            access={**access["deal"], "territory": "region"},
        ),
        object_body("note", field("deal", "relation", config={"object": "deal"}), access=access["note"]),
    ]  # fmt: skip
    roles = [_role_body(name, role) for name, role in world.roles.items()]
    return load_package(
        {
            "objects": {f"objects/{body['name']}.json": body for body in bodies},
            "roles": {f"roles/{body['name']}.json": body for body in roles},
        }
    )


def _role_body(name: str, role: Role) -> dict[str, Any]:
    grants = [
        {"objects": [line.object], "actions": list(line.actions), "scope": line.scope, "effect": line.effect}
        for line in role.lines
    ]
    levels = [{"object": o, "field": f, "level": level} for (o, f), level in role.levels.items()]
    return role_body(name, *grants, inherits=list(role.parents), field_levels=levels)


def random_world(rng: Random) -> World:
    people: dict[UUID, Person] = {}
    for at in range(6):
        manager = rng.choice([None, *people]) if people else None
        roles = tuple(sorted(rng.sample(["r0", "r1", "r2", "r3"], rng.choice([1, 1, 2]))))
        person = Person(new_id(), f"P{at}", roles, manager)
        people[person.id] = person
    teams = _teams(rng, list(people))
    territories = _territories(rng, list(people))
    world = World(_roles(rng), people, teams, territories, [], {}, frozenset(rng.sample(OBJECTS, rng.choice([0, 1]))))
    for record in _records(rng, world):
        world.records[record.id] = record
    world.shares = _shares(rng, world)
    return world


def _roles(rng: Random) -> dict[str, Role]:
    found: dict[str, Role] = {}
    for at in range(4):
        parents = tuple(rng.sample(list(found), min(len(found), rng.choice([0, 0, 1, 2]))))
        lines = tuple(_line(rng, name) for name in OBJECTS for _ in range(rng.choice([1, 2, 2])))
        levels = {place: rng.choice(["none", "mask", "read"]) for place in rng.sample(LOWERED, rng.choice([0, 0, 1]))}
        found[f"r{at}"] = Role(parents, lines, levels)
    return found


def _line(rng: Random, name: str) -> Line:
    effect = rng.choices(["allow", "restrict", "deny"], [85, 10, 5])[0]
    actions = tuple(sorted({"read", *rng.sample(ACTIONS, 4)})) if effect == "allow" else (rng.choice(ACTIONS),)
    scope = rng.choice(SCOPES)
    if scope == "rule":
        scope = f"rule:{rng.choice(list(RULES[name]))}"
    return Line(name, actions if rng.random() < 0.8 or effect != "allow" else ("*",), scope, effect)


def _teams(rng: Random, people: list[UUID]) -> dict[UUID, Team]:
    found: dict[UUID, Team] = {}
    for _ in range(3):
        parent, manager = rng.choice([None, *found]), rng.choice([None, *people])
        found[new_id()] = Team(parent, manager, frozenset(rng.sample(people, rng.choice([1, 2, 3]))))
    return found


def _territories(rng: Random, people: list[UUID]) -> dict[UUID, Territory]:
    found: dict[UUID, Territory] = {}
    for _ in range(4):
        parent = rng.choice([None, *found])
        found[new_id()] = Territory(parent, frozenset(rng.sample(people, rng.choice([0, 1, 2]))))
    return found


def _records(rng: Random, world: World) -> list[Record]:
    people, found = [None, *world.people], list[Record]()

    def made(name: str, at: int, **values: Any) -> Record:
        record = Record(name, new_id(), {"name": f"{name} {at}", "owner": rng.choice(people), **values})
        found.append(record)
        return record

    companies = [
        made("company", n, city=rng.choice(["Oslo", "Rome", None]), keeper=rng.choice(people)) for n in range(5)
    ]
    deals = [
        made(
            "deal",
            n,
            size=rng.choice([None, 1, 5, 9, 10, 30]),
            stage=rng.choice([None, *STAGES]),
            secret=rng.choice([None, "x"]),
            company=rng.choice([None, *(each.id for each in companies)]),
            region=rng.choice([None, *world.territories]),
        )
        for n in range(10)
    ]
    for n in range(6):
        made("note", n, deal=rng.choice([None, *(each.id for each in deals)]))
    return found


def _shares(rng: Random, world: World) -> list[Share]:
    found: dict[tuple[UUID, str, Any], Share] = {}
    for record in rng.sample(list(world.records.values()), 6):
        kind = rng.choice(["user", "team", "role"])
        grantee = rng.choice({"user": [*world.people], "team": [*world.teams], "role": [*world.roles]}[kind])
        share = Share(record.id, kind, grantee, rng.choice(["read", "edit"]), rng.random() < 0.2)
        found[record.id, kind, grantee] = share
    return list(found.values())


def build(crm: Crm, world: World) -> list[Paper]:
    """The world in the product, in place of the one before."""
    crm.publish(package(world))
    with crm.work() as work:
        for table in _TABLES:
            work.connection.execute(delete(table_of(table)))
        work.connection.exec_driver_sql("UPDATE crm.app_user SET is_active = false, manager = NULL")
        work.connection.exec_driver_sql("UPDATE crm.team SET parent = NULL, manager = NULL")
        for name in reversed(OBJECTS):
            work.connection.execute(delete(work.schema.tables[name]))
        _insert_people(work, world)
    return _insert_records(crm, world)


def _insert_people(work: UnitOfWork, world: World) -> None:
    def put(model: Any, rows: list[dict[str, Any]]) -> None:
        if rows:
            work.connection.execute(insert(table_of(model)), rows)

    now = clock.now()
    own = {"password_hash": "", "time_zone": "", "is_active": True, "created_at": now}
    for p in world.people.values():
        put(UserRow, [{"id": p.id, "name": p.name, "email": f"{p.id}@example.com", "manager": p.manager, **own}])
    put(UserRoleRow, [{"user": p.id, "role": role} for p in world.people.values() for role in p.roles])
    for at, team in world.teams.items():
        put(TeamRow, [{"id": at, "name": str(at), "manager": team.manager, "parent": team.parent}])
        put(TeamMemberRow, [{"team": at, "user": user} for user in team.members])
    for at, territory in world.territories.items():
        put(TerritoryRow, [{"id": at, "name": str(at), "parent": territory.parent}])
        put(TerritoryMemberRow, [{"territory": at, "user": user} for user in territory.members])


def _insert_records(crm: Crm, world: World) -> list[Paper]:
    """Under the ids that they get; the model's records move to those."""
    moved: dict[UUID, UUID] = {}
    with crm.work() as work:
        for name in OBJECTS:
            records = list(world.of(name))
            raws = [{key: _raw(moved, value) for key, value in record.values.items()} for record in records]
            for record, saved in zip(records, create_records(work, name, raws), strict=True):
                moved[record.id] = saved.ref.id
    world.records = {
        moved[at]: Record(r.object, moved[at], {k: moved.get(v, v) for k, v in r.values.items()})
        for at, r in world.records.items()
    }
    world.shares = [Share(moved[s.record], s.kind, s.grantee, s.level, s.has_ended) for s in world.shares]
    with crm.work() as work:
        now = clock.now()
        for s in world.shares:
            until = now - timedelta(seconds=1) if s.has_ended else None
            row = {"id": new_id(), "object": world.records[s.record].object, "record": s.record, "kind": s.kind}
            row |= {"grantee": str(s.grantee), "level": s.level, "until": until, "at": now}
            work.connection.execute(insert(table_of(ShareRow)), row)
    return [_with_paper(crm, deal) for deal in list(world.of("deal"))[:2]]


def _raw(moved: dict[UUID, UUID], value: Any) -> Any:
    if isinstance(value, UUID):
        return str(moved.get(value, value))
    return None if value is None else str(value)


def _with_paper(crm: Crm, deal: Record) -> Paper:
    coming = Upload(crm.workspace, SYSTEM, "paper.txt")
    coming.write(b"text")
    kept = coming.keep()
    with crm.work() as work:
        update_record(work, RecordRef("deal", deal.id), {"paper": [{"id": str(kept.id)}]})
    return Paper(deal.id, kept.id)
