from crm_app.automation.trigger_type import BatchConfig, TriggerType
from crm_app.definitions.model import ApiName


class ManualConfig(BatchConfig):
    """`roles` are those whose holders may start it; without them, everybody who sees the record may. It acts as whoever
    starts it.
    """

    roles: tuple[ApiName, ...] = ()


TRIGGER_TYPE = TriggerType(
    name="manual",
    label="Started by hand",
    description=(
        "Starts when a person says so, on a record's page, for what they picked in a list, or over the API, and acts "
        "with that person's rights."
    ),
    config=ManualConfig,
    examples=(
        {"type": "manual", "object": "deal"},
        {"type": "manual", "object": "deal", "roles": ["rep"], "when": "stage != 'won'"},
    ),
)
