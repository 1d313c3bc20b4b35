from collections.abc import Mapping
from typing import NoReturn

from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.fields.rule_type import TEXT, RuleType
from crm_app.kernel.errors import Invalid


class FailedOnPurpose(Invalid):
    """A step of the automation says that the run can't go on."""

    code = "failed_on_purpose"


class FailConfig(StepConfig):
    """`message` is an expression that gives the sentence."""

    message: str


def _check(config: FailConfig, place: Place) -> Mapping[str, RuleType]:
    place.rule("message", config.message, TEXT)
    return {}


def _run(step: StepRun) -> NoReturn:
    raise FailedOnPurpose(str(step.values["message"] or "The workflow says no."))


STEP_TYPE = StepType(
    name="fail",
    label="Fail",
    description="Fails, with a sentence, as any step may: a `try` around it catches it, otherwise the run has failed.",
    config=FailConfig,
    check=_check,
    run=_run,
    ends=True,
    examples=({"id": "no", "type": "fail", "message": "'Nobody is there to take ' & name"},),
)
