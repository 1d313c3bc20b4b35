"""Numbers from people and programs: exact decimals, never a float's surprise."""

import re
from decimal import Decimal, InvalidOperation

from crm_app.fields.field_type import FieldValueError

MAX_DIGITS = 20
_GROUPED = re.compile(r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$")


def parse_decimal(raw: object) -> Decimal:
    """Takes a JSON number or text such as `1,234.50`; refuses NaN, Infinity, booleans and more than 20 digits."""
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str, Decimal)):
        raise FieldValueError(f"Expected a number, found {type(raw).__name__}.")
    text = str(raw).strip()
    if _GROUPED.match(text):
        text = text.replace(",", "")
    try:
        value = Decimal(text) if text.isascii() and "_" not in text else Decimal("nan")
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise FieldValueError(f"'{str(raw)[:40]}' is not a number.")
    if value and value.adjusted() >= MAX_DIGITS:
        raise FieldValueError(f"At most {MAX_DIGITS} digits fit before the decimal point.")
    return value or abs(value)  # PostgreSQL knows no negative zero


def to_places(value: Decimal, places: int) -> Decimal:
    """Exactly `places` decimals; refuses to drop a digit that is not zero."""
    quantized = value.quantize(Decimal(1).scaleb(-places))
    if quantized != value:
        noun = "decimal" if places == 1 else "decimals"
        raise FieldValueError(f"At most {places} {noun} fit; {value} has more.")
    return quantized


def plain(value: Decimal) -> str:
    """No exponent, no trailing zeros: `1E+2` reads `100`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(value: Decimal, places: int) -> str:
    return f"{value:,.{places}f}"


def whole(value: int | Decimal) -> int | Decimal:
    """A number as it is stored and read: whole ones without a point are ints."""
    return value if isinstance(value, int) or value.as_tuple().exponent else int(value)
