"""How many automations may set each other off in a row, and how often one record the same: what goes round without end,
by whatever way, ends here.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from crm_app.automation.refusals import LoopStopped
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.errors import Invalid
from crm_app.kernel.events import NO_RECORD
from crm_app.services.automation_runs import NewRun, runs_since
from crm_app.services.unit_of_work import UnitOfWork

PERIOD = timedelta(hours=1)


class RecordBudget(Invalid):
    """One record has set off the automation more often within the hour than it allows."""

    code = "record_budget"


def require_bounded(definition: AutomationDefinition, depth: int) -> None:
    allowed = definition.limits.causation_depth
    if depth > allowed:
        raise LoopStopped(
            f"Stopped a loop: '{definition.label}' was set off through {depth} workflows in a row, "
            f"and it allows {allowed} (limits.causation_depth)."
        )


def within_budget(work: UnitOfWork, runs: Iterable[NewRun]) -> list[NewRun]:
    """The same runs; those past the budget fail before they begin."""
    wanted = list(runs)
    limits = {each.name: each.limits.runs_per_hour for each in work.catalog.automations}
    counted = Counter(runs_since(work, {run.ref for run in wanted if not run.error}, PERIOD))
    found: list[NewRun] = []
    for run in wanted:
        allowed, key = limits.get(run.automation), (run.automation, run.ref.id)
        if run.error or allowed is None or run.ref.id == NO_RECORD:
            found.append(run)
            continue
        counted[key] += 1
        sentence = f"Stopped: this record set off '{run.automation}' more than {allowed} times within an hour."
        over = counted[key] > allowed
        found.append(replace(run, error=f"{RecordBudget.code}: {sentence}") if over else run)
    return found
