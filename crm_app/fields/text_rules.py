"""What every text in the product must satisfy: stored exactly, but never with NUL or half a character."""

from crm_app.fields.field_type import FieldValueError


def clean_text(raw: object, *, max_length: int) -> str:
    if not isinstance(raw, str):
        raise FieldValueError(f"Expected text, found {type(raw).__name__}.")
    if "\x00" in raw:
        raise FieldValueError("Text can't contain the NUL character.")
    if not raw.isascii() and any("\ud800" <= char <= "\udfff" for char in raw):
        raise FieldValueError("Text contains half of a character (a lone surrogate).")
    if len(raw) > max_length:
        raise FieldValueError(f"At most {max_length:,} characters fit; this has {len(raw):,}.")
    return raw
