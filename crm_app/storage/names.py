"""Names that PostgreSQL takes."""

import hashlib

MAX_IDENTIFIER = 63


def identifier(table: str, purpose: str) -> str:
    """A name for an index or constraint: readable, and still unique where PostgreSQL would cut it off."""
    name = f"{table}__{purpose}"
    if len(name) <= MAX_IDENTIFIER:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: MAX_IDENTIFIER - 9]}_{digest}"
