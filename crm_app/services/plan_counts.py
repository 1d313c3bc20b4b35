"""How many records hold what a plan would hide or convert, and whom and what each change is felt by."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from crm_app.definitions.diff import Change, called_before
from crm_app.definitions.package import Package
from crm_app.rules.errors import RuleError
from crm_app.services.automation_plans import AutomationPlans
from crm_app.services.decision_checks import decision_notes
from crm_app.services.live import Schema
from crm_app.services.plan_effects import Effects
from crm_app.services.retyping import retypings, tried
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.present import count_present
from crm_app.storage.tables import TableSet


def counted(work: UnitOfWork, before: Package, after: Package, changes: Sequence[Change]) -> list[Change]:
    """Only what is destructive is counted: a plan of additions costs nothing."""
    tables = TableSet(before.by_name.values())
    return [replace(change, **dict(_facts(work, before, after, tables, change))) for change in changes]


def with_effects(
    work: UnitOfWork, before: Package, after: Package, changes: Sequence[Change], automations: AutomationPlans
) -> list[Change]:
    """What else an admin should know before: how every value of a retyped field converts (nothing is written), and what
    feels it.
    """
    converting = {each.path: each for each in retypings(before, after)}
    effects = Effects(work, before, after, automations.rules)
    of_automations = automations.notes(work, before, after)
    found: list[Change] = []
    deciding = _notes_on_tables(after, {change.path for change in changes})
    for change in changes:
        notes, refused = change.notes, 0
        if change.path in converting and change.kind == "retype":
            outcome = tried(work, converting[change.path])
            notes, refused = notes + outcome.notes, outcome.refused
        if change.path in deciding and change.kind in {"add", "change", "restore"}:
            notes += deciding[change.path]
        found.append(
            replace(
                change, notes=(*notes, *effects.notes(change), *of_automations.get(change.path, ())), refused=refused
            )
        )
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


def _facts(
    work: UnitOfWork, before: Package, after: Package, tables: TableSet, change: Change
) -> Iterator[tuple[str, object]]:
    if not change.is_destructive or not change.path.startswith("objects/"):
        return
    owner, name = called_before(before, after, change.path)
    old = before.by_name.get(owner)
    if old is not None and not name:
        yield "records", count_present(work.connection, tables[owner])
    elif old is not None and (field := old.all_fields.get(name)) and field.columns:
        yield "records", count_present(work.connection, tables[owner], field.columns)
