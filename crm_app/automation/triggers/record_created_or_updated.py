from crm_app.automation.change import Change
from crm_app.automation.trigger_type import TriggerType
from crm_app.automation.triggers.record_updated import UpdatedConfig, check_fields


def _matches(config: UpdatedConfig, change: Change) -> bool:
    return not change.before or not config.fields or not change.changed.isdisjoint(config.fields)


TRIGGER_TYPE = TriggerType(
    name="record.created_or_updated",
    label="Record created or updated",
    description="Starts for every new record, and when one of the fields changes. Of a new record, `old.` is empty.",
    events=frozenset({"record.created", "record.updated"}),
    config=UpdatedConfig,
    matches=_matches,
    check=check_fields,
    examples=(
        {"type": "record.created_or_updated", "object": "deal"},
        {"type": "record.created_or_updated", "object": "deal", "fields": ["amount"], "when": "amount > 1000 USD"},
    ),
)
