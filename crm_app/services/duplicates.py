"""Duplicate rules: a record is like another where every field that the rule matches holds the same in both. Text is
compared without regard to case, to spaces around it and to how its accents are written; money with its currency; any
other value as its type stores it. An empty value is like nothing, and a record for which the rule's `when` is not true
is not compared.

A new record is asked about, and a changed one whose matched fields changed: one query per rule, for however many
records. A rule that warns names what the actor may see and passes where the caller says so; what they may not see
doesn't warn them. A rule that blocks never passes, and of what they may not see says only that there is some. Nobody
hears by a match what is in a field that is closed to them.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_app.definitions.object import DuplicateRule, ObjectDefinition
from crm_app.kernel.errors import Conflict, Problem
from crm_app.services.record_query import Reference
from crm_app.services.record_rules import RecordRules
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.duplicates import NAMED, LookAlike, Wanted, look_alikes
from crm_app.storage.shape import StoredRecord


class DuplicatesFound(Conflict):
    """Records like this one are there already; `details["duplicates"]` names them. The same may be saved with leave."""

    code = "duplicates"


class DuplicatesBlocked(DuplicatesFound):
    """Records like this one are there already, and no leave helps."""

    code = "duplicates_blocked"


@dataclass(frozen=True)
class Duplicate:
    """What one rule found for the record at a position of the list that is saved. `records` are the first few that the
    actor may see, `companions` those before it in the same list, each with its position and name.
    """

    rule: DuplicateRule
    position: int
    records: tuple[Reference, ...] = ()
    companions: tuple[tuple[int, str], ...] = ()
    has_more: bool = False
    has_unseen: bool = False

    def sentence(self, definition: ObjectDefinition) -> str:
        named = [record.name for record in self.records]
        named += [f"{name} (in the same list)" for _, name in self.companions]
        if not named:
            one = definition.label.lower()
            return f"{self.rule.label}: there is a {one} like this already that you may not see. Ask somebody who may."
        return f"{self.rule.label}: {', '.join(named)}{' and more' if self.has_more else ''}."


Passes = Callable[[Sequence[Duplicate]], bool]
"""Whether the records may be saved all the same, where no rule blocks them."""


def never(_found: Sequence[Duplicate]) -> bool:
    return False


def always(_found: Sequence[Duplicate]) -> bool:
    return True


@contextmanager
def guarding(
    work: UnitOfWork, rules: RecordRules, records: Sequence[StoredRecord], passes: Passes, before: StoredRecord | None
) -> Generator[None]:
    """Around the writing of new records, or of one changed: what is refused afterwards leaves nothing behind."""
    asked = [(rule, ids) for rule in rules.definition.duplicate_rules if (ids := _asked(rules, rule, records, before))]
    if not asked:
        yield
        return
    with work.savepoint():
        yield
        positions = {record.id: index for index, record in enumerate(records)}
        found = [each for rule, ids in asked for each in _of_rule(work, rules, rule, positions, ids)]
        _require_leave(rules, found, passes, is_list=len(records) > 1)


def _asked(
    rules: RecordRules, rule: DuplicateRule, records: Sequence[StoredRecord], before: StoredRecord | None
) -> list[UUID]:
    """The records that the rule is about."""
    found: list[UUID] = []
    for record in records:
        values = record.values
        is_same = before is not None and all(before.values[name] == values[name] for name in rule.match)
        if is_same or any(values[name] is None for name in rule.match):
            continue
        inputs = rules.inputs(values, record.id if before else None, before.values if before else None)
        if rules.is_visible(rule.when, inputs):
            found.append(record.id)
    return found


def _of_rule(
    work: UnitOfWork, rules: RecordRules, rule: DuplicateRule, positions: Mapping[UUID, int], asked: Sequence[UUID]
) -> list[Duplicate]:
    definition = rules.definition
    is_open, blocks = work.closed(definition.name).isdisjoint(rule.match), rule.action == "block"
    if not is_open and not blocks:
        return []
    match = [definition.all_fields[name] for name in rule.match]
    reach = work.reach("read", definition.name)
    wanted = Wanted(definition.name, match, reach, work.records.sees, with_unseen=blocks)
    pairs: dict[UUID, list[LookAlike]] = {}
    for pair in look_alikes(work.connection, work.schema.tables, wanted, asked):
        pairs.setdefault(pair.record, []).append(pair)
    if not is_open:
        return [Duplicate(rule, positions[record], has_unseen=True) for record in pairs]
    names = _names(work, definition, {pair.other for found in pairs.values() for pair in found if pair.is_visible})
    return [_duplicate(definition, rule, positions, names, found) for found in pairs.values()]


def _duplicate(
    definition: ObjectDefinition,
    rule: DuplicateRule,
    positions: Mapping[UUID, int],
    names: Mapping[UUID, str],
    pairs: Sequence[LookAlike],
) -> Duplicate:
    seen = sorted(pair.other for pair in pairs if pair.is_visible)
    kept = [other for other in seen if other not in positions][:NAMED]
    return Duplicate(
        rule,
        positions[pairs[0].record],
        records=tuple(Reference(definition.name, other, names[other] or definition.label) for other in kept),
        companions=tuple(sorted((positions[other], names[other]) for other in seen if other in positions))[:NAMED],
        has_more=len(seen) > NAMED,
        has_unseen=len(seen) < len(pairs),
    )


def _names(work: UnitOfWork, definition: ObjectDefinition, ids: set[UUID]) -> Mapping[UUID, str]:
    if definition.name_field in work.closed(definition.name):
        return dict.fromkeys(ids, definition.label)
    return work.records.names(definition.name, ids, work.reach("read", definition.name)) if ids else {}


def _require_leave(rules: RecordRules, found: Sequence[Duplicate], passes: Passes, *, is_list: bool) -> None:
    definition = rules.definition
    warned = [each for each in found if each.rule.action == "warn"]
    is_blocked = len(warned) < len(found)
    if warned and passes(warned):
        found = [each for each in found if each.rule.action == "block"]
    if not found:
        return
    one = definition.plural.lower() if is_list else f"this {definition.label.lower()}"
    problems = [_problem(definition, rules.hidden, each, is_list=is_list) for each in found]
    details = [_details(each, is_list=is_list) for each in found]
    refusal = DuplicatesBlocked if is_blocked else DuplicatesFound
    raise refusal(f"Nothing was saved: {one} may be there already.", problems, duplicates=details)


def _problem(definition: ObjectDefinition, hidden: frozenset[str], found: Duplicate, *, is_list: bool) -> Problem:
    place = next((name for name in found.rule.match if name not in hidden), "")
    path = f"{found.position}/{place}" if is_list else place
    return Problem(path, found.sentence(definition))


def _details(found: Duplicate, *, is_list: bool) -> dict[str, Any]:
    """`position` and `positions` only where several records are saved."""
    records = [{"id": str(each.id), "object": each.object, "name": each.name} for each in found.records]
    rule = {"rule": found.rule.name, "label": found.rule.label, "action": found.rule.action}
    body = {**rule, "records": records, "has_more": found.has_more}
    return {**body, "position": found.position, "positions": [at for at, _ in found.companions]} if is_list else body
