from collections.abc import Iterator

from crm_app.automation.change import Change
from crm_app.automation.trigger_type import BatchConfig, TriggerType
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


class UpdatedConfig(BatchConfig):
    """Without `fields`, a change of any field counts."""

    fields: tuple[str, ...] = ()


def _matches(config: UpdatedConfig, change: Change) -> bool:
    return not config.fields or not change.changed.isdisjoint(config.fields)


def check_fields(config: UpdatedConfig, definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    for index, name in enumerate(config.fields):
        if name not in definition.all_fields:
            yield Problem(f"fields/{index}", f"'{name}' is not a field of {definition.label}.")


TRIGGER_TYPE = TriggerType(
    name="record.updated",
    label="Record updated",
    description="Starts when one of the fields changes; `old.` in rules is what a field held before.",
    events=frozenset({"record.updated"}),
    config=UpdatedConfig,
    matches=_matches,
    check=check_fields,
    examples=(
        {"type": "record.updated", "object": "deal"},
        {"type": "record.updated", "object": "deal", "fields": ["amount"], "when": "amount > old.amount"},
    ),
)
