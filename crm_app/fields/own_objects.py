"""The objects that are the product's own: records point at them like at any other, but only accounts change them."""

USER_OBJECT = "user"
TEAM_OBJECT = "team"
TERRITORY_OBJECT = "territory"
OWN_OBJECTS = frozenset((USER_OBJECT, TEAM_OBJECT, TERRITORY_OBJECT))
