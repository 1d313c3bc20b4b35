from crm_app.automation.trigger_type import BatchConfig, TriggerType

TRIGGER_TYPE = TriggerType(
    name="record.created",
    label="Record created",
    description="Starts for every new record of the object.",
    config=BatchConfig,
    events=frozenset({"record.created"}),
    examples=(
        {"type": "record.created", "object": "deal", "when": "amount >= 50000 USD"},
        {"type": "record.created", "object": "deal", "batch": True},
    ),
)
