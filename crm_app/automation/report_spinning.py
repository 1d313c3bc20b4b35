"""A workflow whose own change starts it again, tried out: with a record as example, and what its field becomes."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.report_findings import Finding, Looked, Reached
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.money import Money
from crm_app.rules.decision_columns import values_for
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.value_words import Words

_SHOWN = 4
_PLAIN: dict[str, Any] = {"int": 1, "decimal": Decimal(1), "text": "a"}


def spinning_findings(looked: Looked) -> Iterator[Finding]:
    """Bad, because it ends with an error for the record that is shown. Only steps that every run comes by are tried,
    and only rules that look at nothing but the field that they set.
    """
    lines = [line for each in looked.steps for line in _of_step(looked, each)]
    if lines:
        yield Finding("spinning", "It starts itself without end", "bad", tuple(lines))


def _of_step(looked: Looked, each: Reached) -> Iterator[str]:
    record = each.place.rules.get("record")
    if not each.is_certain or record is None or record.text != "id":
        return
    for place, (name, field) in each.place.written.items():
        rule = each.place.rules.get(place)
        if rule is not None and _is_heard(looked, name, field) and _is_about(rule, name, field, frozenset()):
            values = _proof(looked, rule, field)
            if values:
                words = Words(looked.around.scope)
                said = " → ".join(words.value(value, rule.type) for value in values[:_SHOWN])
                label = looked.around.field_label(name, field)
                yield f"Step {each.title}: a record whose {label} becomes {said} → …, each change starting it again."


def _is_heard(looked: Looked, name: str, field: str) -> bool:
    trigger = looked.definition.trigger
    known = TRIGGER_TYPES.find(trigger.type)
    fields = trigger.config.get("fields") or [field]
    is_of_it = known is not None and "record.updated" in known.events and trigger.object == name
    return is_of_it and field in fields and not trigger.config.keys() - {"fields"}


def _is_about(rule: Rule, name: str, field: str, context: frozenset[str]) -> bool:
    found = rule.dependencies
    return found.fields == frozenset({(name, field)}) and found.context <= context and not found.through


def _proof(looked: Looked, rule: Rule, field: str) -> list[Any]:
    """What the field holds round by round, where the rounds go on past the limit; empty where none was found."""
    trigger = looked.found.places.get("trigger")
    when = trigger.rules.get("when") if trigger else None
    name = looked.definition.trigger.object
    if looked.definition.trigger.when.strip() and when is None:
        return []
    if when is not None and not _is_about(when, name, field, frozenset({"old"})):
        return []
    infos = looked.around.scope.fields(name) or {}
    trees = [rule.tree, *([when.tree] if when else [])]
    begun = [
        value for value in (*_simple(infos[field].type), *values_for(infos[field].type, trees)) if value is not None
    ]
    asks = compile_rule(when) if when else None
    depth = looked.definition.limits.causation_depth
    for first in begun:
        values = _rounds(first, field, compile_rule(rule), asks, depth)
        if len(values) > depth + 1:
            return values
    return []


def _simple(of: RuleType) -> tuple[Any, ...]:
    if of.kind == "money":
        return (Money(Decimal(1), of.currency or of.usual or "USD"),)
    return (_PLAIN[of.kind],) if of.kind in _PLAIN else ()


def _rounds(
    first: Any,
    field: str,
    becomes: Callable[[Inputs], Any],
    asks: Callable[[Inputs], Any] | None,
    depth: int,
) -> list[Any]:
    values: list[Any] = [first]
    old: Any = None
    while len(values) <= depth + 1:
        now = values[-1]
        inputs = Inputs(record={field: now}, old={field: old})
        if asks is not None and asks(inputs) is not True:
            break
        after = becomes(inputs)
        if after is None or after == now:
            break
        old = now
        values.append(after)
    return values
