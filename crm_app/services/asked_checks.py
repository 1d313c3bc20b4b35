"""Checks of definitions that look at more than those, where somebody publishes: at the people of the workspace."""

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from crm_app.definitions.check import Check
from crm_app.services.unit_of_work import UnitOfWork


@runtime_checkable
class AsksWorkspace(Protocol):
    """A check that knows more of a workspace than of a folder of files."""

    def asking(self, work: UnitOfWork) -> Check: ...


def asked(work: UnitOfWork, checks: Iterable[Check]) -> tuple[Check, ...]:
    return tuple(check.asking(work) if isinstance(check, AsksWorkspace) else check for check in checks)
