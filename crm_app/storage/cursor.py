"""A keyset cursor: the sort values and id of the last record of a page, as URL-safe text."""

import base64
import binascii
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import orjson

from crm_app.fields.field_type import SqlKind
from crm_app.kernel.errors import Invalid

MAX_LENGTH = 4000


class BadCursor(Invalid):
    """The cursor is not one that a list of this sort gave out."""

    code = "bad_cursor"


_DECODERS: dict[SqlKind, Callable[[str], Any]] = {
    "text": str,
    "boolean": {"True": True, "False": False}.__getitem__,
    "numeric": Decimal,
    "bigint": int,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "interval": lambda text: timedelta(microseconds=int(text)),
    "uuid": UUID,
}


def _decode_value(kind: SqlKind, value: object) -> Any:
    return None if value is None else _DECODERS[kind](str(value))


def _encode_value(value: object) -> str:
    return str(value // timedelta.resolution) if isinstance(value, timedelta) else str(value)


def encode_cursor(values: list[Any], record_id: UUID) -> str:
    body = orjson.dumps([*(None if value is None else _encode_value(value) for value in values), str(record_id)])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def decode_cursor(text: str, kinds: list[SqlKind]) -> tuple[list[Any], UUID]:
    """The values in the order of the sort, then the id; `BadCursor` for anything else."""
    try:
        padded = text.encode() + b"=" * (-len(text) % 4)
        body: Any = orjson.loads(base64.urlsafe_b64decode(padded)) if len(text) <= MAX_LENGTH else None
        *values, record_id = body
        decoded = [_decode_value(kind, value) for kind, value in zip(kinds, values, strict=True)]
        return decoded, UUID(record_id)
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OverflowError,
        binascii.Error,
        InvalidOperation,
    ) as error:
        raise BadCursor("This page cursor is not valid for this list. Start from its first page.") from error
