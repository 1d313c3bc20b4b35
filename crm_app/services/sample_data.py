"""Believable demo data of a package, from its `demo.json` and a seed: people, records, and the history they would have.
The recipe names the objects; this code names none.
"""

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from crm_app.access.who import Who
from crm_app.definitions.demo import Batch, Person, Recipe
from crm_app.definitions.load import load_definition
from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.ids import new_id
from crm_app.kernel.strict_json import loads
from crm_app.services.accounts import add_member, add_user, find_user
from crm_app.services.past_records import PastRecord, add_past_records
from crm_app.services.sample_life import live
from crm_app.services.sample_logins import Login, sample_logins
from crm_app.services.sample_values import make
from crm_app.services.sample_world import Made, World
from crm_app.services.teams import ensure_team
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace

SEED = 20


def load_sample_data(workspace: Workspace, package_folder: Path, *, seed: int = SEED) -> list[Login]:
    """All or nothing; does nothing where the demo's people are there already."""
    recipe = _recipe(package_folder)
    with workspace.work(SystemActor("demo data")) as work:
        if find_user(work, recipe.people[0].email) is None:
            dice = random.Random(seed)  # noqa: S311 - believable, not secret
            name_fields = {name: definition.name_field for name, definition in work.catalog.by_name.items()}
            world = World(recipe, dice, clock.now(), name_fields, _people(work, recipe))
            for batch in recipe.records:
                _add(work, world, batch)
    return sample_logins(package_folder)


def _recipe(folder: Path) -> Recipe:
    return load_definition(Recipe, loads((folder / "demo.json").read_bytes()), "demo.json")


def _people(work: UnitOfWork, recipe: Recipe) -> list[Who]:
    """Leaders come first, because their teams' members have them as managers."""
    leaders: dict[str, UUID] = {}
    teams: dict[str, UUID] = {}
    parent = ensure_team(work, recipe.parent_team) if recipe.parent_team else None
    found: list[Who] = []
    for person in sorted(recipe.people, key=lambda each: not each.leads):
        who = _person(work, recipe, person, leaders.get(person.team))
        found.append(who)
        if person.leads and who.user_id:
            leaders[person.team] = who.user_id
            teams[person.team] = ensure_team(work, person.team, manager=who.user_id, parent=parent)
        if person.team and who.user_id:
            add_member(work, teams[person.team], who.user_id)
    return found


def _person(work: UnitOfWork, recipe: Recipe, person: Person, manager: UUID | None) -> Who:
    password = recipe.password if person.login else ""
    user = add_user(
        work, person.name, person.email, roles=person.roles, password=password, manager=manager, is_demo=True
    )
    return Who(user, person.name, person.email, roles=person.roles)


def _add(work: UnitOfWork, world: World, batch: Batch) -> None:
    relations = {f.name: f.target for f in work.definition(batch.object).fields if f.field_type.is_relation}
    made: list[Made] = []
    for each in _begun(world, batch):
        _fill(world, batch, each, relations)
        live(world, batch, each)
        world.keep(each)
        made.append(each)
    add_past_records(work, batch.object, [PastRecord(each.id, each.moments) for each in made])


def _begun(world: World, batch: Batch) -> Iterator[Made]:
    """The records of a batch with the time of their creation and their owner."""
    if batch.per is not None:
        for parent in list(world.made[batch.per]):
            yield from _belonging(world, batch, parent)
        return
    rows = batch.rows or tuple({} for _ in range(batch.count))
    moments = sorted(world.moment(batch.days_ago, batch.growth) for _ in rows)
    for at, row in zip(moments, rows, strict=True):
        yield _blank(world, batch, at, None, dict(row))


def _belonging(world: World, batch: Batch, parent: Made) -> Iterator[Made]:
    if any(parent.values.get(name) != value for name, value in batch.only.items()):
        return
    for _ in range(world.dice.randint(*batch.each)):
        at = _since(world, batch, parent) + world.days(batch.days_after)
        if at < world.now:
            yield _blank(world, batch, max(world.at_work(at), parent.created), parent, {})


def _since(world: World, batch: Batch, parent: Made) -> datetime:
    if not batch.since:
        return parent.created
    return datetime.combine(datetime.fromisoformat(parent.values[batch.since]).date(), time(12), world.now.tzinfo)


def _blank(world: World, batch: Batch, at: datetime, parent: Made | None, values: dict[str, Any]) -> Made:
    owner = parent.owner if parent and batch.owner == "parent" else world.someone(batch.owner)
    return Made(new_id(), batch.object, at, owner, parent, values)


def _fill(world: World, batch: Batch, made: Made, relations: dict[str, str]) -> None:
    for name, spec in batch.values.items():
        value = make(world, spec, made)
        if value in (None, ""):
            continue
        made.values[name] = value
        target = world.by_id.get(str(value)) if name in relations else None
        if target:
            made.links[name] = target
            made.created = min(max(made.created, target.created + timedelta(minutes=1)), world.now)
