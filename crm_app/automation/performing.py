"""What a step does, in whatever transaction it is asked: that of its run, that of steps done together, or a trial's."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm_app.automation.catalog import STEP_TYPES
from crm_app.automation.compiled import BrokenAutomation
from crm_app.automation.messages import Output, StepInput
from crm_app.automation.scope import DefinedFields
from crm_app.automation.step_inputs import inputs_of, ref_of
from crm_app.automation.step_type import StepRun
from crm_app.automation.tracing import StepRule, reading_once, rules_of_block, told_inputs, told_traces
from crm_app.rules.value_json import dump_value
from crm_app.services.automation_runs import StepSeen
from crm_app.services.unit_of_work import UnitOfWork

SETTLES, RECHECKS = "settle", "recheck"


def perform(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any], seen: StepSeen) -> Output:
    """The step's effect and what it gives, without any trace in the ledger of runs. What an external one would do is
    not done.
    """
    run = prepared(work, step, snapshot, seen)
    return {name: dump_value(value) for name, value in STEP_TYPES.get(step.block.type).run(run).items()}


def prepared(work: UnitOfWork, step: StepInput, snapshot: Mapping[str, Any], seen: StepSeen) -> StepRun:
    """What the step is given: its rules' values, noted in `seen` with how each came about."""
    step_type = STEP_TYPES.get(step.block.type)
    config = step_type.config.model_validate(step.block.config)
    rules = rules_of_block(step.block)
    scope = DefinedFields(work.schema)
    if SETTLES not in step.hint or step.block.config.get(RECHECKS):
        _require_defined(rules.values(), scope)
    inputs = reading_once(inputs_of(work, step, snapshot, [rule.tree for rule in rules.values()]))
    asked = {place: rules[place].tree for place in step_type.queries if place in rules}
    valued = {place: rule for place, rule in rules.items() if place not in asked}
    values = {place: rule.value(inputs) for place, rule in valued.items()}
    types = {place: rule.type for place, rule in valued.items()}
    seen.input, seen.traces = told_inputs(valued, values, scope), told_traces(valued, inputs, scope)
    key = f"{step.run.id}/{step.path}/{step.iteration}"
    return StepRun(
        work, ref_of(step.run), config, values, types, asked, inputs, key, step.hint, step.path, step.outputs
    )


def _require_defined(rules: Iterable[StepRule], scope: DefinedFields) -> None:
    """What is not defined any more would be read as empty, and be decided on. What a wait was begun with is not decided
    on again when it is over, unless it is to be worked out anew.
    """
    for rule in rules:
        for owner, name in rule.parts[0].uses:
            if name not in (scope.fields(owner) or ()):
                raise BrokenAutomation(
                    f"`{rule.parts[0].text}` names `{name}` of `{owner}`, which is no longer defined."
                )
