"""What a package's automations must hold to be published; handed to the publisher, which stands a floor below."""

from collections.abc import Iterator

from crm_app.automation.compiled import problems_of
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.services.live import Schema


def check(package: Package) -> Iterator[Problem]:
    """Triggers and steps are of known types, their settings fit, and every expression has the type that its place
    asks for.
    """
    scope = DefinedFields(Schema(0, package))
    for automation in package.automations:
        yield from problems_of(automation, package, scope)
