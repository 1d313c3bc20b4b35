from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from crm_app.fields.compound import Compound, columns_of, joined, split
from crm_app.fields.field_type import FieldPart, FieldType, FieldValueError
from crm_app.fields.rule_type import TEXT, TypedPart
from crm_app.fields.text_rules import clean_text

PARTS = (
    FieldPart("street", "Street", autofill="street-address", is_multiline=True),
    FieldPart("city", "City", autofill="address-level2"),
    FieldPart("region", "State or region", autofill="address-level1"),
    FieldPart("postal_code", "Postal code", autofill="postal-code"),
    FieldPart("country", "Country", autofill="country-name"),
)
MAX_PART = 200
_RULE_TYPE = replace(TEXT, parts=tuple(TypedPart(part.name, part.name, TEXT) for part in PARTS))
_NAMES = tuple(part.name for part in PARTS)


def _parse(raw: object, _config: object) -> Compound | None:
    """An object of parts, all optional; or text: the five parts in their order with semicolons between, and any other
    text is the street.
    """
    if isinstance(raw, Compound):
        return raw
    if isinstance(raw, str):
        pieces = raw.split(";")
        raw = dict(zip(_NAMES, pieces, strict=True)) if len(pieces) == len(PARTS) else {"street": raw}
    if not isinstance(raw, Mapping):
        raise FieldValueError(f"An address is an object with {', '.join(_NAMES)}, or text.")
    given = cast("Mapping[object, object]", raw)
    if unknown := [name for name in given if name not in _NAMES]:
        raise FieldValueError(f"An address has no '{str(unknown[0])[:40]}'; it has {', '.join(_NAMES)}.")
    parts = {part.name: _part(part, given.get(part.name)) for part in PARTS}
    return _made(parts) if any(parts.values()) else None


def _part(part: FieldPart, raw: object) -> str | None:
    if raw is None:
        return None
    text = "\n".join(line.strip() for line in clean_text(raw, max_length=MAX_PART).strip().splitlines())
    if "\n" in text and not part.is_multiline:
        raise FieldValueError(f"{part.label} fits on one line.")
    if ";" in text:
        raise FieldValueError(f"{part.label} can't contain a semicolon, which stands between the parts of an address.")
    return text or None


def _made(parts: Mapping[str, str | None]) -> Compound:
    """`1 Main St, Springfield, IL 62701, USA`."""
    area = " ".join(text for text in (parts["region"], parts["postal_code"]) if text)
    lines = [line.strip() for line in (parts["street"] or "").splitlines()]
    return Compound(", ".join(text for text in (*lines, parts["city"], area, parts["country"]) if text), parts)


def _edit(value: Compound, _config: object) -> str:
    return ";".join(value.parts[name] or "" for name in _NAMES)


def _dump(value: Compound, _config: object) -> dict[str, Any]:
    return dict(value.parts)


FIELD_TYPE = FieldType(
    name="address",
    label="Address",
    widget="parts",
    description=(
        "A postal address in five parts: street, city, region, postal code and country. Filters and rules see it as "
        "one line of text; a rule also asks for a part, as in `address.city = 'Berlin'`."
    ),
    parse=_parse,
    dump=_dump,
    edit=_edit,
    split=partial(split, PARTS),
    join=partial(joined, PARTS),
    parts=PARTS,
    rule_type=lambda _config: _RULE_TYPE,
    columns=columns_of(PARTS),
    operators=("contains", "starts_with", "is_empty", "is_not_empty"),
    examples=(
        {"street": "1 Main St", "city": "Springfield", "region": "IL", "postal_code": "62701", "country": "USA"},
        {"city": "東京"},
        "Hauptstr. 5;Berlin;;10115;Germany",
        "somewhere",
    ),
    hostile=(
        5,
        ["Main St"],
        {"planet": "Mars"},
        {"street": 1},
        {"city": "a\x00b"},
        {"city": "\ud800"},
        {"city": "x;y"},
    ),
    is_sortable=False,
)
