"""A random business in the product, in place of the one before."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.files import Upload
from crm_app.services.records import create_records, update_record
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.access_tables import ShareRow, TerritoryMemberRow, TerritoryRow
from crm_app.storage.notification_table import NotificationRow
from crm_app.storage.run_tables import EffectRow, RunRow, RunStepRow
from crm_app.storage.system_tables import ImportKeyRow, TeamMemberRow, TeamRow, TrashRow, UserRoleRow, UserRow, table_of
from tests.access.facts import Record, Share, World
from tests.access.worlds import OBJECTS, package
from tests.builders import SYSTEM, Crm

_TABLES = (
    ShareRow,
    TerritoryMemberRow,
    UserRoleRow,
    TeamMemberRow,
    TrashRow,
    ImportKeyRow,
    RunStepRow,
    EffectRow,
    RunRow,
    NotificationRow,
)


@dataclass(frozen=True)
class Paper:
    """A file that a deal holds."""

    deal: UUID
    file: UUID


def build(crm: Crm, world: World) -> list[Paper]:
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
            firsts = [{**record.values, **world.past.get(record.id, {})} for record in records]
            raws = [{key: raw(moved, value) for key, value in values.items()} for values in firsts]
            for record, saved in zip(records, create_records(work, name, raws), strict=True):
                moved[record.id] = saved.ref.id
        for at, past in world.past.items():
            again = {key: raw(moved, world.records[at].values[key]) for key in past}
            update_record(work, RecordRef("deal", moved[at]), again)
    world.past = {moved[at]: {k: _moved(moved, v) for k, v in past.items()} for at, past in world.past.items()}
    world.records = {
        moved[at]: Record(r.object, moved[at], {k: _moved(moved, v) for k, v in r.values.items()})
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


def raw(moved: dict[UUID, UUID], value: Any) -> Any:
    """As a form or a program says it."""
    if isinstance(value, frozenset):
        return [str(moved.get(each, each)) for each in value]
    if isinstance(value, UUID):
        return str(moved.get(value, value))
    return None if value is None else str(value)


def _moved(moved: dict[UUID, UUID], value: Any) -> Any:
    if isinstance(value, frozenset):
        return frozenset(moved.get(each, each) for each in value)
    return moved.get(value, value)


def _with_paper(crm: Crm, deal: Record) -> Paper:
    coming = Upload(crm.workspace, SYSTEM, "paper.txt")
    coming.write(b"text")
    kept = coming.keep()
    with crm.work() as work:
        update_record(work, RecordRef("deal", deal.id), {"paper": [{"id": str(kept.id)}]})
    return Paper(deal.id, kept.id)
