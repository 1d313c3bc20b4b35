from collections.abc import Iterator

from pydantic import Field

from crm_app.automation.trigger_type import TriggerConfig, TriggerType
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.model import ApiName
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import TEXT, RuleType
from crm_app.kernel.errors import Problem

ASKABLE = frozenset(
    ("boolean", "currency", "date", "email", "long_text", "number", "percent", "phone", "select", "text", "time", "url")
)


class FormInput(TriggerConfig):
    """What somebody is asked. The answer goes into the `field` of the record, where one is named; as `vars` of the
    automation it is known in any case, as the text that was entered.
    """

    name: ApiName
    label: str = Field(min_length=1, max_length=200)
    field: str = ""
    help: str = Field(default="", max_length=500)
    required: bool = False


class FormConfig(TriggerConfig):
    """A page that everybody can fill in, at `/forms/` and the automation's name. What is sent makes a record; with
    `match`, the one whose fields hold these answers is meant, and what it holds stays. `values` are set on a new record
    besides. `run_as` is the person whose rights that takes.
    """

    inputs: tuple[FormInput, ...] = Field(min_length=1, max_length=40)
    title: str = Field(default="", max_length=200)
    intro: str = Field(default="", max_length=2000)
    thanks: str = Field(default="Thank you. We have what you sent.", max_length=1000)
    button: str = Field(default="Send", max_length=50)
    match: tuple[ApiName, ...] = Field(default=(), max_length=5)
    values: dict[ApiName, str] = Field(default_factory=dict[str, str], max_length=20)


def _check(config: FormConfig, definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    yield from _check_inputs(config, definition)
    fields = [each.field for each in config.inputs if each.field]
    for index, name in enumerate(config.match):
        field = definition.all_fields.get(name)
        if name not in fields or (field is not None and "eq" not in field.field_type.operators):
            yield Problem(f"match/{index}", f"A record can't be found by '{name}': the form doesn't ask for it.")
    for name in config.values:
        field = definition.all_fields.get(name)
        if field is None or field.is_read_only or name in fields:
            yield Problem(f"values/{name}", f"'{name}' is no field of {definition.label} that is left to be set.")
    for field in definition.fields:
        if field.required and field.default is None and field.name not in {*fields, *config.values}:
            yield Problem("inputs", f"{field.label} is required, and nothing asks for it.")


def _check_inputs(config: FormConfig, definition: ObjectDefinition) -> Iterator[Problem]:
    for index, each in enumerate(config.inputs):
        before = config.inputs[:index]
        if each.name in [other.name for other in before]:
            yield Problem(f"inputs/{index}/name", f"Another input is called '{each.name}' already.")
        if each.field and each.field in [other.field for other in before]:
            yield Problem(f"inputs/{index}/field", "Another input asks for this field already.")
        elif each.field:
            yield from _askable(f"inputs/{index}/field", definition, each.field)


def _askable(at: str, definition: ObjectDefinition, name: str) -> Iterator[Problem]:
    field: FieldDefinition | None = definition.all_fields.get(name)
    if field is None or field.is_read_only:
        yield Problem(at, f"'{name}' is no field of {definition.label} that can be set.")
    elif field.field_type.name not in ASKABLE:
        yield Problem(at, f"A public form can't ask for {field.label}.")


def variables(config: FormConfig) -> dict[str, RuleType]:
    return {each.name: TEXT for each in config.inputs}


TRIGGER_TYPE = TriggerType(
    name="form.submitted",
    label="Form submitted",
    description=(
        "Starts when somebody fills in a public page of the workflow's own; nobody has to log in for it. What robots "
        "send is passed over, and who sends too much has to wait."
    ),
    config=FormConfig,
    check=_check,
    variables=variables,
    examples=(
        {
            "type": "form.submitted",
            "object": "deal",
            "title": "Ask for an offer",
            "inputs": [
                {"name": "company", "label": "Your company", "field": "name", "required": True},
                {"name": "email", "label": "Where can we reach you?", "required": True},
                {"name": "wish", "label": "What are you looking for?", "field": "note"},
            ],
            "values": {"stage": "prospecting"},
        },
    ),
)
