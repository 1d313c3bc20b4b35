"""People as an object: what rules, lists and relations see of users. Read-only there; accounts change people."""

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.user import USER_OBJECT

PEOPLE = ObjectDefinition(
    name=USER_OBJECT,
    label="User",
    plural="Users",
    icon="user",
    name_field="name",
    fields=(
        FieldDefinition(name="name", label="Name", type="text"),
        FieldDefinition(name="email", label="Email", type="email"),
        FieldDefinition(name="manager", label="Manager", type="user"),
    ),
    in_navigation=False,
)
