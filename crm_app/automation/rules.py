"""Every rule of an automation, checked, by its path within the definition."""

from collections.abc import Mapping

from crm_app.automation.compiled import checked_rules
from crm_app.automation.scope import DefinedFields
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.package import Package
from crm_app.rules.rule import Rule
from crm_app.services.live import Schema


def rules_of(definition: AutomationDefinition, package: Package) -> Mapping[str, Rule]:
    """Those that can be checked; what can't keeps the automation from being published anyway."""
    return checked_rules(definition, package, DefinedFields(Schema(0, package)))
