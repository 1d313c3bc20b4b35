"""What an automation reads, writes and sends out."""

from collections import defaultdict
from collections.abc import Iterator

from crm_app.automation.report_findings import Finding, Looked, listed

_VERBS = {"create": "Creates", "delete": "Deletes", "transfer": "Gives to somebody else"}


def reach_findings(looked: Looked) -> Iterator[Finding]:
    reads = _reads(looked)
    if reads:
        yield Finding("reads", "It reads", "good", tuple(reads))
    writes = [*_writes(looked), *_other_writes(looked)]
    yield Finding("writes", "It writes", "good", tuple(writes) or ("Nothing.",))
    outside = [each.title for each in looked.steps if each.type.is_external]
    if outside:
        said = f"{listed(outside)}. What was sent can't be taken back."
        yield Finding("outside", "It reaches outside", "note", (said,))


def _reads(looked: Looked) -> list[str]:
    found: dict[str, list[str]] = defaultdict(list)
    for place in looked.found.places.values():
        for rule in place.rules.values():
            for name, field in sorted(rule.dependencies.reads):
                if field != "id":
                    found[name].append(looked.around.field_label(name, field))
    return [f"{looked.around.label(name)}: {listed(fields)}." for name, fields in sorted(found.items())]


def _writes(looked: Looked) -> list[str]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in looked.steps:
        for name, field in each.place.written.values():
            found[name].append(looked.around.field_label(name, field))
    return [f"{looked.around.label(name)}: {listed(fields)}." for name, fields in sorted(found.items())]


def _other_writes(looked: Looked) -> list[str]:
    found = {(need.action, need.object): each.title for each in looked.steps for need in each.needs}
    return [
        f"{_VERBS[action]} {looked.around.label(name).lower()} records, in step {title}."
        for (action, name), title in sorted(found.items())
        if action in _VERBS
    ]
