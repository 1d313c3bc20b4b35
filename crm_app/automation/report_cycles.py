"""Which automations set each other off in a circle, over all that would be live together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.drafting import Scene
from crm_app.automation.report_findings import Finding, Looked, Reached, looked_at
from crm_app.definitions.automation import AutomationDefinition
from crm_app.rules.cases import cases_of
from crm_app.rules.renaming import with_values
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Literal

_EVENTS = {"create": "record.created", "edit": "record.updated", "delete": "record.deleted"}
_WORDS = {"record.created": "is created", "record.updated": "changes", "record.deleted": "is deleted"}
MOST_STEPS_AROUND = 6
MOST_SHOWN = 5


@dataclass(frozen=True)
class Effect:
    """A fact that a step causes about records of an object. `fields` are those that change, all where none is named;
    `fixed` are those whose new value is known beforehand.
    """

    step: str
    event: str
    object: str
    fields: frozenset[str]
    fixed: Mapping[str, Any]
    is_certain: bool


@dataclass(frozen=True)
class Edge:
    """One automation sets another off. `is_certain`: whatever the records hold."""

    start: str
    effect: Effect
    end: str
    is_certain: bool


def cycle_findings(looked: Looked) -> Iterator[Finding]:
    """All that go through this automation. A circle in which nothing is asked and every effect happens is bad: once
    begun it goes round until the limit stops it, every time.
    """
    name = looked.scene.definition.name
    found = list(_cycles(_edges(looked), name))
    if not found:
        yield Finding("cycles", "Circles", "good", ("It sets off nothing that leads back to it.",))
        return
    certain = [each for each in found if all(edge.is_certain for edge in each)]
    shown = (certain or found)[:MOST_SHOWN]
    lines = [_said(looked, each, is_certain=each in certain) for each in shown]
    if len(found) > len(shown):
        lines.append(f"And {len(found) - len(shown)} more.")
    yield Finding("cycles", "Circles", "bad" if certain else "note", tuple(lines))


def _said(looked: Looked, cycle: list[Edge], *, is_certain: bool) -> str:
    labels = {each.name: each.label for each in looked.others}
    way = [
        f"“{labels[edge.start]}” (step {edge.effect.step}) → {looked.label(edge.effect.object)} "
        f"{_WORDS.get(edge.effect.event, edge.effect.event)}"
        for edge in cycle
    ]
    depth = min(each.limits.causation_depth for each in looked.others if each.name in {e.start for e in cycle})
    whole = " → ".join([*way, f"“{labels[cycle[-1].end]}” again"])
    if is_certain:
        return f"{whole}. Nothing in it asks whether to go on: it always ends with an error, {depth} rounds deep."
    return f"{whole}. It can go round {depth} times before it ends with an error."


def _edges(looked: Looked) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    targets = looked.others
    for each in targets:
        scene = _scene(looked.scene, each)
        effects = list(_effects(looked if each.name == looked.scene.definition.name else looked_at(scene)))
        found[each.name] = [
            edge for effect in effects for target in targets if (edge := _edge(looked.scene, each, effect, target))
        ]
    return found


def _scene(scene: Scene, other: AutomationDefinition) -> Scene:
    return scene.trying(other.canonical()) if other.name != scene.definition.name else scene


def _effects(looked: Looked) -> Iterator[Effect]:
    for each in looked.steps:
        written: dict[str, dict[str, str]] = {}
        for place, (name, field) in each.place.written.items():
            written.setdefault(name, {})[field] = place
        for need in each.needs:
            event = _EVENTS.get(need.action)
            if event:
                fields = written.get(need.object, {})
                is_new = event == "record.created" and len({n.action for n in each.needs} & {"edit", "delete"}) == 0
                certain = each.is_certain and is_new
                yield Effect(each.title, event, need.object, frozenset(fields), _fixed(each, fields), certain)


def _fixed(each: Reached, fields: Mapping[str, str]) -> dict[str, Any]:
    rules = {field: each.place.rules.get(place) for field, place in fields.items()}
    return {f: rule.tree.value for f, rule in rules.items() if rule is not None and isinstance(rule.tree, Literal)}


def _edge(scene: Scene, start: AutomationDefinition, effect: Effect, end: AutomationDefinition) -> Edge | None:
    trigger = TRIGGER_TYPES.find(end.trigger.type)
    if trigger is None or end.trigger.object != effect.object or effect.event not in trigger.events:
        return None
    if not _is_heard(end.trigger.config, effect):
        return None
    when = scene.trying(end.canonical()).examined().places.get("trigger")
    rule = when.rules.get("when") if when else None
    if rule is not None and not _can_be(rule, effect):
        return None
    is_certain = effect.is_certain and not end.trigger.when.strip() and end.trigger.type == effect.event
    return Edge(start.name, effect, end.name, is_certain)


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


def _cycles(edges: Mapping[str, list[Edge]], name: str) -> Iterator[list[Edge]]:
    """Simple ones through the automation, the short ones first."""
    waiting: list[list[Edge]] = [[edge] for edge in edges.get(name, [])]
    while waiting:
        way = waiting.pop(0)
        end = way[-1].end
        if end == name:
            yield way
        elif len(way) < MOST_STEPS_AROUND and end not in {edge.start for edge in way}:
            waiting += [[*way, edge] for edge in edges.get(end, [])]
