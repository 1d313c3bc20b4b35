"""Places on the map."""

from sqlalchemy import Double, Numeric, case, cast, func, literal_column

from crm_app.rules.functions.places import EARTH_DIAMETER_KM, PLACES, RADIANS, coordinates
from crm_app.rules.tree import Call
from crm_app.storage.rule_sql_emitter import Emitter, Make
from crm_app.storage.rule_sql_values import Element, Sql, once

_FLOAT: Double[float] = Double()


def _float(value: float) -> Element:
    return literal_column(f"{value!r}::float8", _FLOAT)


def _distance(emitter: Emitter, node: Call) -> Sql:
    radians: list[Element] = [cast(emitter.plain(part), _FLOAT) * _float(RADIANS) for part in coordinates(node)]
    return once(_kilometres, *radians)


def _kilometres(latitude: Element, longitude: Element, other_latitude: Element, other_longitude: Element) -> Element:
    north = func.sin((other_latitude - latitude) / _float(2.0))
    east = func.sin((other_longitude - longitude) / _float(2.0))
    square = north * north + func.cos(latitude) * func.cos(other_latitude) * (east * east)
    side = func.sqrt(square)
    kilometres = _float(EARTH_DIAMETER_KM) * func.asin(case((side > _float(1.0), _float(1.0)), else_=side))
    return func.round(cast(kilometres, Numeric()), PLACES, type_=Numeric())


SQL: dict[str, Make] = {"distance_km": _distance}
