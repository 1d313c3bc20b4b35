"""People, teams and territories as objects: what rules, lists and relations see of them. Read-only there; accounts
change them.
"""

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.own_objects import TEAM_OBJECT, TERRITORY_OBJECT, USER_OBJECT

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
TEAMS = ObjectDefinition(
    name=TEAM_OBJECT,
    label="Team",
    plural="Teams",
    icon="users",
    name_field="name",
    fields=(
        FieldDefinition(name="name", label="Name", type="text"),
        FieldDefinition(name="manager", label="Manager", type="user"),
        FieldDefinition(name="parent", label="Part of", type="team"),
    ),
    in_navigation=False,
)
TERRITORIES = ObjectDefinition(
    name=TERRITORY_OBJECT,
    label="Territory",
    plural="Territories",
    icon="map",
    name_field="name",
    fields=(
        FieldDefinition(name="name", label="Name", type="text"),
        FieldDefinition(name="parent", label="Part of", type="territory"),
    ),
    in_navigation=False,
)
OWN = {definition.name: definition for definition in (PEOPLE, TEAMS, TERRITORIES)}
