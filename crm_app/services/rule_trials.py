"""A rule that somebody is writing, tried on a record: only what this actor may see of it takes part."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_app.definitions.object import ObjectDefinition
from crm_app.kernel.events import RecordRef
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.trace import Step, trace
from crm_app.services.record_rules import RecordRules
from crm_app.services.records import get_record
from crm_app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Trial:
    """What the rule gave and what every part of it was; `unseen` are fields that this actor may not read."""

    record: str
    value: Any
    steps: list[Step]
    unseen: list[str]


def try_rule(work: UnitOfWork, rule: Rule, definition: ObjectDefinition, ref: RecordRef) -> Trial:
    """`definition` may be a draft of the object: its fields are found where the live ones are stored."""
    record = get_record(work, ref, names=False)
    live = work.definition(ref.object)
    closed = work.closed(live.name)
    by_column = {each.stored: each.name for each in live.fields}
    names = {each.name: by_column.get(each.stored, each.name) for each in definition.fields}
    seen = {name: value for name, value in record.values.items() if name not in closed}
    values = {**seen, **{name: seen.get(stored) for name, stored in names.items()}}
    inputs = RecordRules(work, live).inputs(values, ref.id, old=values)
    used = {name for owner, name in rule.dependencies.fields if owner == rule.object}
    unseen = sorted(name for name in used if names.get(name, name) in closed)
    return Trial(record.name, compile_rule(rule)(inputs), trace(rule, inputs), unseen)


def record_name(work: UnitOfWork, name: str, identifier: UUID) -> str:
    """What a record is called, for somebody who may see it."""
    definition = work.catalog.by_name.get(name)
    if definition is None or not work.access(name).allows("read") or definition.name_field in work.closed(name):
        return "a record"
    found = work.records.names(name, [identifier], work.reach("read", name))
    return found.get(identifier) or "a record that is not there"
