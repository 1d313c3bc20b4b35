from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Automations listen to objects that exist, and their step ids are unique: an id is a key of the effect ledger."""
    for automation in package.automations:
        path = f"automations/{automation.name}"
        if automation.trigger.object not in package.by_name:
            yield Problem(f"{path}/trigger/object", f"There is no object '{automation.trigger.object}'.")
        for step_id, count in Counter(step.id for step in automation.steps).items():
            if count > 1:
                yield Problem(f"{path}/steps", f"{count} steps have the id '{step_id}'.")
