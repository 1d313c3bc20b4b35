"""What a package's automations must hold to be published; handed to the publisher, which stands a floor below."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_app.automation.report import asking, unsafe
from crm_app.automation.report_findings import Around, Asking
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.services.live import Schema
from crm_app.services.unit_of_work import UnitOfWork

_MATTERS = ("automations", "objects", "decisions", "roles")
_NOTHING = Package()


@dataclass(frozen=True)
class AutomationsFit:
    """Triggers and steps are of known types, their settings fit, and every expression has the type that its place
    asks for; then that none does harm, as the publish report tells. Where it can ask who people are, also that whoever
    an automation names to act may do what it does.
    """

    people: Asking | None = None

    def __call__(self, package: Package, before: Package = _NOTHING) -> Iterator[Problem]:
        if not package.automations:
            return
        around = Around(Schema(0, package), self.people)
        wrong = [problem for each in package.automations for problem in around.of(each).found.problems]
        yield from wrong
        if not wrong and any(getattr(package, kind) != getattr(before, kind) for kind in _MATTERS):
            yield from unsafe(around, before)

    def asking(self, work: UnitOfWork) -> "AutomationsFit":
        return AutomationsFit(asking(work))


check = AutomationsFit()
