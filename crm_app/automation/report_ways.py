"""Which ways through an automation are never taken, and which records go no way at all."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.report_findings import Finding, Looked, Reached, listed
from crm_app.automation.report_size import ALTERNATIVES
from crm_app.automation.slots import Body, lanes_of
from crm_app.rules.cases import Cases, Example, cases_of
from crm_app.rules.reading import reading
from crm_app.rules.tree import Literal, Name, Node
from crm_app.rules.value_words import Words


def way_findings(looked: Looked) -> Iterator[Finding]:
    trigger = looked.found.places.get("trigger")
    when = trigger.rules.get("when") if trigger else None
    found = cases_of([when.tree]) if when else None
    if found and found.never:
        said = f"No record can be like this: {_said(looked, when.tree) if when else ''}. It would never start."
        yield Finding("never", "It never starts", "bad", (said,))
    lines = [line for each in looked.steps for line in (*_of_step(looked, each), *_of_switch(looked, each))]
    lines += _after_the_end(list(looked.body.get("steps", [])))
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
    yield from _unreached(looked, each, rules, found)
    if found.gap is not None and not each.step.get("else"):
        yield f"Step {each.title}: a record with {_record(looked, found.gap)} goes no way, and nothing is done for it."


def _unreached(looked: Looked, each: Reached, rules: Sequence[Node], found: Cases) -> Iterator[str]:
    for at in found.never:
        yield f"Step {each.title}: case {at + 1} can't be true: no record is like this: {_said(looked, rules[at])}."
    for at in found.unreached:
        taker, example = found.taken[at]
        such = f"a record with {_record(looked, example)} goes to case {taker + 1}"
        yield f"Step {each.title}: case {at + 1} is never reached: those before it take all of it, as {such}."


def _of_switch(looked: Looked, each: Reached) -> Iterator[str]:
    """Values that an earlier case has, and those that a field may have and no case does."""
    on = each.place.rules.get("on")
    values = _case_values(each) if on is not None else None
    if on is None or values is None:
        return
    words, had = Words(looked.around.scope), dict[Any, int]()
    for at, literals in enumerate(values):
        double = [each for each in literals if each.value in had]
        if double and len(double) == len(literals):
            said, first = words.value(double[0].value, on.type), had[double[0].value] + 1
            yield f"Step {each.title}: case {at + 1} is never reached: {said} goes to case {first}."
        had = {**{each.value: at for each in literals}, **had}
    left = [value for value in on.type.options if value not in had] if on.type.options else []
    if left and not each.step.get("else"):
        missing = listed(words.value(value, on.type) for value in left)
        yield f"Step {each.title}: a record with {missing} goes no way, and nothing is done for it."


def _case_values(each: Reached) -> list[list[Literal]] | None:
    """Of a switch, where all that it compares with is constant."""
    cases = cast("list[Any]", each.step.get("cases") or [])
    found: list[list[Literal]] = []
    for at, case in enumerate(cases):
        rules = [each.place.rules.get(f"cases/{at}/values/{index}") for index in range(len(case.get("values") or []))]
        trees = [rule.tree for rule in rules if rule is not None and isinstance(rule.tree, Literal)]
        if not trees or len(trees) != len(rules):
            return None
        found.append(trees)
    return found


def _after_the_end(steps: Sequence[Body]) -> list[str]:
    found: list[str] = []
    for at, step in enumerate(steps):
        for lane in lanes_of(step):
            found += _after_the_end(lane.steps)
        if _ends(step) and at + 1 < len(steps):
            after = listed(_title(each) for each in steps[at + 1 :])
            found.append(f"Never reached: {after}. Every way through step {_title(step)} before it ends there.")
            break
    return found


def _ends(step: Body) -> bool:
    known = STEP_TYPES.find(str(step.get("type")))
    lanes = [lane for lane in lanes_of(step) if lane.place != "compensate"]
    if known is None or known.ends or step.get("type") not in ALTERNATIVES:
        return known is not None and known.ends
    return all(any(map(_ends, lane.steps)) for lane in lanes)


def _title(step: Body) -> str:
    return str(step.get("name") or step.get("id"))


def _rules(each: Reached) -> Sequence[Node]:
    """The rules of its cases, where every one is sound."""
    cases = cast("list[Any]", each.step.get("cases") or [])
    rules = [each.place.rules.get(f"cases/{at}/when") for at in range(len(cases))]
    return [rule.tree for rule in rules if rule is not None] if all(rules) else []


def _said(looked: Looked, tree: Node) -> str:
    return reading(tree, Words(looked.around.scope))


def _record(looked: Looked, example: Example) -> str:
    return ", ".join(_value(looked, name, value) for name, value in example) or "any values"


def _value(looked: Looked, name: Name, value: Any) -> str:
    words = Words(looked.around.scope)
    return f"{reading(name, words)} {'empty' if value is None else words.value(value, name.type)}"
