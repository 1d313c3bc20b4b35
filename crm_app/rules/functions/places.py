"""Places on the map."""

import math
from decimal import Decimal

from crm_app.fields.rule_type import DECIMAL
from crm_app.rules import exact
from crm_app.rules.function import Parameter, RuleFunction, gives
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Call, Node, Part

EARTH_DIAMETER_KM = 12742.0176
RADIANS = 0.017453292519943295
PLACES = 3
_COORDINATES = ("latitude", "longitude")


def coordinates(node: Call) -> tuple[Node, ...]:
    """Latitude and longitude of the first place, then of the second."""
    return tuple(
        Part(base=place, name=part.name, stored=part.stored, type=part.type)
        for place in node.arguments
        for part in place.type.parts
    )


def _distance(_inputs: Inputs, *degrees: Decimal) -> Decimal:
    """Along the great circle, to the metre. PostgreSQL writes a float with 15 digits."""
    latitude, longitude, other_latitude, other_longitude = (float(each) * RADIANS for each in degrees)
    north, east = math.sin((other_latitude - latitude) / 2), math.sin((other_longitude - longitude) / 2)
    square = north * north + math.cos(latitude) * math.cos(other_latitude) * (east * east)
    kilometres = EARTH_DIAMETER_KM * math.asin(min(1.0, math.sqrt(square)))
    return exact.rounded(Decimal(f"{kilometres:.15g}"), PLACES)


FUNCTIONS = (
    RuleFunction(
        name="distance_km",
        parameters=(
            Parameter("first", ("text",), parts=_COORDINATES),
            Parameter("second", ("text",), parts=_COORDINATES),
        ),
        result=gives(DECIMAL),
        python=_distance,
        reads=coordinates,
        example="coalesce(distance_km(office, office), 0.0) = 0",
        description="The kilometres between two locations along the earth's surface, to the metre.",
        reading="the distance in km between {0} and {1}",
    ),
)
