from collections.abc import Iterator

from crm_app.automation.change import Change
from crm_app.automation.trigger_type import BatchConfig, TriggerType
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.errors import Problem


class StageConfig(BatchConfig):
    """`field` is the select field that a pipeline drives. With `on_create`, a record made in the stage counts too."""

    field: str
    stage: str
    on_create: bool = False


def _matches(config: StageConfig, change: Change) -> bool:
    if change.after.get(config.field) != config.stage:
        return False
    return config.field in change.changed if change.before else config.on_create


def _check(config: StageConfig, definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    field = definition.all_fields.get(config.field)
    if field is None or not isinstance(field.settings, ChoiceConfig):
        yield Problem("field", f"'{config.field}' is not a select field of {definition.label}.")
    elif config.stage not in {option.name for option in field.settings.options}:
        yield Problem("stage", f"'{config.stage}' is not an option of {field.label}.")


TRIGGER_TYPE = TriggerType(
    name="stage.entered",
    label="Stage entered",
    description="Starts when a record moves into a stage of a pipeline.",
    events=frozenset({"record.updated", "record.created"}),
    config=StageConfig,
    matches=_matches,
    check=_check,
    examples=(
        {"type": "stage.entered", "object": "deal", "field": "stage", "stage": "won"},
        {"type": "stage.entered", "object": "deal", "field": "stage", "stage": "won", "on_create": True},
    ),
)
