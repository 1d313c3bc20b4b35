"""Which ways through an automation are never taken, and which records go no way at all."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from crm_app.automation.report_findings import Finding, Looked, Reached
from crm_app.rules.cases import Cases, cases_of
from crm_app.rules.reading import reading
from crm_app.rules.tree import Name, Node
from crm_app.rules.value_words import Words


def way_findings(looked: Looked) -> Iterator[Finding]:
    trigger = looked.found.places.get("trigger")
    when = trigger.rules.get("when") if trigger else None
    found = cases_of([when.tree]) if when else None
    if found and found.never:
        said = f"No record can be like this: {_said(looked, when.tree) if when else ''}. It would never start."
        yield Finding("never", "It never starts", "bad", (said,))
    lines = [line for each in looked.steps for line in _of_step(looked, each)]
    if lines:
        yield Finding("ways", "Ways that are not taken", "note", tuple(lines))
    elif any(_rules(each) for each in looked.steps):
        yield Finding("ways", "Ways", "good", ("Every way can be taken, and every record has one.",))


def _of_step(looked: Looked, each: Reached) -> Iterator[str]:
    rules = _rules(each)
    if not rules:
        return
    found = cases_of(rules)
    if found is None:
        yield f"Step {each.title}: whether every case can be reached can't be decided."
        return
    yield from _unreached(each, found)
    if found.gap is not None and not each.step.get("else"):
        of = ", ".join(_value(looked, name, value) for name, value in found.gap) or "any values"
        yield f"Step {each.title}: a record with {of} goes no way, and nothing is done for it."


def _unreached(each: Reached, found: Cases) -> Iterator[str]:
    for at in found.never:
        yield f"Step {each.title}: case {at + 1} can't be true."
    for at in found.unreached:
        yield f"Step {each.title}: case {at + 1} is never reached: those before it take all of it."


def _rules(each: Reached) -> Sequence[Node]:
    """The rules of its cases, where every one is sound."""
    cases = cast("list[Any]", each.step.get("cases") or [])
    rules = [each.place.rules.get(f"cases/{at}/when") for at in range(len(cases))]
    return [rule.tree for rule in rules if rule is not None] if all(rules) else []


def _said(looked: Looked, tree: Node) -> str:
    return reading(tree, Words(looked.scene.scope))


def _value(looked: Looked, name: Name, value: Any) -> str:
    words = Words(looked.scene.scope)
    return f"{reading(name, words)} {'empty' if value is None else words.value(value, name.type)}"
