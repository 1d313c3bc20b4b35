"""How many records hold what a plan would hide or convert, and who has what it would take away."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import func, select

from crm_app.definitions.diff import Change, paired_fields
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.rules.errors import RuleError
from crm_app.services.decision_checks import decision_notes
from crm_app.services.impact import Impact
from crm_app.services.live import Schema
from crm_app.services.renames import AutomationRules
from crm_app.services.retyping import retypings, tried
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.present import count_present
from crm_app.storage.system_tables import UserRoleRow, table_of
from crm_app.storage.tables import TableSet

PLACES = 20


def counted(work: UnitOfWork, before: Package, after: Package, changes: Sequence[Change]) -> list[Change]:
    """Only what is destructive is counted: a plan of additions costs nothing."""
    tables = TableSet(before.by_name.values())
    return [replace(change, **dict(_facts(work, before, after, tables, change))) for change in changes]


def with_effects(
    work: UnitOfWork, before: Package, after: Package, changes: Sequence[Change], automation_rules: AutomationRules
) -> list[Change]:
    """What else an admin should know before: how every value of a retyped field converts (nothing is written), and what
    names a thing that is hidden or converted.
    """
    converting = {each.path: each for each in retypings(before, after)}
    found: list[Change] = []
    impact: Impact | None = None
    deciding = _notes_on_tables(after, {change.path for change in changes})
    for change in changes:
        notes, refused = change.notes, 0
        if change.path in converting and change.kind == "retype":
            outcome = tried(work, converting[change.path])
            notes, refused = notes + outcome.notes, outcome.refused
        if change.is_destructive and change.path.startswith("objects/"):
            impact = impact or Impact(before, automation_rules)
            notes += _named_by(impact, after, change)
        if change.path in deciding and change.kind in {"add", "change", "restore"}:
            notes += deciding[change.path]
        found.append(replace(change, notes=notes, refused=refused))
    return found


def _notes_on_tables(after: Package, paths: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Gaps, rows that are never reached, and what can't be decided. A table that is wrong has no notes."""
    tables = {f"decisions/{table.name}": table for table in after.live.decisions}
    if not tables.keys() & paths:
        return {}
    rules = Schema(0, after.live).rules
    found: dict[str, tuple[str, ...]] = {}
    for path in tables.keys() & paths:
        with suppress(RuleError):
            found[path] = tuple(decision_notes(tables[path], rules))
    return found


def _named_by(impact: Impact, after: Package, change: Change) -> tuple[str, ...]:
    """Of the definitions that stay, what depends on it as things are."""
    _, owner, *field = (change.was or change.path).split("/")
    kept = {f"{kind}/{definition.name}" for kind, definition in after.live.definitions()}
    uses = impact.of((owner, field[1] if field else ""))
    shown = [use.path for use in uses if "/".join(use.path.split("/")[:2]) in kept]
    more = f" and {len(shown) - PLACES} more" if len(shown) > PLACES else ""
    return (f"Named by {', '.join(shown[:PLACES])}{more}.",) if shown else ()


def _facts(
    work: UnitOfWork, before: Package, after: Package, tables: TableSet, change: Change
) -> Iterator[tuple[str, object]]:
    kind, name, *rest = change.path.split("/")
    if kind == "objects" and change.is_destructive:
        old = _before(before, after, name)
        if old is not None and not rest:
            yield "records", count_present(work.connection, tables[old])
        elif old is not None and (field := _field_before(before.by_name[old], after.by_name[name], rest[1])):
            yield "records", count_present(work.connection, tables[old], field.columns)
    elif kind == "roles" and change.kind == "archive":
        yield "notes", (f"{_people_with(work, name)} people have this role and lose what it grants.",)


def _before(before: Package, after: Package, name: str) -> str | None:
    """What the object is called before the change, when its path says how it is called afterwards."""
    if name in before.by_name:
        return name
    stored = after.by_name[name].stored if name in after.by_name else ""
    return next((definition.name for definition in before.objects if definition.stored == stored), None)


def _field_before(old: ObjectDefinition, new: ObjectDefinition, name: str) -> FieldDefinition | None:
    """A field that is left out is called as it was."""
    pairs = {has.name: had for had, has in paired_fields(old, new) if has is not None}
    return pairs.get(name) or old.all_fields.get(name)


def _people_with(work: UnitOfWork, role: str) -> int:
    table = table_of(UserRoleRow)
    return work.connection.execute(select(func.count()).select_from(table).where(table.c.role == role)).scalar_one()
