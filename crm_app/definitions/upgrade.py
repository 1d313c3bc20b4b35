"""Older definitions → today's format. A file in `upgrades/` is named after its kind and holds `UPGRADES`: by the format
that each step starts from, a pure function of the JSON. A kind's `format_version` is one more than its steps.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

from crm_app.definitions import upgrades
from crm_app.kernel.errors import Invalid

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[str, Mapping[int, Upgrade]] = {
    module.name: importlib.import_module(f"{upgrades.__name__}.{module.name}").UPGRADES
    for module in pkgutil.iter_modules(upgrades.__path__)
}


class UnknownFormat(Invalid):
    """The definition's `format_version` is none that this version of the product reads."""

    code = "unknown_format"


def current_format(kind: str) -> int:
    return 1 + len(UPGRADES.get(kind, ()))


def upgraded(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The same definition in today's format; what is in it already comes back as it is."""
    found, current = dict(body), current_format(kind)
    version = found.get("format_version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= current:
        raise UnknownFormat(
            f"format_version {str(version)[:20]} is not one that this version of Trellis reads (1 to {current})."
        )
    for step in range(version, current):
        found = {**UPGRADES[kind][step](found), "format_version": step + 1}
    return found
