from crm_app.automation.trigger_type import TriggerType

TRIGGER_TYPE = TriggerType(
    name="record.deleted",
    label="Record deleted",
    description="Starts when a record is deleted. Rules see it as it last was.",
    events=frozenset({"record.deleted"}),
    examples=({"type": "record.deleted", "object": "deal"},),
)
