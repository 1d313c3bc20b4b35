"""Runs that no change of a record has started."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_app.definitions.automation import AutomationDefinition
from crm_app.kernel import clock
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_runs import NewRun
from crm_app.services.definition_store import content_hash


def started_run(
    definition: AutomationDefinition,
    event: UUID,
    ref: RecordRef,
    runner: UUID | None,
    at: datetime,
    *,
    given: Mapping[str, Any] | None = None,
    error: str = "",
) -> NewRun:
    """`given` is what came along, as `vars` of the whole run, in JSON. Without a runner it has failed already."""
    if runner is None and not error:
        error = f"invalid: The record has no owner, so '{definition.label}' has nobody to act as."
    kept = {"event": definition.trigger.type, "at": at.isoformat(), "before": {}, "given": dict(given or {})}
    deadline = clock.now() + definition.limits.deadline
    return NewRun(event, definition.name, content_hash(definition), ref, runner, 0, kept, error, deadline=deadline)
