"""Single records shared with a person, a team or a role, for a while or until somebody takes it back. A share widens
which records somebody reaches with what their roles let them do; it never gives an action, and never lifts a
restriction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import Text, cast, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from crm_app.access.decide import Verdicts
from crm_app.access.who import ShareLevel
from crm_app.definitions.role import ADMIN
from crm_app.kernel import clock
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id, parse_id
from crm_app.kernel.times import moment_text
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.record_editor import absent, fetch_records
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.access_tables import ShareRow
from crm_app.storage.shape import StoredRecord
from crm_app.storage.system_tables import TeamRow, UserRow, table_of

GranteeKind = Literal["user", "team", "role"]
MAX_SHARES = 200
_SHARES, _USERS, _TEAMS = table_of(ShareRow), table_of(UserRow), table_of(TeamRow)


@dataclass(frozen=True)
class SharedWith:
    """`name` is what the person, team or role is called, `by` who shared it."""

    id: UUID
    kind: GranteeKind
    grantee: str
    name: str
    level: ShareLevel
    until: datetime | None
    by: str
    at: datetime


def shares_of(work: UnitOfWork, ref: RecordRef) -> list[SharedWith]:
    """The unexpired ones, the oldest first; for whoever may share the record."""
    definition = work.definition(ref.object)
    if not work.records.existing(ref.object, [ref.id], work.reach("read", ref.object)):
        raise absent(definition)
    if ref.id not in work.among("share", ref.object, [ref.id]):
        raise Forbidden(f"Your role doesn't let you share this {definition.label.lower()}.")
    return _shares(work, ref)


def share_record(
    work: UnitOfWork,
    ref: RecordRef,
    kind: GranteeKind,
    grantee: str,
    level: ShareLevel = "read",
    until: datetime | None = None,
) -> SharedWith:
    """Replaces what was shared with the same person, team or role. Nobody shares more than they have, or for longer."""
    record = _require(work, ref)
    if level == "edit":
        work.require("edit", ref.object, [record])
    name = _checked(work, kind, grantee, level, until)
    lent = _lent_until(work, ref, level)
    if lent is not None and (until is None or until > lent):
        end = moment_text(lent, work.who.time_zone)
        raise Invalid("The record was not shared.", [Problem("until", f"You have it until {end}: share it no longer.")])
    if len(_shares(work, ref)) >= MAX_SHARES:
        raise Invalid(f"A record is shared with at most {MAX_SHARES}: share it with a team or a role.")
    row = {"object": ref.object, "record": ref.id, "kind": kind, "grantee": grantee, "level": level, "until": until}
    row |= {"id": new_id(), "by": work.who.user_id, "at": clock.now()}
    kept = insert(_SHARES).values(row)
    again = {key: row[key] for key in ("level", "until", "by", "at")}
    work.connection.execute(kept.on_conflict_do_update(constraint="shared_once", set_=again))
    _tell(work, ref, "record.shared", {"with": name, "level": level, "until": until and until.isoformat()})
    return next(each for each in _shares(work, ref) if (each.kind, each.grantee) == (kind, grantee))


def unshare_record(work: UnitOfWork, ref: RecordRef, share: UUID) -> None:
    """From their next request on."""
    _require(work, ref)
    found = next((each for each in _shares(work, ref) if each.id == share), None)
    if found is None:
        raise NotFound("It is not shared like that any more.")
    work.connection.execute(delete(_SHARES).where(_SHARES.c.id == share))
    _tell(work, ref, "record.unshared", {}, {"with": found.name, "level": found.level})


def _require(work: UnitOfWork, ref: RecordRef) -> StoredRecord:
    record = fetch_records(work, work.definition(ref.object), [ref.id])[ref.id]
    work.require("share", ref.object, [record])
    return record


def _lent_until(work: UnitOfWork, ref: RecordRef, level: ShareLevel) -> datetime | None:
    """When the actor loses a record that they reach only because it was shared with them for a while."""
    now, roles = clock.now(), work.roles
    mine = [each for each in work.who.shares if RecordRef(each.object, each.record) == ref and each.opens(level, now)]
    ends = [each.until for each in mine if not each.role or each.role in roles]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    answers = work.verdicts
    while not isinstance(answers, Verdicts):
        answers = answers.own
    own = answers.unshared().reach(level, ref.object)
    return None if work.records.existing(ref.object, [ref.id], own) else max(known)


def _shares(work: UnitOfWork, ref: RecordRef) -> list[SharedWith]:
    by = _USERS.alias()
    mine = (_SHARES.c.object == ref.object) & (_SHARES.c.record == ref.id)
    query = (
        select(_SHARES, func.coalesce(_USERS.c.name, _TEAMS.c.name, _SHARES.c.grantee), func.coalesce(by.c.name, ""))
        .outerjoin(by, by.c.id == _SHARES.c.by)
        .outerjoin(_USERS, (_SHARES.c.kind == "user") & (cast(_USERS.c.id, Text()) == _SHARES.c.grantee))
        .outerjoin(_TEAMS, (_SHARES.c.kind == "team") & (cast(_TEAMS.c.id, Text()) == _SHARES.c.grantee))
        .where(mine, or_(_SHARES.c.until.is_(None), _SHARES.c.until > clock.now()))
        .order_by(_SHARES.c.at, _SHARES.c.id)
    )
    labels = {ADMIN: "Administrator", **{role.name: role.label for role in work.catalog.roles}}
    found: list[SharedWith] = []
    for row in work.connection.execute(query):
        name = str(labels.get(row.grantee, row.grantee)) if row.kind == "role" else str(row[-2])
        found.append(SharedWith(row.id, row.kind, row.grantee, name, row.level, row.until, row[-1], row.at))
    return found


def _checked(work: UnitOfWork, kind: str, grantee: str, level: str, until: datetime | None) -> str:
    """What the grantee is called, or a problem for each mistake."""
    problems: list[Problem] = []
    name = _name(work, kind, grantee)
    if kind not in get_args(GranteeKind):
        problems.append(Problem("kind", "A record is shared with a user, a team or a role."))
    elif name is None:
        problems.append(Problem("grantee", f"There is no such {kind}."))
    if level not in get_args(ShareLevel):
        problems.append(Problem("level", "A share lets somebody read or edit."))
    if until is not None and (until.tzinfo is None or until <= clock.now()):
        problems.append(Problem("until", "The end lies in the future, and says its time zone."))
    if problems or name is None:
        raise Invalid("The record was not shared.", problems)
    return name


def _name(work: UnitOfWork, kind: str, grantee: str) -> str | None:
    if kind == "role":
        return next((role.label for role in work.catalog.roles if role.name == grantee), None)
    table, identifier = (_USERS if kind == "user" else _TEAMS), parse_id(grantee)
    if identifier is None:
        return None
    query = select(table.c.name).where(table.c.id == identifier)
    query = query.where(_USERS.c.is_active) if kind == "user" else query
    return work.connection.execute(query).scalar_one_or_none()


def _tell(
    work: UnitOfWork, ref: RecordRef, name: str, after: Mapping[str, Any], before: Mapping[str, Any] | None = None
) -> None:
    write_entry(work, Entry(name, ref.object, ref.id, after=after, before=before or {}))
