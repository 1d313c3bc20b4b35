"""What became of trying a rule on a record: the value, and every part coloured by what it was."""

from collections.abc import Iterator
from typing import TypedDict
from uuid import UUID

from crm_app.kernel.events import RecordRef
from crm_app.rules.errors import RuleError
from crm_app.rules.rule import Rule
from crm_app.rules.trace import Step
from crm_app.rules.tree import If, Logic, Node, Not
from crm_app.services.rule_trials import Trial, try_rule
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.rules.desk import Desk

_TRUTHS = {True: "true", False: "false", None: "unknown"}


class TrialStep(TypedDict):
    """`truth` is `true`, `false` or `unknown` of a condition, and `value` of anything else."""

    key: str
    text: str
    indent: int
    truth: str
    value: str


class TrialPart(TypedDict):
    """A stretch of the rule's text; `truth` is empty between conditions."""

    text: str
    truth: str


class RuleTrial(TypedDict):
    """`text` and `record` are what was tried; `message` says why it could not be."""

    text: str
    record: str
    name: str
    truth: str
    value: str
    parts: list[TrialPart]
    steps: list[TrialStep]
    note: str
    message: str


NO_TRIAL = RuleTrial(text="", record="", name="", truth="", value="", parts=[], steps=[], note="", message="")


def tried(work: UnitOfWork, desk: Desk, text: str, identifier: UUID) -> RuleTrial:
    begun: RuleTrial = {**NO_TRIAL, "text": text, "record": str(identifier)}
    if desk.object not in work.catalog.by_name:
        return {**begun, "message": "It has no records yet. Publish it first."}
    try:
        rule = desk.checked(text)
    except RuleError as error:
        return {**begun, "message": error.message}
    trial = try_rule(work, rule, desk.definition, RecordRef(desk.object, identifier))
    return {
        **begun,
        "name": trial.record,
        "truth": _truth(rule.type.kind, trial.value),
        "value": _value(desk, rule, trial),
        "parts": _parts(text, trial.steps),
        "steps": [_step(desk, at, step) for at, step in enumerate(trial.steps)],
        "note": _note(desk, trial),
    }


def _truth(kind: str, value: object) -> str:
    return _TRUTHS[value] if kind == "bool" and (value is None or isinstance(value, bool)) else "value"


def _value(desk: Desk, rule: Rule, trial: Trial) -> str:
    return "" if rule.type.kind == "bool" else desk.words.value(trial.value, rule.type)


def _step(desk: Desk, at: int, step: Step) -> TrialStep:
    truth = _truth(step.node.type.kind, step.value)
    value = truth if truth != "value" else desk.words.value(step.value, step.node.type)
    return TrialStep(key=str(at), text=step.text, indent=min(step.depth, 8), truth=truth, value=value)


def _parts(text: str, steps: list[Step]) -> list[TrialPart]:
    found: list[TrialPart] = []
    at = 0
    for step in sorted(_clauses(steps), key=lambda step: step.span):
        start, end = step.span
        if start >= at:
            truth = _truth("bool", step.value)
            found += [TrialPart(text=text[at:start], truth=""), TrialPart(text=text[start:end], truth=truth)]
            at = end
    found.append(TrialPart(text=text[at:], truth=""))
    return [part for part in found if part["text"]]


def _clauses(steps: list[Step]) -> Iterator[Step]:
    """The conditions that `and`, `or`, `not` and `if` join, in the order of the trace, parents first."""
    inside = -1
    for step in steps:
        if 0 <= inside < step.depth:
            continue
        is_joint = isinstance(step.node, (Logic, If)) or (isinstance(step.node, Not) and _joins(step.node.operand))
        is_clause = step.node.type.kind == "bool" and not is_joint
        inside = step.depth if is_clause else -1
        if is_clause:
            yield step


def _joins(node: Node) -> bool:
    return isinstance(node, (Logic, If, Not))


def _note(desk: Desk, trial: Trial) -> str:
    if not trial.unseen:
        return ""
    labels = ", ".join(desk.words.label(desk.object, name) for name in trial.unseen)
    return f"You may not read {labels}, so it counts as empty here."
