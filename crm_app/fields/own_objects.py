"""The objects that are the product's own: records point at them like at any other, but only accounts change them."""

USER_OBJECT = "user"
TEAM_OBJECT = "team"
# Many a workspace has an object `territory` of its own, so the product's goes by a longer name.
TERRITORY_OBJECT = "access_territory"
OWN_OBJECTS = frozenset((USER_OBJECT, TEAM_OBJECT, TERRITORY_OBJECT))
