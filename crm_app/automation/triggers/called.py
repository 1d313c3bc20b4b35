from crm_app.automation.trigger_type import TriggerType

TRIGGER_TYPE = TriggerType(
    name="called",
    label="Called by another workflow",
    description="Starts when a `call` step of another workflow says so, with the rights of that one's run.",
    examples=({"type": "called", "object": "deal"},),
)
