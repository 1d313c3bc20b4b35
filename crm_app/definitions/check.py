"""Runs every cross-reference check of `checks/` over a package and reports all problems at once."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator

from crm_app.definitions import checks
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid, Problem

Check = Callable[[Package, Package], Iterator[Problem]]
"""A check of a higher floor: of what would be live, given what is."""

_NOTHING = Package()

CHECKS: tuple[Callable[[Package], Iterator[Problem]], ...] = tuple(
    importlib.import_module(f"{checks.__name__}.{module.name}").check
    for module in pkgutil.iter_modules(checks.__path__)
)


class BrokenReference(Invalid):
    """The definitions don't fit together; nothing was published."""

    code = "broken_reference"


def problems_of(package: Package) -> list[Problem]:
    return [problem for check in CHECKS for problem in check(package)]


def require_sound(package: Package, more: tuple[Check, ...] = (), before: Package = _NOTHING) -> None:
    """Raises `BrokenReference` with every problem; `more` are checks of higher floors, asked where all else is well."""
    found = problems_of(package)
    if not found:
        found = [problem for check in more for problem in check(package, before)]
    if found:
        raise BrokenReference("These definitions can't be published.", found)
