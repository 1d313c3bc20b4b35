"""The only source of identifiers and secrets."""

import hashlib
import secrets
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by time of creation, so new records land at the end of an index."""
    return uuid7()


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
