"""Which automations set each other off in a circle, over all that would be live together."""

from collections.abc import Iterator, Mapping

from crm_app.automation.report_edges import CALLED, DATE, edges_of
from crm_app.automation.report_findings import Edge, Finding, Looked

_WORDS = {"record.created": "is created", "record.updated": "changes", "record.deleted": "is deleted"}
MOST_STEPS_AROUND = 6
MOST_WAYS = 5_000
MOST_SHOWN = 5


def cycle_findings(looked: Looked) -> Iterator[Finding]:
    """All that go through this automation. A circle in which nothing is asked and every effect happens is bad: once
    begun it goes round until the limit stops it, every time.
    """
    found = list(_cycles(looked))
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
    automations = {each.name: each for each in looked.together}
    way = [f"“{automations[edge.start].label}” (step {edge.effect.step}) → {_what(looked, edge)}" for edge in cycle]
    whole = " → ".join([*way, f"“{automations[cycle[-1].end].label}” again"])
    limits = [automations[edge.start].limits for edge in cycle]
    depth, hourly = (min(getattr(each, name) for each in limits) for name in ("causation_depth", "runs_per_hour"))
    budget = f"one record sets none of them off more than {hourly} times an hour"
    if any(edge.effect.is_many for edge in cycle):
        budget = f"each round may be for many records, but {budget}"
    if is_certain:
        return f"{whole}. Nothing in it asks whether to go on: it always ends with an error, {depth} rounds deep."
    if any(edge.event == DATE for edge in cycle):
        return f"{whole}. The clock is waited for in it, so no number of rounds ends it; {budget}."
    return f"{whole}. It can go round {depth} times before it ends with an error; {budget}."


def _what(looked: Looked, edge: Edge) -> str:
    if edge.event == CALLED:
        return "calls"
    label = looked.around.label(edge.effect.object)
    return f"{label} gets a new date" if edge.event == DATE else f"{label} {_WORDS.get(edge.event, edge.event)}"


def _cycles(looked: Looked) -> Iterator[list[Edge]]:
    """Simple ones through the automation, the short ones first."""
    home = looked.definition.name
    edges = {each.name: edges_of(looked.around.of(each)) for each in looked.together}
    reaching = _reaching(home, {name: {edge.end for edge in found} for name, found in edges.items()})
    waiting = [[edge] for edge in edges[home] if edge.end in reaching]
    for _ in range(MOST_WAYS):
        if not waiting:
            return
        way = waiting.pop(0)
        end = way[-1].end
        if end == home:
            yield way
        elif len(way) < MOST_STEPS_AROUND:
            been = {edge.start for edge in way}
            waiting += [[*way, edge] for edge in edges[end] if edge.end in reaching and edge.end not in been - {home}]


def _reaching(home: str, ends: Mapping[str, set[str]]) -> set[str]:
    """The automations from which one can come back to it."""
    found = {home}
    while more := {name for name, to in ends.items() if name not in found and to & found}:
        found |= more
    return found
