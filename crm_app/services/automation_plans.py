"""What a plan asks about automations; who knows stands a floor above and hands it down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crm_app.definitions.package import Package
from crm_app.services.renames import AutomationRules, no_rules
from crm_app.services.unit_of_work import UnitOfWork

Notes = Mapping[str, tuple[str, ...]]
AutomationNotes = Callable[[UnitOfWork, Package, Package], Notes]


def _no_notes(_work: UnitOfWork, _before: Package, _after: Package) -> Notes:
    return {}


@dataclass(frozen=True)
class AutomationPlans:
    """`notes` tells, by the path of a changed definition, what is to be known of automations before it is published."""

    rules: AutomationRules = no_rules
    notes: AutomationNotes = _no_notes


NO_PLANS = AutomationPlans()
