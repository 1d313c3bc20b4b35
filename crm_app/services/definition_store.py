"""Where definitions are kept: what is live, every version that was ever published, and what each publication did."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_app.definitions.diff import Change
from crm_app.definitions.model import Definition
from crm_app.definitions.package import KINDS, Package
from crm_app.definitions.role import RoleDefinition
from crm_app.definitions.upgrade import upgraded
from crm_app.kernel import clock
from crm_app.kernel.errors import NotFound
from crm_app.kernel.ids import new_id
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.publication_tables import DefinitionHistoryRow, PublicationRow
from crm_app.storage.system_tables import DefinitionRow, DefinitionVersionRow, PolicyRow, table_of

MOVES = ("archive", "rename", "retype")
_LIVE, _HISTORY = table_of(DefinitionRow), table_of(DefinitionHistoryRow)
_PUBLICATION = table_of(PublicationRow)
_STATE = text(
    "SELECT DISTINCT ON (kind, name) kind, name, body FROM crm.definition_history WHERE schema_version <= :version "
    "ORDER BY kind, name, schema_version DESC"
)


@dataclass(frozen=True)
class Publication:
    """One version of the definitions: who published it and what that changed."""

    version: int
    at: datetime
    actor: Mapping[str, Any]
    note: str
    plan: Sequence[str]


def content_hash(definition: Definition) -> str:
    """Names one version of a definition by its content."""
    return hashlib.sha256(orjson.dumps(definition.canonical(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def live_version(connection: Connection) -> int:
    """Of this moment, whatever the unit of work began with."""
    return connection.execute(text("SELECT schema_version FROM crm.workspace")).scalar_one()


def take_next_version(connection: Connection, base: int) -> int | None:
    """`None` when somebody else took it; whoever gets it holds back all others until the end of the transaction."""
    query = text(
        "UPDATE crm.workspace SET schema_version = schema_version + 1 WHERE schema_version = :base "
        "RETURNING schema_version"
    )
    return connection.execute(query, {"base": base}).scalar_one_or_none()


def store(
    connection: Connection, kind: str, definition: Definition, version: int, publisher: UUID | None = None
) -> None:
    """Without a publisher it is the product that stands behind it."""
    body = definition.canonical()
    row = {"kind": kind, "name": definition.name, "schema_version": version, "body": body}
    live = upsert(_LIVE).values(row)
    connection.execute(
        live.on_conflict_do_update(index_elements=["kind", "name"], set_={"schema_version": version, "body": body})
    )
    kept = upsert(table_of(DefinitionVersionRow)).values(
        {**row, "hash": content_hash(definition), "published_at": clock.now(), "publisher": publisher}
    )
    again = kept.on_conflict_do_update(index_elements=["hash"], set_={"publisher": publisher})
    connection.execute(again)
    connection.execute(insert(_HISTORY), row)
    if isinstance(definition, RoleDefinition):
        write_policy(connection, definition.name, definition.policy_lines())


def forget(connection: Connection, kind: str, name: str, version: int) -> None:
    """The name is no longer in use: what it was is called otherwise now."""
    connection.execute(delete(_LIVE).where(_LIVE.c.kind == kind, _LIVE.c.name == name))
    connection.execute(insert(_HISTORY), {"kind": kind, "name": name, "schema_version": version, "body": {}})


def write_policy(connection: Connection, role: str, lines: list[tuple[str, ...]]) -> None:
    """Replaces the lines that a role's definition wrote before."""
    policy = table_of(PolicyRow)
    connection.execute(delete(policy).where(policy.c.role == role))
    if lines:
        connection.execute(insert(policy), [{"id": new_id(), "role": role, "line": list(line)} for line in lines])


def write_publication(work: UnitOfWork, changes: Iterable[Change], version: int, note: str) -> None:
    """The plan as it was carried out: in the list of publications, and in the audit that nobody can change."""
    changes = list(changes)
    lines, at, actor = [str(change) for change in changes], clock.now(), work.actor_body()
    plan = {"lines": lines, "moves": any(change.kind in MOVES for change in changes)}
    row = {"version": version, "at": at, "actor": actor, "note": note, "plan": plan}
    work.connection.execute(insert(_PUBLICATION), row)
    write_entry(work, Entry("definitions.published", after={"plan": lines}, reason=note, version=version))


def state_at(connection: Connection, version: int) -> Package:
    """All definitions, archived ones included, as they were when that version was published."""
    columns = select(_PUBLICATION.c.version).where(_PUBLICATION.c.version == version)
    if connection.execute(columns).scalar_one_or_none() is None:
        raise NotFound(f"There is no version {version} of the definitions. `publications` lists those there are.")
    kinds: dict[str, list[Definition]] = {kind: [] for kind in KINDS}
    for kind, _name, body in connection.execute(_STATE, {"version": version}):
        if body:
            kinds[kind].append(KINDS[kind].model_validate(upgraded(kind, body)))
    return Package.of(kinds)


def past_bodies(connection: Connection, kind: str, name: str) -> list[tuple[int, datetime, Mapping[str, Any], Any]]:
    """Every version of one definition, the newest first: with which version of all of them it came, when, by whom, and
    in today's format.
    """
    query = (
        select(_HISTORY.c.schema_version, _PUBLICATION.c.at, _PUBLICATION.c.actor, _HISTORY.c.body)
        .join(_PUBLICATION, _PUBLICATION.c.version == _HISTORY.c.schema_version)
        .where(_HISTORY.c.kind == kind, _HISTORY.c.name == name)
        .order_by(_HISTORY.c.schema_version.desc())
    )
    return [(number, at, actor, upgraded(kind, body)) for number, at, actor, body in connection.execute(query) if body]


def publications(connection: Connection, limit: int = 50) -> list[Publication]:
    """The newest first."""
    rows = connection.execute(select(_PUBLICATION).order_by(_PUBLICATION.c.version.desc()).limit(limit))
    return [Publication(row.version, row.at, row.actor, row.note, row.plan["lines"]) for row in rows]
