"""What one event would lead to, as it is painted: effects in words, and a coloured canvas for each version."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypedDict

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.dry_facts import DryFact
from crm_app.automation.dry_outcome import Outcome, leaves
from crm_app.automation.dry_run import Tried
from crm_app.automation.step_looks import look_of
from crm_app.automation.trial import TriedStep
from crm_app.kernel.events import RecordRef
from crm_app.services.run_blocks import nodes_of
from crm_app.services.run_details import StepOnce
from crm_app.services.run_lists import names_of_records
from crm_app.services.seen_values import ROUND, Value
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.setting_texts import choice_text
from crm_app.ui.elements import icon_name
from crm_app.ui.runs.block_data import NO_BLOCK, TRIGGER, BlockShown, block_shown
from crm_app.ui.runs.once_data import Once, once
from crm_app.ui.runs.place_names import place_names
from crm_app.ui.runs.run_tree import Become, coloured

DRAFT, LIVE = "draft", "live"
_ICONS = {"created": "plus", "updated": "pencil", "deleted": "trash-2", "restored": "undo-2"}
_VERBS = {"created": "created", "updated": "changed", "deleted": "deleted", "restored": "restored"}
_MAX_TIMES = 50
_NO_CONDITION = "It has no condition: whatever happens of this kind starts it."
_NOT_THIS = "What happened to the record is not what starts it."


class Detail(TypedDict):
    label: str
    text: str


class EffectLine(TypedDict):
    """`is_only`: the other version would not do it."""

    key: str
    icon: str
    text: str
    details: list[Detail]
    is_only: bool


class WayLine(TypedDict):
    """What one version would do."""

    key: str
    title: str
    verdict: str
    error: str
    effects: list[EffectLine]


def ways_of(work: UnitOfWork, tried: Tried, title: str) -> list[WayLine]:
    """`title` is what the version that was tried is called; the live one comes second, where it is another."""
    mine = _effects(work, tried.outcome)
    if tried.live is None:
        return [_way(DRAFT, title, tried.outcome, mine)]
    theirs = _effects(work, tried.live)
    return [
        _way(DRAFT, title, tried.outcome, _marked(mine, theirs)),
        _way(LIVE, "Live now", tried.live, _marked(theirs, mine)),
    ]


def counted_effect(work: UnitOfWork, what: str, count: int) -> str:
    """`2 Tasks created`"""
    name, _, event = what.partition(" ")
    definition = work.catalog.by_name.get(name)
    label = name if definition is None else definition.label if count == 1 else definition.plural
    verb = event.removeprefix("record.")
    return f"{count:,} {label} {_VERBS.get(verb, verb)}"


def tree_of(work: UnitOfWork, outcome: Outcome, body: Mapping[str, Any]) -> dict[str, Any]:
    tree = coloured(work, body, became(outcome), is_over=True)
    if not outcome.starts and tree:
        tree["trigger"] |= {"state": "skipped", "said": "Would not start", "sign": ""}
    return tree


def became(outcome: Outcome) -> dict[str, Become]:
    """By the block's id; one that would be done several times once, as it would end."""
    found: dict[str, Become] = {}
    for step in outcome.steps:
        key = _key(step)
        times = found[key].times + 1 if key in found else 1
        found[key] = Become("failed" if step.error else "finished", times, step.error)
    return found


def block_of(work: UnitOfWork, tried: Tried, outcome: Outcome, body: Mapping[str, Any], key: str) -> BlockShown:
    if key == TRIGGER:
        return _trigger(work, tried, outcome, body)
    step = next((node.step for node in nodes_of(body) if str(node.step["id"]) == key), None)
    if step is None:
        return NO_BLOCK
    done = [each for each in outcome.steps if _key(each) == key]
    known, name = _known(work, done), place_names(work, step, tried.event.ref.object)
    times = [
        _untimed(once(work, at, _told(tried, _leading(each, known), at), len(done), name))
        for at, each in enumerate(done[:_MAX_TIMES], start=1)
    ]
    label = str(step.get("name") or key)
    known_as = became(outcome).get(key, Become("skipped"))
    return block_shown(key, label, str(step["type"]), known_as, times, nothing="It would not come to this.")


