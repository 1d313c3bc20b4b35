from crm_app.automation.trigger_type import TriggerConfig, TriggerType
from crm_app.definitions.model import ApiName


class SignalConfig(TriggerConfig):
    """`signal` is the name that another program calls."""

    signal: ApiName


TRIGGER_TYPE = TriggerType(
    name="signal",
    label="Signal received",
    description=(
        "Starts when another program sends a signal about a record over the API. It acts with the rights of the person "
        "whose key that program has."
    ),
    config=SignalConfig,
    examples=({"type": "signal", "object": "deal", "signal": "contract_signed"},),
)
