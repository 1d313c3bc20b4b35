"""Publishing: compare-and-set on the schema version → checks → tables → definitions → policy → audit, in one
transaction. Either the old schema or the new one exists, never something between.
"""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from crm_app.definitions.check import Check, require_sound
from crm_app.definitions.diff import Change, diff
from crm_app.definitions.model import changed
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.settle import settled, whole
from crm_app.definitions.stored_names import stored_problems
from crm_app.kernel.errors import Invalid, Problem
from crm_app.services.asked_checks import asked
from crm_app.services.automation_plans import NO_PLANS, AutomationPlans
from crm_app.services.code_steps import require_code
from crm_app.services.converting import Converting
from crm_app.services.definition_store import (
    forget,
    live_version,
    state_at,
    store,
    take_next_version,
    write_publication,
)
from crm_app.services.in_person import require_administrator
from crm_app.services.plan_counts import counted, with_effects
from crm_app.services.policies import keeping_an_administrator, write_policy_changes
from crm_app.services.rebase import somebody_published
from crm_app.services.retargeting import require_same_targets
from crm_app.services.retyping import CannotConvert, Retyping, require_convertible, retypings
from crm_app.services.rule_checks import require_sound_rules
from crm_app.services.session_holds import hold_without_second_factor
from crm_app.services.signals import DEFINITIONS_CHANNEL
from crm_app.services.unique_values import require_unique_values
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.conversions import claim, remove_leftovers
from crm_app.storage.ddl import Move, change_tables
from crm_app.storage.new_names import carry_fields, carry_object, carry_targets
from crm_app.storage.numbering import number_the_rest
from crm_app.storage.present import stored_columns
from crm_app.storage.unique_indexes import DuplicateValues

_REFUSED = "These definitions can't be published."


class NameTaken(Invalid):
    """An archived field or object has the name: it can be restored, or the new one be called otherwise."""

    code = "name_taken"


@dataclass(frozen=True)
class How:
    """`is_whole`: what the package leaves out is archived. `goes_back`: fields may go back to columns and types that
    they had before. `note` says why, in the list of publications. `base` is the version that the package was made from:
    when something else is live by now, nothing is published. `set_empty`: values that can't be written in a field's new
    type are left empty, else they refuse it.
    """

    is_whole: bool = False
    goes_back: bool = False
    note: str = ""
    base: int | None = None
    set_empty: bool = False
    automations: AutomationPlans = NO_PLANS


ADD = How()


def plan(work: UnitOfWork, package: Package, how: How = ADD) -> list[Change]:
    """What publishing the package would change, with how many records hold what would no longer be seen."""
    before = work.schema.stored
    after = wished(work, package, how)
    require_unique_values(work, before.live, after.live)
    changes = counted(work, before, after, diff(before, after))
    return with_effects(work, before, after, changes, how.automations)


def publish(
    work: UnitOfWork,
    package: Package,
    more_checks: tuple[Check, ...] = (),
    how: How = ADD,
) -> list[Change]:
    """Adds the package's definitions to the live ones. Only who may administer the workspace can."""
    require_may_publish(work)
    remove_leftovers(work.connection.engine)
    if how.base is not None and how.base != work.schema.version:
        raise somebody_published(work, package, how.base, is_whole=how.is_whole)
    before = work.schema.stored
    after = wished(work, package, how)
    changes = diff(before, after)
    if not changes:
        return []
    if not how.goes_back:
        _refuse_taken_names(before, after)
    converting = retypings(before, after)
    require_convertible(converting)
    require_publishable(after, asked(work, more_checks), before)
    require_code(work, before, after)
    require_same_targets(before, after)
    staged = _prepared(work, package, converting, how)
    require_unique_values(work, before.live, after.live)
    changes = counted(work, before, after, changes)
    version = take_next_version(work.connection, work.schema.version)
    if version is None:
        raise somebody_published(work, package, work.schema.version, is_whole=how.is_whole)
    with keeping_an_administrator(work.connection) if before.roles != after.roles else nullcontext():
        _keep(work, before, after, version)
    if before.roles != after.roles:
        hold_without_second_factor(work)
    write_publication(work, changes, version, how.note)
    write_policy_changes(work, before, after, version, how.note)
    work.connection.execute(text(f"NOTIFY {DEFINITIONS_CHANNEL}, '{version}'"))
    _change_tables(work, before, after, changes, staged)
    work.published = version
    work.after_commit.append(partial(number_the_rest, package=after))
    return changes


