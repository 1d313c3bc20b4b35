from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.automation import steps_within
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem

MAX_STEPS = 1000


def check(package: Package) -> Iterator[Problem]:
    """Automations listen to objects that exist, and their step ids are unique however deep they stand: an id is a key
    of the effect ledger.
    """
    for automation in package.automations:
        path = f"automations/{automation.name}"
        if automation.trigger.object not in package.by_name:
            yield Problem(f"{path}/trigger/object", f"There is no object '{automation.trigger.object}'.")
        ids = Counter(str(step["id"]) for _, step in steps_within(automation.canonical()))
        if not ids:
            yield Problem(f"{path}/steps", "It does nothing yet. Add a step.")
        for step_id, count in ids.items():
            if count > 1:
                yield Problem(f"{path}/steps", f"{count} steps have the id '{step_id}'.")
        if ids.total() > MAX_STEPS:
            yield Problem(f"{path}/steps", f"A workflow has at most {MAX_STEPS} steps; this has {ids.total()}.")