def _trigger(work: UnitOfWork, tried: Tried, outcome: Outcome, body: Mapping[str, Any]) -> BlockShown:
    known = TRIGGER_TYPES.find(str(body["trigger"]["type"]))
    asked = (
        TriedStep(TRIGGER, "", {}, input={"only if": outcome.why[0]}, traces={"only if": outcome.why})
        if (outcome.why)
        else None
    )
    return BlockShown(
        key=TRIGGER,
        label=known.label if known else "",
        kind="What starts it",
        state="Would start" if outcome.starts else "Would not start",
        css=f"badge badge-{'green' if outcome.starts else 'gray'}",
        note="",
        nothing=_NO_CONDITION if outcome.starts else _NOT_THIS,
        times=[_untimed(once(work, 1, _told(tried, _leading(asked, {}), 1), 1, choice_text))] if asked else [],
    )


def _key(step: TriedStep) -> str:
    return ROUND.sub("", step.path).rpartition("/")[2]


def _leading(step: TriedStep, known: Mapping[RecordRef, str]) -> TriedStep:
    """What would only be made leads nowhere."""

    def there(value: Value) -> Value:
        return value if value.ref in known else replace(value, ref=None)

    return replace(
        step,
        input={place: there(value) for place, value in step.input.items()},
        traces={place: [there(value) for value in parts] for place, parts in step.traces.items()},
    )


def _untimed(shown: Once) -> Once:
    return {**shown, "note": ""}


def _told(tried: Tried, step: TriedStep, number: int) -> StepOnce:
    at = tried.event.at
    return StepOnce(
        path=f"{step.path}:{number}", iteration=0, status="failed" if step.error else "finished", error=step.error,
        input=step.input, traces={place: [*parts] for place, parts in step.traces.items()},
        output=step.output, is_output_closed=step.is_closed, attempts=1, failures=(), started_at=at, at=at,
    )  # fmt: skip


def _known(work: UnitOfWork, steps: Iterable[TriedStep]) -> Mapping[RecordRef, str]:
    values = (value for step in steps for parts in [step.input.values(), *step.traces.values()] for value in parts)
    return names_of_records(work, {value.ref for value in values if value.ref is not None})


def _way(key: str, title: str, outcome: Outcome, effects: list[EffectLine]) -> WayLine:
    if not outcome.starts:
        verdict = "It would not start."
    elif outcome.error:
        verdict = "It would start, and fail." if outcome.steps else "It could not start."
    else:
        verdict = "It would run to its end." if effects else "It would run to its end, and change nothing."
    return WayLine(key=key, title=title, verdict=verdict, error=outcome.error, effects=effects)


def _effects(work: UnitOfWork, outcome: Outcome) -> list[EffectLine]:
    told = [each for each in outcome.facts if each.name]
    rest = Counter(f"{each.object} {each.event}" for each in outcome.facts if not each.name)
    lines = [_fact(work, each) for each in told]
    lines += [_line("activity", counted_effect(work, what, count), []) for what, count in rest.items()]
    lines += [_sent(work, each) for each in outcome.steps if leaves(each.type) and not each.error]
    return [{**line, "key": str(at)} for at, line in enumerate(lines)]


def _fact(work: UnitOfWork, fact: DryFact) -> EffectLine:
    definition = work.catalog.by_name[fact.object]
    verb = fact.event.removeprefix("record.")
    details = [
        Detail(label=each.label, text=f"{each.before} → {each.after or 'empty'}" if each.before else each.after)
        for each in (fact.changes if verb in ("created", "updated") else ())
    ]
    text = f"{definition.label} “{fact.name}” {_VERBS.get(verb, verb)}"
    return _line(_ICONS.get(verb, "activity"), text, details)


def _sent(work: UnitOfWork, step: TriedStep) -> EffectLine:
    name = place_names(work, {"type": step.type}, "")
    details = [
        Detail(label=name(place), text=value.value)
        for place, value in step.input.items()
        if value.value and not value.is_closed
    ]
    return _line(look_of(step.type)[0], STEP_TYPES.get(step.type).label, details)


def _line(icon: str, text: str, details: list[Detail]) -> EffectLine:
    return EffectLine(key="", icon=icon_name(icon), text=text, details=details, is_only=False)


def _marked(mine: Sequence[EffectLine], theirs: Sequence[EffectLine]) -> list[EffectLine]:
    left = Counter(map(_face, theirs))
    found: list[EffectLine] = []
    for line in mine:
        is_shared = left[_face(line)] > 0
        left[_face(line)] -= is_shared
        found.append({**line, "is_only": not is_shared})
    return found


def _face(line: EffectLine) -> tuple[str, tuple[tuple[str, str], ...]]:
    return line["text"], tuple((each["label"], each["text"]) for each in line["details"])
