from crm_app.automation.trigger_type import BatchConfig, TriggerType

TRIGGER_TYPE = TriggerType(
    name="record.deleted",
    label="Record deleted",
    description="Starts when a record is deleted. Rules see it as it last was.",
    config=BatchConfig,
    events=frozenset({"record.deleted"}),
    examples=({"type": "record.deleted", "object": "deal"},),
)
