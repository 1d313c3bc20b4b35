"""Whether steps of code may be published: only where the operator lets them run."""

from collections.abc import Iterable

from crm_app.definitions.automation import CODE, AutomationDefinition, steps_within
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.services.code_isolate import HOW_TO_TURN_ON, CodeOff
from crm_app.services.unit_of_work import UnitOfWork


def code_problems(work: UnitOfWork, automations: Iterable[AutomationDefinition]) -> list[Problem]:
    """Of those that are live: every step of code, where none runs."""
    if work.tools.runs_code:
        return []
    return [
        Problem(f"automations/{each.name}/steps/{place.removeprefix('/')}/type", f"Code is off here. {HOW_TO_TURN_ON}")
        for each in automations
        if each.is_active and not each.archived
        for place, step in steps_within(each.steps_json)
        if step["type"] == CODE
    ]


def require_code(work: UnitOfWork, before: Package, after: Package) -> None:
    """What is new or changed must not need it. What was live already fails by name where it runs."""
    known = {each.name: each for each in before.automations}
    changed = [each for each in after.automations if known.get(each.name) != each]
    if problems := code_problems(work, changed):
        raise CodeOff("Nothing was published: it has steps of code.", problems)
