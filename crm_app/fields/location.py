from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import cast

from crm_app.fields.compound import Compound, columns_of, joined, split
from crm_app.fields.field_type import FieldPart, FieldType, FieldValueError
from crm_app.fields.number_rules import parse_decimal, plain, to_places
from crm_app.fields.rule_type import DECIMAL, TEXT, TypedPart

PARTS = (FieldPart("lat", "Latitude", kind="numeric"), FieldPart("lon", "Longitude", kind="numeric"))
LOCATION = replace(TEXT, parts=(TypedPart("latitude", "lat", DECIMAL), TypedPart("longitude", "lon", DECIMAL)))
PLACES = 7
_LIMITS = {"lat": 90, "lon": 180}
_WRITTEN = "A location is a latitude and a longitude, such as 52.5200, 13.4050."


def _parse(raw: object, _config: object) -> Compound | None:
    """`52.52, 13.405`, or an object with `lat` and `lon`; at most seven decimals, which is a centimetre."""
    if isinstance(raw, Compound):
        return raw
    if isinstance(raw, str):
        pieces = raw.replace(",", " ").split()
        raw = dict(zip(_LIMITS, pieces, strict=True)) if len(pieces) == len(_LIMITS) else None
    if not isinstance(raw, Mapping):
        raise FieldValueError(_WRITTEN)
    given = cast("Mapping[object, object]", raw)
    if set(given) != set(_LIMITS):
        raise FieldValueError(_WRITTEN)
    if all(given[name] in (None, "") for name in _LIMITS):
        return None
    return _made({name: _degrees(given[name], name) for name in _LIMITS})


def _degrees(raw: object, name: str) -> Decimal:
    value = Decimal(plain(to_places(parse_decimal(raw), PLACES)))
    if abs(value) > _LIMITS[name]:
        noun = next(part.label for part in PARTS if part.name == name)
        raise FieldValueError(f"{noun} is between -{_LIMITS[name]} and {_LIMITS[name]} degrees.")
    return value


def _made(parts: Mapping[str, Decimal]) -> Compound:
    return Compound(", ".join(plain(value) for value in parts.values()), parts)


def _dump(value: Compound, _config: object) -> dict[str, str]:
    return {name: plain(part) for name, part in value.parts.items()}


FIELD_TYPE = FieldType(
    name="location",
    label="Location",
    widget="parts",
    description=(
        "A point on the map: latitude and longitude in degrees. Rules ask for `office.latitude`, "
        "`office.longitude` and `distance_km(office, home)`."
    ),
    parse=_parse,
    dump=_dump,
    edit=lambda value, _config: str.__str__(value),
    split=partial(split, PARTS),
    join=partial(joined, PARTS),
    parts=PARTS,
    rule_type=lambda _config: LOCATION,
    columns=columns_of(PARTS),
    operators=("is_empty", "is_not_empty"),
    examples=("52.52, 13.405", "-33.8688 151.2093", {"lat": 90, "lon": "-180"}, {"lat": "0", "lon": 0}),
    hostile=("Berlin", "91, 0", "0, 180.1", "1, 2, 3", {"lat": 1}, {"lat": 1, "lon": 2, "alt": 3}, "NaN, 0", [1, 2], 7),
    is_sortable=False,
)
