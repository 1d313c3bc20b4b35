"""Random businesses: what their people may do, and what there is."""

from random import Random
from typing import Any
from uuid import UUID

from crm_app.definitions.load import load_package
from crm_app.definitions.package import Package
from crm_app.kernel.ids import new_id
from tests.access.facts import Line, Person, Record, Role, Share, Team, Territory, Values, Way, World
from tests.access.reference import RULES
from tests.builders import field, object_body, role_body, select_field

OBJECTS = ("company", "deal", "note")
STAGES = ("open", "won", "lost")
ACTIONS = ("read", "create", "edit", "delete", "transfer", "bulk", "export", "share", "import")
SCOPES = ("own", "team", "team_below", "territory", "territory_below", "all", "rule", "rule")
LOWERED = (
    ("deal", "size"), ("deal", "stage"), ("deal", "secret"), ("deal", "company"), ("deal", "partners"),
    ("company", "city"),
)  # fmt: skip


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
            field("partners", "many_to_many", config={"object": "company"}),
            field("region", "territory"),
            field("double", "formula", config={"formula": "size * 2"}),
            field("paper", "file"),
            access={**access["deal"], "territory": "region"},
            pipelines=[_pipeline(world.way)],
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


def _pipeline(way: Way) -> dict[str, Any]:
    won = {"rule": f"size >= {way.least}", "message": "It has to be large.", "on": "move"}
    lost = {"required": ["secret"] if way.asks else [], "on": "move"}
    return {
        "name": "way",
        "label": "Way",
        "field": "stage",
        "back": way.returns,
        "stages": [
            {"name": "open"},
            {"name": "won", "kind": "won", "gate": won, "roles": list(way.winners)},
            {"name": "lost", "kind": "lost", "gate": lost},
        ],
    }


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
    managed = frozenset(rng.sample(OBJECTS, rng.choice([0, 1])))
    world = World(_roles(rng), people, teams, territories, [], {}, managed, _way(rng))
    for record in _records(rng, world):
        world.records[record.id] = record
    world.shares = _shares(rng, world)
    companies = [each.id for each in world.of("company")]
    for deal in rng.sample(list(world.of("deal")), 4):
        first: Values = {"size": 2, "company": rng.choice(companies)}
        world.past[deal.id] = {name: value for name, value in first.items() if deal.values[name] != value}
    return world


def _way(rng: Random) -> Way:
    winners = tuple(rng.sample(["r0", "r1", "r2", "r3"], rng.choice([0, 1, 2])))
    return Way(winners, rng.choice([0, 9]), rng.random() < 0.5, rng.random() < 0.7)


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
            secret=rng.choice([None, f"hush {n}"]),
            company=rng.choice([None, *(each.id for each in companies)]),
            partners=frozenset(each.id for each in rng.sample(companies, rng.choice([0, 0, 1, 2]))),
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