def _prepared(work: UnitOfWork, package: Package, found: list[Retyping], how: How) -> list[Converting]:
    """The values of retyped fields, converted beside what is live. It may take long, so it comes before anything that
    others would wait for; and after a look whether the version that it is for has not been overtaken already.
    """
    staged = [Converting(work, each, set_empty=how.set_empty) for each in found]
    if staged:
        claim(work.connection)
        if live_version(work.connection) != work.schema.version:
            raise somebody_published(work, package, work.schema.version, is_whole=how.is_whole)
    for each in staged:
        each.prepare()
    return staged


def _change_tables(
    work: UnitOfWork, before: Package, after: Package, changes: list[Change], staged: list[Converting]
) -> None:
    renamed = {after.by_name[change.path.split("/")[1]].stored for change in changes if change.kind == "rename"}

    def move() -> None:
        _carry_names(work, changes)
        for each in staged:
            each.finish()

    altered = frozenset(each.stored for each in staged)
    try:
        change_tables(work.connection, before, after, Move(altered, frozenset(renamed) - altered, move))
    except (IntegrityError, DuplicateValues) as error:
        unique = [each.retyping.path for each in staged if each.retyping.is_unique]
        if not unique:
            raise
        said = "Values that differ now would be the same, and the field is unique."
        raise CannotConvert(_REFUSED, [Problem(path, said) for path in unique]) from error


def revert(work: UnitOfWork, version: int, more_checks: tuple[Check, ...] = ()) -> list[Change]:
    """Publishes the definitions of an earlier version again, as a new one. What came later is archived."""
    require_may_publish(work)
    how = How(is_whole=True, goes_back=True, note=f"back to version {version}")
    return publish(work, past(work, version), more_checks, how)


def past(work: UnitOfWork, version: int) -> Package:
    """An earlier version with the places where its values were stored, ready to be planned or published."""
    return _with_places(state_at(work.connection, version))


def require_may_publish(work: UnitOfWork) -> None:
    require_administrator(work, "publish definitions")


def wished(work: UnitOfWork, package: Package, how: How = ADD) -> Package:
    """All definitions, archived ones included, as they would be."""
    before = work.schema.stored
    wish = whole(before, package) if how.is_whole else before.merged(package)
    return settled(before, wish, stored_columns(work.connection), reuse=how.goes_back)


def require_publishable(after: Package, more_checks: tuple[Check, ...], before: Package) -> None:
    """Raises with every problem that keeps these definitions from being live together, where others are."""
    if found := list(stored_problems(after)):
        raise Invalid(_REFUSED, found)
    require_sound(after.live, more_checks, before.live)
    require_sound_rules(after.live)


def _with_places(package: Package) -> Package:
    def placed(definition: ObjectDefinition) -> ObjectDefinition:
        return changed(definition, fields=tuple(changed(field, column=field.stored) for field in definition.fields))

    return package.with_kind("objects", [placed(definition) for definition in package.objects])


def _refuse_taken_names(before: Package, after: Package) -> None:
    """What is archived comes back as it was or not at all: something else under its name would inherit its values."""
    problems = [
        Problem(path, f"There is an archived {noun} of this name. Restore it as it was, or choose another name.")
        for noun, path, old, new in _pairs(before, after)
        if old.archived and not new.archived and changed(old, archived=False) != new
    ]
    if problems:
        raise NameTaken(_REFUSED, problems)


def _pairs(before: Package, after: Package) -> Iterator[tuple[str, str, Any, Any]]:
    """Objects and fields of the same name, as they were and as they will be."""
    olds = {definition.name: definition for definition in before.objects}
    for definition in after.objects:
        old = olds.get(definition.name)
        if old is None:
            continue
        path = f"objects/{definition.name}"
        if old.archived:
            yield "object", path, old, definition
        fields = {field.name: field for field in old.fields}
        for field in definition.fields:
            if field.name in fields:
                yield "field", f"{path}/fields/{field.name}", fields[field.name], field


def _carry_names(work: UnitOfWork, changes: list[Change]) -> None:
    for change in changes:
        if change.kind == "rename":
            _, old, *old_field = change.was.split("/")
            _, new, *new_field = change.path.split("/")
            if new_field:
                carry_fields(work.connection, new, [(old_field[1], new_field[1])])
            else:
                carry_object(work.connection, old, new)
                carry_targets(work.connection, work.schema.stored, old, new)


def _keep(work: UnitOfWork, before: Package, after: Package, version: int) -> None:
    had = {(kind, definition.name): definition for kind, definition in before.definitions()}
    has = {(kind, definition.name): definition for kind, definition in after.definitions()}
    for kind, name in had.keys() - has.keys():
        forget(work.connection, kind, name, version)
    for (kind, name), definition in has.items():
        if had.get((kind, name)) != definition:
            store(work.connection, kind, definition, version, work.who.user_id)
