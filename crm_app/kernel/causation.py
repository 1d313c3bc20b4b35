"""How many automations in a row have led to a request, told from one system to the next: so a circle that leaves the
product and comes back ends like one that never left it.
"""

from collections.abc import Mapping

DEPTH = "trellis-causation-depth"
"""The header that an `http` step sends. Our own addresses count on from there."""

_DIGITS = 3


def depth_in(headers: Mapping[str, str]) -> int:
    """0 for a request from anybody else. Who lies here only shortens a circle."""
    said = headers.get(DEPTH, "")
    return int(said) + 1 if said.isascii() and said.isdigit() and len(said) <= _DIGITS else 0
