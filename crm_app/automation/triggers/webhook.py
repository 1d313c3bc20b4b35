from collections.abc import Iterator, Mapping

from pydantic import Field

from crm_app.automation.json_values import TYPES, JsonType
from crm_app.automation.trigger_type import TriggerConfig, TriggerType
from crm_app.definitions.model import ApiName
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import RuleType
from crm_app.kernel.errors import Problem


class BodyField(TriggerConfig):
    """`path` leads into the body's JSON, where it isn't the variable's name: `customer.email`."""

    type: JsonType = "text"
    path: str = Field(default="", max_length=200)
    required: bool = False


class WebhookConfig(TriggerConfig):
    """`body` says what is taken from the JSON that comes, as `vars` of the whole automation. The record that the run is
    about is the one whose fields hold the variables that `match` names; where there is none, it is made with those and
    `values`. `run_as` is the person whose rights that takes.
    """

    body: dict[ApiName, BodyField] = Field(min_length=1, max_length=50)
    match: dict[ApiName, ApiName] = Field(default_factory=dict[str, str], max_length=5)
    values: dict[ApiName, ApiName] = Field(default_factory=dict[str, str], max_length=50)


def _check(config: WebhookConfig, definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    for part in ("match", "values"):
        named: Mapping[str, str] = getattr(config, part)
        for name, variable in named.items():
            field = definition.all_fields.get(name)
            if field is None or field.is_read_only:
                yield Problem(f"{part}/{name}", f"'{name}' is no field of {definition.label} that can be set.")
            elif part == "match" and "eq" not in field.field_type.operators:
                yield Problem(f"{part}/{name}", f"A record can't be found by {field.label}.")
            if variable not in config.body:
                yield Problem(f"{part}/{name}", f"'{variable}' is none of the body's variables.")
    if not config.match and not config.values:
        yield Problem("match", "Say which record it is about: by `match`, or a new one with `values`.")


def variables(config: WebhookConfig) -> dict[str, RuleType]:
    return {name: TYPES[each.type] for name, each in config.body.items()}


TRIGGER_TYPE = TriggerType(
    name="webhook",
    label="Webhook received",
    description=(
        "Starts when another system sends signed JSON to an address of the workflow's own. Each message counts once."
    ),
    config=WebhookConfig,
    check=_check,
    variables=variables,
    examples=(
        {
            "type": "webhook",
            "object": "deal",
            "body": {"number": {"path": "order.id"}, "total": {"type": "decimal"}},
            "match": {"name": "number"},
        },
    ),
)
