"""What keeps a record from being saved, beyond values that don't fit: what is required, what can't be changed, and the
object's own checks. Every write path asks here.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from crm_app.definitions.field import FieldDefinition
from crm_app.kernel.errors import Clause, Problem
from crm_app.rules.inputs import Inputs
from crm_app.services.record_rules import RecordRules

UNSEEN = "Something is required that you may not see. Ask somebody who may."


def problems_of_new(rules: RecordRules, values: Mapping[str, Any]) -> list[Problem]:
    """Nothing of a new record is read-only by a rule: giving a first value changes nothing."""
    inputs = rules.inputs(values, None)
    return [*_missing(rules, values, inputs, None), *_refused(rules, inputs)]


def problems_of_change(
    rules: RecordRules,
    identifier: UUID,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    filled: Collection[str] = (),
) -> list[Problem]:
    """The rules are judged on the record as it would be saved; where nothing changes, nothing is asked. `filled` are
    fields that the product itself sets, however locked they are for people.
    """
    changed = {name for name, value in after.items() if before.get(name) != value}
    if not changed:
        return []
    inputs = rules.inputs(after, identifier, before)
    return [
        *_missing(rules, after, inputs, changed),
        *_locked(rules, inputs, changed - set(filled)),
        *_refused(rules, inputs),
    ]


def _missing(
    rules: RecordRules, values: Mapping[str, Any], inputs: Inputs, changed: set[str] | None
) -> Iterator[Problem]:
    """A plainly required field that has been empty all along doesn't hold up a change of others."""
    for field in rules.definition.fields:
        if values.get(field.name) is not None or field.field_type.is_generated:
            continue
        is_asked = field.required and (changed is None or field.name in changed)
        if not is_asked and not rules.holds(field.required_when, inputs):
            continue
        if rules.is_visible(field.visible_when, inputs):
            why = () if is_asked else rules.reasons(field.required_when, inputs, wanted=False)
            yield about(rules, field.name, f"{field.label} is required.", UNSEEN, why)


def _locked(rules: RecordRules, inputs: Inputs, changed: set[str]) -> Iterator[Problem]:
    for field in rules.definition.fields:
        if field.name in changed and rules.holds(field.read_only_when, inputs):
            why = rules.reasons(field.read_only_when, inputs, wanted=False)
            yield Problem(field.name, f"{field.label} can't be changed now.", why)


def _refused(rules: RecordRules, inputs: Inputs) -> Iterator[Problem]:
    for rule in rules.definition.validation_rules:
        if rules.holds(rule.when, inputs):
            why = rules.reasons(rule.when, inputs, wanted=False)
            yield about(rules, rule.field, rule.message, rule.message, why)


def about(rules: RecordRules, field: str, message: str, otherwise: str, clauses: tuple[Clause, ...] = ()) -> Problem:
    """A problem at a field, or of the record as a whole for somebody for whom that field doesn't exist."""
    return Problem("", otherwise) if field in rules.hidden else Problem(field, message, clauses)


def with_defaults(rules: RecordRules, given: Mapping[str, Any]) -> dict[str, Any]:
    """A new record's values: every field, defaults where nothing was given. A formula sees what was given and the
    defaults of the fields before it.
    """
    definition = rules.definition
    own = [field for field in definition.fields if not field.is_computed]
    values = {field.name: given[field.name] if field.name in given else _literal(field) for field in own}
    for field in own:
        if field.default_rule and field.name not in given:
            values[field.name] = rules.default(field, rules.inputs(values, None))
    return values


def _literal(field: FieldDefinition) -> Any:
    return None if field.default is None or field.default_rule else field.parse(field.default)
