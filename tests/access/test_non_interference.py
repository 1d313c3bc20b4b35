"""Two databases that differ only in what somebody can't see give them the same answers, byte for byte: one world is
changed where the actor can't see it, and everything is asked again. `TRELLIS_PAIRS=1000` asks more pairs.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.routing import Mount

from crm_app.api.app import create_api
from crm_app.kernel.actor import UserActor
from crm_app.kernel.errors import TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.rules.errors import RuleError
from crm_app.services.api_keys import KeyWish, create_key
from crm_app.services.bulk_edit import Chosen, edit_records
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.lists import aggregate_records, count_records, list_records, search_names
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.records import create_record, delete_record, get_record, update_record
from crm_app.services.timeline import related_records, timeline
from crm_app.services.trash import deleted_records
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import why_not
from tests.access.reference import FIELDS, HIDDEN, Model, Person, Record, World
from tests.access.worlds import ACTIONS, OBJECTS, build, package, random_world
from tests.builders import Crm
from tests.integration.api_client import InProcess

PAIRS = int(os.environ.get("TRELLIS_PAIRS", "8"))
RECORDS, WHYS = (8, 3) if PAIRS > 8 else (4, 1)
FIRST = int(os.environ.get("TRELLIS_WORLD", "1"))
SORTS = {"company": ("total", "city"), "deal": ("size", "double", "company"), "note": ("deal", "name")}
RULES = {
    "company": ("any(deal_company where size > 5)", "count(deal_company) > 1", "total > 5"),
    "deal": ("company.city = 'Oslo'", "size > 5", "any(note_deal)", "secret is empty", "company is empty"),
    "note": ("deal.size > 5", "deal is empty", "deal.company.city = 'Oslo'"),
}


@pytest.fixture
def crm(database_url: str) -> Iterator[Crm]:
    crm = Crm(database_url, package(random_world(Random(0))))  # noqa: S311 - the same worlds every time
    yield crm
    crm.close()


@pytest.mark.timeout(60 + 60 * PAIRS)
def test_what_nobody_sees_changes_no_answer(crm: Crm) -> None:
    asked, number = 0, FIRST
    while asked < PAIRS:
        rng = Random(number)  # noqa: S311 - likewise
        world = random_world(rng)
        build(crm, world)
        for me in world.people.values():
            changes = _unseen_changes(world, me, rng)
            if not changes or asked >= PAIRS:
                continue
            asker = Asker(crm, me, rng.sample(list(world.records.values()), RECORDS))
            before = asker.everything()
            _apply(crm, changes)
            after = asker.everything()
            _apply(crm, [(record, name, old, new) for record, name, new, old in changes])
            different = [key for key in before if before[key] != after[key]]
            said = {key: (before[key], after[key]) for key in different[:2]}
            assert before == after, f"world {number}, {me.name}: {changes} changed {said}"
            asked += 1
        number += 1


Change = tuple[UUID, str, Any, Any]


def _unseen_changes(world: World, me: Person, rng: Random) -> list[Change]:
    """Values that the actor may not know, chosen so that what they may do with which records stays the same."""
    model, found = Model(world), list[Change]()
    verdicts = _verdicts(model, me)
    for record in list(world.records.values()):
        own = {"company": {"city": ["Oslo", "Rome"]}, "deal": {"size": [1, 30], "secret": ["x", "y"]}, "note": {}}
        for field, values in {"name": ["Changed"], **own[record.object]}.items():
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
    """What they may do with every record, and which they may point at with a new one of their own."""
    records = list(model.world.records.values())
    found = {(action, each.id) for each in records for action in ACTIONS if model.can(me, action, each)}
    for each in records:
        name, values = _pointing(RecordRef(each.object, each.id))
        owned = Record(name, UUID(int=1), {**dict.fromkeys(FIELDS[name]), **values, "owner": me.id})
        relation = "company" if name == "deal" else "deal"
        owned.values[relation] = each.id
        if model.can(me, "create", owned):
            found.add(("point at", each.id))
    return found


def _apply(crm: Crm, changes: list[Change]) -> None:
    """Behind everybody's back: neither history nor versions tell of it."""
    with crm.work() as work:
        for record, place, _old, new in changes:
            name, _, field = place.partition(".")
            table = work.schema.tables[name]
            work.connection.execute(update(table).where(table.c.id == record).values({field: new}))


