from collections.abc import Mapping
from typing import Any

from crm_app.automation.step_type import Place, StepConfig, StepRun, StepType
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import RuleType


class DecideConfig(StepConfig):
    """`table` is a decision table about the object of the record that started the run."""

    table: ApiName


def _check(config: DecideConfig, place: Place) -> Mapping[str, RuleType]:
    table = place.catalog.by_decision.get(config.table)
    if table is None or table.object != place.object:
        place.refuse("table", f"There is no decision table '{config.table}' about what starts this workflow.")
        return {}
    found = place.rule("answer", f"decision('{config.table}')", None)
    return {} if found is None else {"answer": found.type}


def _run(step: StepRun) -> Mapping[str, Any]:
    return {"answer": step.values["answer"]}


STEP_TYPE = StepType(
    name="decide",
    label="Ask a decision table",
    description="Asks a decision table about the record that started the run, and gives its `answer`.",
    config=DecideConfig,
    check=_check,
    run=_run,
    examples=({"id": "discount", "type": "decide", "table": "discount"},),
)
