from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid5

from crm_app.automation.batches import together
from crm_app.automation.budget import RecordBudget, require_bounded, within_budget
from crm_app.automation.flow import Flow
from crm_app.automation.new_runs import started_run
from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.automation.waiting import SETTLES, StillWaiting, begin, key_of
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import TEXT, RuleType
from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.services.automation_runs import insert_runs, run_of_event
from crm_app.services.automation_waits import end_wait, read_wait

CALLABLE = ("called", "manual")


class CalledFailed(Invalid):
    """The automation that was called has not finished well."""

    code = "called_failed"


class CallConfig(StepConfig):
    """`automation` is one that is called or started by hand; `record` is an expression that gives what it is about.
    One that takes a batch gets that one record. The condition of the other's trigger is not asked: a branch before the
    call can do so. With `waits`, the run goes on when the other has ended, and fails if that has failed.
    """

    automation: ApiName
    record: str = "id"
    waits: bool = True


def _check(config: CallConfig, place: Place) -> Mapping[str, RuleType]:
    name = place.record("record", config.record)
    found = next((each for each in place.catalog.automations if each.name == config.automation), None)
    if found is None or found.archived:
        place.refuse("automation", f"There is no workflow '{config.automation}'.")
    elif found.trigger.type not in CALLABLE:
        place.refuse(
            "automation", f"'{found.label}' starts by itself; only one that is `called` or `manual` can be called."
        )
    elif name and found.trigger.object != name:
        place.refuse("automation", f"'{found.label}' is about another object than the record.")
    else:
        place.called.append(found.name)
    return {"status": TEXT, "error": TEXT}


def _run(step: StepRun) -> Mapping[str, Any]:
    return _settled(step) if "settle" in step.hint else _begun(step)


def _begun(step: StepRun) -> Mapping[str, Any]:
    """One run for each step of each run, however often the step is executed."""
    definition, depth = _live(step), step.work.depth
    require_bounded(definition, depth)
    event = uuid5(step.run_id, step.path)
    alone = started_run(definition, event, step.record(), step.work.who.user_id, clock.now())
    (made,) = together([definition], [alone])
    (run,) = within_budget(step.work, [replace(made, depth=depth)])
    if run.error:
        raise RecordBudget(run.error.partition(": ")[2])
    insert_runs(step.work, [run])
    step.work.has_news = True
    begun, _, _ = run_of_event(step.work, event)
    until = None if step.config.waits else clock.now()
    return begin(step, "run", until, record=begun)


def _settled(step: StepRun) -> Mapping[str, Any]:
    _, status, error = run_of_event(step.work, uuid5(step.run_id, step.path.removesuffix(SETTLES)))
    if not step.config.waits:
        end_wait(step.work, key_of(step))
        return {"status": status, "error": ""}
    if status in ("pending", "started"):
        raise StillWaiting(read_wait(step.work, key_of(step)).until)
    end_wait(step.work, key_of(step))
    if status != "finished":
        raise CalledFailed(f"'{step.config.automation}' has not finished well: {error}")
    return {"status": status, "error": error}


def _live(step: StepRun) -> AutomationDefinition:
    name = step.config.automation
    found = next((each for each in step.work.catalog.automations if each.name == name and each.is_active), None)
    if found is None or found.archived:
        raise Invalid(f"The workflow '{name}' is not live.")
    return found


STEP_TYPE = StepType(
    name="call",
    label="Call a workflow",
    description=(
        "Starts another workflow about a record, with the rights of this run, and waits until it has ended. If that "
        "fails, so does the step."
    ),
    config=CallConfig,
    check=_check,
    run=_run,
    flow=Flow(waits=True),
    examples=({"id": "welcome", "type": "call", "automation": "welcome_pack", "record": "company"},),
)