class Asker:
    """Asks as one person on every surface, and keeps each answer as bytes."""

    def __init__(self, crm: Crm, me: Person, some: list[Record]) -> None:
        self._crm, self._me, self._some = crm, me, some
        with crm.work() as work:
            key = create_key(work, f"{me.id}@example.com", KeyWish()).key
        app = Starlette(routes=[Mount("/api", create_api(lambda: crm.workspace))])
        headers = {"authorization": f"Bearer {key}"}
        self._client = httpx.Client(transport=InProcess(app), base_url="http://trellis", headers=headers)

    def everything(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        with self._crm.workspace.reading(UserActor(self._me.id)) as work:
            for name in OBJECTS:
                for key, ask in self._questions(work, name).items():
                    found[f"{name}: {key}"] = _said(ask)
        for record in self._some:
            ref = RecordRef(record.object, record.id)
            for key, act in self._acts(ref).items():
                found[f"{record.values['owner']} {ref} {key}"] = self._undone(act)
        for name in OBJECTS:
            asked = CsvExport(RecordQuery(name, sort=(Sort("created_at"),), fields=("name",)))
            found[f"{name}: export"] = _said(
                lambda asked=asked: b"".join(csv_stream(self._crm.workspace, UserActor(self._me.id), lambda _w: asked))
            )
            for path in ("", "/count", "/aggregate?group_by=owner", "/deleted", "?expand=owner&limit=100"):
                found[f"{name}: GET {path}"] = self._client.get(f"/api/v1/objects/{name}/records{path}").content
        found["search"] = self._client.get("/api/v1/search?q=1").content
        return found

    def _questions(self, work: UnitOfWork, name: str) -> dict[str, Callable[[], Any]]:
        query = RecordQuery(name, sort=(Sort("created_at"),), limit=100)
        found: dict[str, Callable[[], Any]] = {
            "list": lambda: list_records(work, query),
            "count": lambda: count_records(work, query),
            "search": lambda: search_names(work, name, "", 50),
            "changed": lambda: search_names(work, name, "chang", 50),
            "trash": lambda: deleted_records(work, name),
        }
        for field in SORTS[name]:
            found[f"sort {field}"] = lambda field=field: list_records(work, RecordQuery(name, sort=(Sort(field),)))
            found[f"group {field}"] = lambda field=field: aggregate_records(work, query, field)
        for rule in RULES[name]:
            found[f"rule {rule}"] = lambda rule=rule: list_records(work, RecordQuery(name, rule=rule))
        for record in (each for each in self._some if each.object == name):
            ref = RecordRef(name, record.id)
            found[f"get {record.id}"] = lambda ref=ref: get_record(work, ref)
            found[f"timeline {record.id}"] = lambda ref=ref: timeline(work, ref)
            found[f"related {record.id}"] = lambda ref=ref: (get_record(work, ref), related_records(work, ref))[1]
            for action in ("edit", "delete") if record in self._some[:WHYS] else ():
                found[f"why {action} {record.id}"] = lambda ref=ref, action=action: why_not(work, ref, action)
        return found

    def _acts(self, ref: RecordRef) -> dict[str, Callable[[UnitOfWork], Any]]:
        """Which are undone; a refusal must not tell either."""
        return {
            "edit": lambda work: _plain(update_record(work, ref, {"name": "Changed"}).values),
            "delete": lambda work: delete_record(work, ref),
            "bulk": lambda work: edit_records(work, ref.object, [Chosen(ref.id)], {"name": "Many"}),
            "point at it": lambda work: _plain(create_record(work, *_pointing(ref)).values),
        }

    def _undone(self, act: Callable[[UnitOfWork], Any]) -> bytes:
        found = b""
        with suppress(_Undo), self._crm.workspace.work(UserActor(self._me.id)) as work:
            found = _said(lambda: act(work))
            raise _Undo
        return found


class _Undo(Exception):
    pass


def _pointing(ref: RecordRef) -> tuple[str, dict[str, Any]]:
    relation = {"company": ("deal", "company"), "deal": ("note", "deal"), "note": ("note", "deal")}
    name, field = relation[ref.object]
    return name, {"name": "New", field: str(ref.id)}


def _plain(values: Any) -> dict[str, Any]:
    """Without what differs between any two moments."""
    return {key: value for key, value in values.items() if key not in ("created_at", "updated_at")}


def _said(ask: Callable[[], Any]) -> bytes:
    try:
        answer = ask()
    except (TrellisError, RuleError) as error:
        return f"{type(error).__name__}: {error}".encode()
    return answer if isinstance(answer, bytes) else orjson.dumps(repr(answer))
