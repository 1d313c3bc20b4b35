"""Which pages may talk to this server. The page's own origin always; others only by name."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit


def allowed_origins() -> list[str]:
    """Further origins, for a page served from elsewhere; by default none."""
    return [origin for origin in os.environ.get("TRELLIS_ORIGINS", "").split(",") if origin]


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """The browser's `Origin` names this very host (or one that was allowed). No origin is not the same origin."""
    origin = headers.get("origin", "")
    return bool(origin) and (urlsplit(origin).netloc == headers.get("host") or origin in allowed_origins())
