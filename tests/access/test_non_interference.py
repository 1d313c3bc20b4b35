"""Two databases that differ only in what somebody can't see give them the same answers, byte for byte: one world is
changed where the actor can't see it, and everything is asked again. `TRELLIS_PAIRS=1000` asks more pairs.
"""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.records import create_record
from crm_app.ui.door import DOOR
from tests.access.asking import Asker, pointing
from tests.access.automating import blocks_in
from tests.access.building import build
from tests.access.facts import FIELDS, Person, Record, World
from tests.access.reference import HIDDEN, Model
from tests.access.worlds import ACTIONS, OBJECTS, STAGES, package, random_world
from tests.builders import Crm
from tests.events import Fire, firing

PAIRS = int(os.environ.get("TRELLIS_PAIRS", "6"))
RECORDS = 8 if PAIRS > 6 else 4
FIRST = int(os.environ.get("TRELLIS_WORLD", "1"))


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, package(random_world(Random(0))))  # noqa: S311 - the same worlds every time
    yield crm
    crm.close()


@pytest.mark.timeout(60 + 60 * PAIRS)
async def test_what_nobody_sees_changes_no_answer(
    crm: Crm, record_testsuite_property: Callable[[str, object], None]
) -> None:
    asked, answers, number = 0, 0, FIRST
    DOOR.connect(lambda: crm.workspace)
    async with _at_one_moment() as fire:
        while asked < PAIRS:
            rng = Random(number)  # noqa: S311 - likewise
            world = random_world(rng)
            build(crm, world)
            blocks = blocks_in(crm)
            for me in world.people.values():
                changes, born = _unseen_changes(world, me, rng), _unseen_births(world, me)
                if not (changes or born) or asked >= PAIRS:
                    continue
                asker = Asker(crm, fire, me, rng.sample(list(world.records.values()), RECORDS), blocks)
                before = await asker.everything()
                with _changed(crm, changes, born):
                    after = await asker.everything()
                different = [key for key in before if before[key] != after[key]]
                shown = [(key, *_parting(before[key], after[key])) for key in different[:3]]
                assert not different, f"world {number}, {me.name}: {changes} and {born} changed {shown}"
                asked += 1
                answers += len(after)
            number += 1
    record_testsuite_property("pairs", f"{asked:,} in {number - FIRST} worlds, {answers:,} answers compared")


OTHERS: dict[str, dict[str, list[Any]]] = {
    "company": {"city": ["Oslo", "Rome"]},
    "deal": {"size": [1, 30], "secret": ["x", "y"], "stage": [*STAGES]},
    "note": {},
}


@asynccontextmanager
async def _at_one_moment() -> AsyncIterator[Fire]:
    """What handles events keeps the clock that it began with."""
    with clock.frozen(clock.now()):
        async with firing() as fire:
            yield fire


Change = tuple[UUID, str, Any, Any]


def _unseen_changes(world: World, me: Person, rng: Random) -> list[Change]:
    """Values that the actor may not know, chosen so that what they may do with which records stays the same."""
    model, found = Model(world), list[Change]()
    verdicts = _verdicts(model, me)
    for record in list(world.records.values()):
        for field, values in {"name": ["Changed"], **OTHERS[record.object]}.items():
            is_closed = not model.has(me, "read", record.object) or model.level(me, record.object, field) == HIDDEN
            old, new = record.values[field], rng.choice(values)
            if old == new or (("read", record.id) in verdicts and not is_closed):
                continue
            record.values[field] = new
            if _verdicts(model, me) == verdicts:
                found.append((record.id, f"{record.object}.{field}", old, new))
            else:
                record.values[field] = old
    for record, place, old, _new in found:
        world.records[record].values[place.partition(".")[2]] = old
    return found


def _verdicts(model: Model, me: Person) -> set[tuple[str, UUID]]:
    """What they may do with every record, which they may point at with a new one of their own, and which deals may be
    won: a gate's rule is the business's, whoever may see what it reads.
    """
    records = list(model.world.records.values())
    found = {(action, each.id) for each in records for action in ACTIONS if model.can(me, action, each)}
    deals = [each for each in records if each.object == "deal"]
    found |= {(f"won: {model.change(me, each, {'stage': 'won'})}", each.id) for each in deals}
    for each in records:
        name, values = pointing(RecordRef(each.object, each.id))
        owned = Record(name, UUID(int=1), {**dict.fromkeys(FIELDS[name]), **values, "partners": frozenset[UUID]()})
        owned.values["owner"] = me.id
        relation = "company" if name == "deal" else "deal"
        owned.values[relation] = each.id
        if model.can(me, "create", owned):
            found.add(("point at", each.id))
    return found


def _parting(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """From a little before where they part."""
    at = max(0, next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0) - 80)
    return before[at : at + 300], after[at : at + 300]


def _unseen_births(world: World, me: Person) -> list[Record]:
    """Records that could be there without this person's knowing, or doing anything differently."""
    model, found = Model(world), list[Record]()
    verdicts = _verdicts(model, me)
    for name in OBJECTS:
        new = Record(name, new_id(), {**dict.fromkeys(FIELDS[name]), "partners": frozenset[UUID](), "owner": None})
        world.records[new.id] = new
        seen = {verdict for verdict in _verdicts(model, me) if verdict[1] == new.id}
        others = {verdict for verdict in _verdicts(model, me) if verdict[1] != new.id}
        if not seen & {("read", new.id), ("point at", new.id)} and others == verdicts:
            found.append(new)
        del world.records[new.id]
    return found


@contextmanager
def _changed(crm: Crm, changes: list[Change], born: list[Record]) -> Iterator[None]:
    with crm.work() as work:
        made = [create_record(work, record.object, {"name": "Unheard of", "owner": None}).ref for record in born]
    _apply(crm, changes)
    yield
    _apply(crm, [(record, name, old, new) for record, name, new, old in changes])
    with crm.work() as work:
        for ref in made:
            table = work.schema.tables[ref.object]
            work.connection.execute(delete(table).where(table.c.id == ref.id))


def _apply(crm: Crm, changes: list[Change]) -> None:
    """Behind everybody's back: neither history nor versions tell of it."""
    with crm.work() as work:
        for record, place, _old, new in changes:
            name, _, field = place.partition(".")
            table = work.schema.tables[name]
            work.connection.execute(update(table).where(table.c.id == record).values({field: new}))
