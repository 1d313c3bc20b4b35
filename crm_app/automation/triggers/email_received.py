from collections.abc import Iterator

from pydantic import Field

from crm_app.automation.trigger_type import TriggerConfig, TriggerType
from crm_app.definitions.model import ApiName
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.rule_type import DATETIME, TEXT, RuleType
from crm_app.kernel.errors import Problem

VARIABLES: dict[str, RuleType] = {
    "sender": TEXT, "sender_name": TEXT, "subject": TEXT, "body": TEXT, "received_at": DATETIME,
}  # fmt: skip


class EmailReceivedConfig(TriggerConfig):
    """`connection` is one to a mailbox, which nobody else reads. A mail that answers one of ours is about the record
    that ours was about; any other is about the record whose `address_field` holds the sender's address. Where there is
    none, one is made with the variables that `values` names, if it names any. Attachments go into the field `files`.
    `run_as` is the person whose rights that takes.
    """

    connection: ApiName
    address_field: str = ""
    values: dict[ApiName, str] = Field(default_factory=dict[str, str], max_length=20)
    files: str = ""


def _check(config: EmailReceivedConfig, definition: ObjectDefinition, _catalog: Package) -> Iterator[Problem]:
    address = definition.all_fields.get(config.address_field)
    if config.address_field and (address is None or address.field_type.name not in ("email", "text")):
        yield Problem("address_field", f"'{config.address_field}' of {definition.label} holds no address.")
    if config.files and config.files not in {each.name for each in definition.file_fields}:
        yield Problem("files", f"'{config.files}' of {definition.label} holds no files.")
    for name, variable in config.values.items():
        field = definition.all_fields.get(name)
        if field is None or field.is_read_only:
            yield Problem(f"values/{name}", f"'{name}' is no field of {definition.label} that can be set.")
        if variable not in VARIABLES:
            yield Problem(f"values/{name}", f"'{variable}' is none of {', '.join(VARIABLES)}.")
    given = {*config.values, *([config.address_field] if config.address_field else [])}
    for field in definition.fields:
        if config.values and field.required and field.default is None and field.name not in given:
            yield Problem("values", f"{field.label} is required and has no value.")


TRIGGER_TYPE = TriggerType(
    name="email.received",
    label="Email received",
    description=(
        "Starts when a mail arrives in a mailbox, once for each; what machines sent by themselves is passed over. "
        "Gives its `sender`, `sender_name`, `subject`, `body` and `received_at`."
    ),
    config=EmailReceivedConfig,
    check=_check,
    variables=lambda _config: VARIABLES,
    examples=(
        {
            "type": "email.received",
            "object": "deal",
            "connection": "support",
            "address_field": "note",
            "values": {"name": "subject"},
        },
    ),
)
