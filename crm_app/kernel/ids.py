"""The only source of identifiers and secrets."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by time of creation, so new records land at the end of an index."""
    return uuid7()


def id_of_moment(at: datetime, turn: int = 0) -> UUID:
    """As if it had been made then, so that what is told of the past is in the order of that past; `turn` orders what
    happened in one millisecond.
    """
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (0x7000 | turn & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62))


def parse_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def new_secret() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """What is stored of a high-entropy secret (sessions, keys). Passwords use Argon2id instead."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_name() -> str:
    """128 random bits as letters and digits, for names that nobody should guess or choose."""
    return secrets.token_hex(16)
