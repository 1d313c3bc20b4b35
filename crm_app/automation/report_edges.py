"""Which automation sets off which: by a change of records, by a call, or by a date that it sets."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.report_findings import Edge, Effect, Looked, Reached
from crm_app.automation.trigger_type import TriggerType
from crm_app.definitions.automation import AutomationDefinition
from crm_app.rules.cases import cases_of
from crm_app.rules.renaming import with_values
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Literal

_EVENTS = {"create": "record.created", "edit": "record.updated", "delete": "record.deleted"}
CALLED, DATE = "called", "date"


def edges_of(looked: Looked) -> tuple[Edge, ...]:
    """To every automation around it, whether or not that is active."""
    around, name = looked.around, looked.definition.name
    if name not in around.edges:
        effects, targets = list(_effects(looked)), around.package.automations
        found = (_edge(looked, effect, each) for effect in effects for each in targets)
        around.edges[name] = tuple(edge for edge in found if edge is not None)
    return around.edges[name]


def _effects(looked: Looked) -> Iterator[Effect]:
    repeated = _repeated(looked)
    for each in looked.steps:
        is_many = any(each.path.startswith(f"{path}/") for path in repeated)
        for name in each.place.called:
            yield Effect(each.title, CALLED, "", frozenset(), {}, each.is_certain, is_many, name)
        written: dict[str, dict[str, str]] = {}
        for place, (name, field) in each.place.written.items():
            written.setdefault(name, {})[field] = place
        actions = {need.action for need in each.needs}
        for need in each.needs:
            event = _EVENTS.get(need.action)
            if event:
                fields = written.get(need.object, {})
                is_new = event == "record.created" and not actions & {"edit", "delete"}
                certain = each.is_certain and is_new
                yield Effect(each.title, event, need.object, frozenset(fields), _fixed(each, fields), certain, is_many)


def _repeated(looked: Looked) -> list[str]:
    """The paths of the blocks of which one run does several turns."""
    return [each.path for each in looked.steps if each.type.flow is not None and each.type.flow.is_repeated]


def _fixed(each: Reached, fields: Mapping[str, str]) -> dict[str, Any]:
    rules = {field: each.place.rules.get(place) for field, place in fields.items()}
    return {f: rule.tree.value for f, rule in rules.items() if rule is not None and isinstance(rule.tree, Literal)}


def _edge(looked: Looked, effect: Effect, end: AutomationDefinition) -> Edge | None:
    start = looked.definition.name
    if effect.event == CALLED:
        return Edge(start, effect, end.name, CALLED, effect.is_certain) if end.name == effect.calls else None
    trigger = TRIGGER_TYPES.find(end.trigger.type)
    if trigger is None or end.trigger.object != effect.object:
        return None
    event = effect.event if effect.event in trigger.events else DATE if _sets_date(trigger, end, effect) else ""
    if not event or (event != DATE and not _is_heard(end.trigger.config, effect)):
        return None
    when = looked.around.of(end).found.places.get("trigger")
    rule = when.rules.get("when") if when else None
    if rule is not None and not _can_be(rule, effect):
        return None
    is_certain = effect.is_certain and not end.trigger.when.strip() and end.trigger.type == effect.event
    return Edge(start, effect, end.name, event, is_certain)


def _sets_date(trigger: TriggerType, end: AutomationDefinition, effect: Effect) -> bool:
    """Whether a moment that the clock waits for is put into a record that is there already."""
    wanted = str(end.trigger.config.get("field", ""))
    return trigger.due is not None and effect.event == "record.updated" and wanted in effect.fields


def _is_heard(config: Mapping[str, Any], effect: Effect) -> bool:
    """Whether the trigger listens to a field that changes, and for the value that it gets."""
    fields = config.get("fields") or ([config["field"]] if config.get("field") else [])
    known = {str(each) for each in cast("list[Any]", fields)}
    if effect.event == "record.updated" and known and effect.fields and not known & effect.fields:
        return False
    if effect.event == "record.created" and "stage" in config and not config.get("on_create"):
        return False
    wanted, got = config.get("stage"), effect.fixed.get(str(config.get("field")))
    return wanted is None or got is None or got == wanted


def _can_be(rule: Rule, effect: Effect) -> bool:
    """Whether the condition can be true once the step has set what it sets; where that can't be decided, it can."""
    tree = with_values(rule.tree, effect.fixed) if effect.fixed else rule.tree
    found = cases_of([tree])
    return found is None or not found.never
