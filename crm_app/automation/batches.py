"""Runs that start together: one for all records of a batch that it acts for as the same person."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from crm_app.automation.step_type import RUN_RECORDS
from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel.events import NO_RECORD, RecordRef
from crm_app.services.automation_runs import NewRun

MAX_TOGETHER = 500


def together(known: Iterable[AutomationDefinition], runs: Iterable[NewRun]) -> list[NewRun]:
    """Those of automations that take a batch become one; what failed before it began stays by itself."""
    batched = {each.name for each in known if each.trigger.is_batch}
    found: list[NewRun] = []
    groups: dict[object, list[NewRun]] = {}
    for run in runs:
        if run.automation in batched and not run.error:
            groups.setdefault((run.automation_hash, run.runner), []).append(run)
        else:
            found.append(run)
    parts = [group[at : at + MAX_TOGETHER] for group in groups.values() for at in range(0, len(group), MAX_TOGETHER)]
    return [*found, *map(_one, parts)]


def _one(runs: Sequence[NewRun]) -> NewRun:
    """Under the first one's event; as deep in a chain as the deepest."""
    first = runs[0]
    records = list(dict.fromkeys(str(run.ref.id) for run in runs))
    given = {**first.input.get("given", {}), RUN_RECORDS: records}
    depth = max(run.depth for run in runs)
    about = RecordRef(first.ref.object, NO_RECORD)
    return replace(first, ref=about, depth=depth, input={**first.input, "before": {}, "given": given})
