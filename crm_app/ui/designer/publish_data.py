"""What publishing the draft would do, and what is known beforehand of the automation that is looked at."""

from typing import TypedDict

from crm_app.automation.drafting import Scene
from crm_app.automation.report import Finding, report_of
from crm_app.automation.rules import rules_of
from crm_app.kernel.errors import TrellisError
from crm_app.services import drafts
from crm_app.services.automation_plans import AutomationPlans
from crm_app.ui.builder.addresses import builder_path
from crm_app.ui.builder.publish_data import PlanLine, plan_line


class ReportPart(TypedDict):
    """`state` is good, note or bad; what is bad can't be published."""

    name: str
    title: str
    state: str
    lines: list[str]


class PublishReport(TypedDict):
    """`refusal` says why there is no plan. What hides values, or clashes with what somebody else published, is decided
    at `elsewhere`.
    """

    parts: list[ReportPart]
    lines: list[PlanLine]
    refusal: str
    elsewhere: str
    can_publish: bool


NO_PUBLISH = PublishReport(parts=[], lines=[], refusal="", elsewhere="", can_publish=False)


def publish_data(scene: Scene, *, is_wrong: bool) -> PublishReport:
    refusal = ""
    lines: list[PlanLine] = []
    try:
        changes = drafts.draft_plan(scene.work, scene.draft, AutomationPlans(rules_of))
        lines = [plan_line(scene.package, change) for change in changes]
    except TrellisError as refused:
        refusal = " ".join(problem.message for problem in refused.problems) or refused.message
    parts = [_part(each) for each in report_of(scene)]
    is_delicate = any(line["is_destructive"] for line in lines) or bool(
        drafts.published_meanwhile(scene.work, scene.draft)
    )
    elsewhere = builder_path(scene.definition.trigger.object, "publish") if is_delicate else ""
    is_unsafe = any(part["state"] == "bad" for part in parts)
    return PublishReport(
        parts=parts,
        lines=lines,
        refusal=refusal,
        elsewhere=elsewhere,
        can_publish=bool(lines) and not (is_wrong or is_unsafe or refusal or elsewhere),
    )


def _part(found: Finding) -> ReportPart:
    return ReportPart(name=found.name, title=found.title, state=found.state, lines=list(found.lines))
