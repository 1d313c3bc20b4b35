"""Publishing: compare-and-set on the schema version → checks → tables → definitions → policy → audit, in one
transaction. Either the old schema or the new one exists, never something between.
"""

import hashlib

import orjson
from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from crm_app.definitions.check import Check, require_sound
from crm_app.definitions.diff import Change, diff
from crm_app.definitions.model import Definition
from crm_app.definitions.package import Package
from crm_app.definitions.role import RoleDefinition
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from crm_app.kernel.ids import new_id
from crm_app.services.rule_checks import require_sound_rules
from crm_app.services.unique_values import require_unique_values
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.ddl import change_tables
from crm_app.storage.system_tables import AuditRow, DefinitionRow, DefinitionVersionRow, PolicyRow, table_of

WORKSPACE = "*"
DEFINITIONS_CHANNEL = "trellis_definitions"


class SomebodyPublished(Conflict):
    """Another admin published meanwhile; `details["changes"]` is what they changed against this draft's base."""

    code = "somebody_published"


class Unsupported(Invalid):
    """A change that this version can't make without losing what records hold."""

    code = "unsupported_change"


def plan(work: UnitOfWork, package: Package) -> list[Change]:
    """What publishing the package over the live definitions would change."""
    after = work.catalog.merged(package)
    require_unique_values(work, work.catalog, after)
    return diff(work.catalog, after)


def publish(work: UnitOfWork, package: Package, more_checks: tuple[Check, ...] = ()) -> list[Change]:
    """Adds the package's definitions to the live ones. Only who may administer the workspace can."""
    if not work.access(WORKSPACE).allows("administer"):
        raise Forbidden("Only an administrator can publish definitions.")
    before = work.catalog
    after = before.merged(package)
    changes = diff(before, after)
    if not changes:
        return []
    _refuse_retyping(changes)
    require_publishable(after, more_checks)
    require_unique_values(work, before, after)
    version = _take_next_version(work.connection, work.schema.version)
    changed = {change.path for change in changes}
    for kind, definition in package.definitions():
        if f"{kind}/{definition.name}" in changed:
            _store(work.connection, kind, definition, version)
    _audit(work, changes, version)
    work.connection.execute(text(f"NOTIFY {DEFINITIONS_CHANNEL}, '{version}'"))
    change_tables(work.connection, before, after)
    return changes


def require_publishable(after: Package, more_checks: tuple[Check, ...] = ()) -> None:
    """Raises with every problem that keeps these definitions from being live together."""
    require_sound(after, more_checks)
    require_sound_rules(after)


def content_hash(definition: Definition) -> str:
    """Names one version of a definition by its content."""
    return hashlib.sha256(orjson.dumps(definition.canonical(), option=orjson.OPT_SORT_KEYS)).hexdigest()


def _take_next_version(connection: Connection, base: int) -> int:
    query = text(
        "UPDATE crm.workspace SET schema_version = schema_version + 1 WHERE schema_version = :base "
        "RETURNING schema_version"
    )
    version = connection.execute(query, {"base": base}).scalar_one_or_none()
    if version is None:
        raise SomebodyPublished("Somebody else published meanwhile. Compare your draft with what is live now.")
    return version


def _refuse_retyping(changes: list[Change]) -> None:
    problems = [
        Problem(change.path, "A field's type can't be changed. Add a field of the new type beside it.")
        for change in changes
        if change.kind == "change" and change.is_destructive
    ]
    if problems:
        raise Unsupported("These definitions can't be published.", problems)


def _store(connection: Connection, kind: str, definition: Definition, version: int) -> None:
    body = definition.canonical()
    row = {"kind": kind, "name": definition.name, "schema_version": version, "body": body}
    live = upsert(table_of(DefinitionRow)).values(row)
    connection.execute(
        live.on_conflict_do_update(index_elements=["kind", "name"], set_={"schema_version": version, "body": body})
    )
    kept = upsert(table_of(DefinitionVersionRow)).values(
        {**row, "hash": content_hash(definition), "published_at": clock.now()}
    )
    connection.execute(kept.on_conflict_do_nothing())
    if isinstance(definition, RoleDefinition):
        write_policy(connection, definition.name, definition.policy_lines())


def write_policy(connection: Connection, role: str, lines: list[tuple[str, ...]]) -> None:
    """Replaces the lines that a role's definition wrote before."""
    policy = table_of(PolicyRow)
    connection.execute(delete(policy).where(policy.c.role == role))
    if lines:
        connection.execute(insert(policy), [{"id": new_id(), "role": role, "line": list(line)} for line in lines])


def _audit(work: UnitOfWork, changes: list[Change], version: int) -> None:
    entry = {
        "id": new_id(),
        "at": clock.now(),
        "name": "definitions.published",
        "object": "",
        "record": None,
        "version": version,
        "actor": work.actor_body(),
        "changes": {change.path: [None, change.kind] for change in changes},
    }
    work.connection.execute(insert(table_of(AuditRow)), entry)
