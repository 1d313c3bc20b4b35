from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from crm_app.automation.asking import BY, AskConfig, ask, check_asking, settled
from crm_app.automation.flow import Flow
from crm_app.automation.step_type import Place, StepRun, StepType
from crm_app.definitions.model import ApiName
from crm_app.fields.rule_type import BOOL, DATE, DECIMAL, TEXT, RuleType

Kind = Literal["text", "long_text", "number", "date", "yes_no", "choice"]
TYPES: Mapping[str, RuleType] = {"number": DECIMAL, "date": DATE, "yes_no": BOOL}


class FormField(BaseModel):
    """One thing to fill in. `options` are those of a choice."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ApiName
    label: str = Field(min_length=1, max_length=100)
    kind: Kind = "text"
    required: bool = False
    options: tuple[str, ...] = Field(default=(), max_length=50)


class FormConfig(AskConfig):
    """`assignees` gives a person, several, or a team; `role` adds everybody who holds it. The first of them to send the
    form settles it. `fields` are what it asks; each is an output under its name.
    """

    fields: tuple[FormField, ...] = Field(min_length=1, max_length=30)


def _check(config: FormConfig, place: Place) -> Mapping[str, RuleType]:
    check_asking(config, place)
    outputs: dict[str, RuleType] = {"comment": TEXT, "by": BY, "timed_out": BOOL.required()}
    for index, field in enumerate(config.fields):
        if field.name in outputs or field.name == "answer":
            place.refuse(f"fields/{index}/name", f"'{field.name}' is taken. Choose another name.")
        if field.kind == "choice" and not field.options:
            place.refuse(f"fields/{index}/options", "A choice needs options.")
        outputs[field.name] = TYPES.get(field.kind, TEXT)
    return outputs


def _run(step: StepRun) -> Mapping[str, Any]:
    config: FormConfig = step.config
    if "settle" not in step.hint:
        return ask(step, "form", fields=[field.model_dump(mode="json") for field in config.fields])
    empty = {field.name: None for field in config.fields}
    found = dict(settled(step, empty))
    found.pop("answer", None)
    return {**found, **{field.name: _value(field, found.get(field.name)) for field in config.fields}}


def _value(field: FormField, raw: Any) -> Any:
    """As a rule holds it; the door has checked it (`services.form_values`), so what does not fit is empty."""
    if raw is None or raw == "":
        return None
    try:
        match field.kind:
            case "number":
                return Decimal(str(raw))
            case "date":
                return date.fromisoformat(str(raw))
            case "yes_no":
                return raw is True
            case _:
                return str(raw)
    except (InvalidOperation, ValueError):
        return None


STEP_TYPE = StepType(
    name="form",
    label="Form",
    description=(
        "Asks people to fill in a form, in their inbox and on the record, and waits for the first who does. What they "
        "filled in is `steps.ID.NAME`. Past `timeout`, `on_timeout` is done, and the run goes on with empty values."
    ),
    config=FormConfig,
    check=_check,
    run=_run,
    flow=Flow(waits=True),
    examples=(
        {
            "id": "why",
            "type": "form",
            "assignees": "owner",
            "title": "Why was {{name}} lost?",
            "fields": [{"name": "reason", "label": "Reason", "kind": "long_text", "required": True}],
        },
    ),
)
