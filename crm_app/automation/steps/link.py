from collections.abc import Iterator, Mapping
from typing import Any

from crm_app.automation.links import LinkConfig, check_link, link
from crm_app.automation.step_type import Need, Place, StepRun, StepType
from crm_app.fields.rule_type import RuleType


def _check(config: LinkConfig, place: Place) -> Mapping[str, RuleType]:
    check_link(config, place)
    return {}


def _needs(_config: LinkConfig, place: Place) -> Iterator[Need]:
    if rule := place.rules.get("record"):
        yield Need("edit", rule.type.object)


def _run(step: StepRun) -> Mapping[str, Any]:
    link(step)
    return {}


STEP_TYPE = StepType(
    name="link",
    label="Link records",
    description="Makes a relation of a record point at another one, or adds that to a relation to many.",
    config=LinkConfig,
    check=_check,
    needs=_needs,
    run=_run,
    examples=({"id": "connect", "type": "link", "record": "steps.follow_up.id", "field": "deal", "to": "id"},),
)
