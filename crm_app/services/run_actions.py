"""What an administrator does with a run: let it go on from where it failed, cancel it, give it to somebody else, or
start it anew. Each is audited.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from crm_app.definitions.automation import Trigger
from crm_app.kernel import clock
from crm_app.kernel.errors import Conflict, Invalid, NotFound
from crm_app.kernel.ids import new_id
from crm_app.services.automation_runs import end_soon
from crm_app.services.called_runs import WITH_CALLER, called_runs
from crm_app.services.definition_store import content_hash
from crm_app.services.mails import try_again
from crm_app.services.run_blocks import COMPENSATE, nodes_of, version_body
from crm_app.services.run_moves import HELD_AGAINST, STOPS
from crm_app.services.run_rights import audit_of_runs, require_runs
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.run_tables import RunRow
from crm_app.storage.system_tables import UserRow, table_of

_RUNS = table_of(RunRow)
_USERS = table_of(UserRow)
_RETRY = text(
    "UPDATE crm.run SET status = 'pending', resting = false, error = '', finished_at = NULL, touched_at = created_at, "
    "attempt = attempt + 1, "
    "input = (input - 'ending') || jsonb_build_object('restarts', coalesce((input ->> 'restarts')::int, 0) + 1), "
    "deadline = CASE WHEN deadline < :now THEN NULL ELSE deadline END "
    "WHERE id = :run AND status IN ('failed', 'cancelled')"
)
_CANCEL = text(
    "UPDATE crm.run SET status = 'cancelled', error = :error, touched_at = :now, finished_at = :now "
    "WHERE id = :run AND status IN ('pending', 'started')"
)
_REASSIGN = text("UPDATE crm.run SET runner = :runner WHERE id = :run AND status <> 'finished'")
_RERUN = text(
    "INSERT INTO crm.run (id, event, automation, automation_hash, object, record, runner, depth, status, error, "
    "input, created_at, touched_at, deadline, attempt, rerun_of, in_temporal, resting) "
    "SELECT :id, :id, automation, :hash, object, record, runner, depth, 'pending', '', "
    "input - 'restarts' - 'ending', :now, :now, :deadline, 1, id, false, false FROM crm.run WHERE id = :run"
)
_FORGET = text(
    f"DELETE FROM crm.effect e USING crm.run r WHERE r.id = :run AND e.run = r.id AND {HELD_AGAINST}"  # noqa: S608 - only constants
)
_UNDONE = text("SELECT path FROM crm.run_step WHERE run = :run AND status = 'finished'")
OPEN = ("pending", "started")
STOPPED = ("failed", "cancelled")
_LOOP = "loop_stopped"


class WrongMoment(Conflict):
    """The run is not in a state in which that can be done."""

    code = "wrong_moment"


@dataclass(frozen=True)
class Choices:
    """What can be done with a run now."""

    retry: bool
    cancel: bool
    undo: bool
    reassign: bool
    rerun: bool


def choices(status: str, error: str, *, has_runner: bool, is_live: bool, can_undo: bool = False) -> Choices:
    """A loop that was stopped is not let on, and a run without anybody to act as must get somebody first."""
    goes_on = status in STOPPED and has_runner and not error.startswith(_LOOP)
    is_over = status not in OPEN
    return Choices(
        retry=goes_on,
        cancel=status in OPEN,
        undo=status in OPEN and can_undo,
        reassign=status != "finished",
        rerun=is_over and has_runner and is_live and not error.startswith(_LOOP),
    )


def retry_run(work: UnitOfWork, run: UUID) -> None:
    """The same run goes on: what its effects show done is skipped. The failure that ended it, and what blocks around
    it decided because of it, is no longer held against it; failures that the run has caught are.
    """
    row = _row(work, run)
    if row.error.startswith(_LOOP):
        raise WrongMoment("This run was stopped because workflows set each other off. Running it would go on with it.")
    if row.runner is None:
        raise WrongMoment("This run has nobody to act as. Reassign it first.")
    if _was_undone(work, row):
        raise WrongMoment("What this run did was undone, so it can't go on. Run it again.")
    work.connection.execute(_FORGET, {"run": run, "stops": STOPS})
    if work.connection.execute(_RETRY, {"run": run, "now": clock.now()}).rowcount != 1:
        raise WrongMoment("Only a run that failed or was cancelled can go on.")
    try_again(work, run)
    audit_of_runs(work, "run.retried", {**_named(row), "attempt": row.attempt + 1})


def cancel_run(work: UnitOfWork, run: UUID, *, undo: bool = False) -> None:
    """No further step is done, nor by the runs that it has called and waits for. What is done stays done; or, with
    `undo`, it is undone first, as far as its steps say how, the last one first.
    """
    row = _row(work, run)
    error = f"cancelled: Cancelled by {work.who.name}."
    if undo and row.status in OPEN:
        if not end_soon(work, [run], error):
            raise WrongMoment("This run is being undone already.")
        audit_of_runs(work, "run.cancelled", {**_named(row), "undo": True})
        return
    called = called_runs(work, [run])
    if work.connection.execute(_CANCEL, {"run": run, "error": error, "now": clock.now()}).rowcount != 1:
        raise WrongMoment("This run has already ended.")
    audit_of_runs(work, "run.cancelled", _named(row))
    for each in called:
        if work.connection.execute(_CANCEL, {"run": each, "error": WITH_CALLER, "now": clock.now()}).rowcount:
            audit_of_runs(work, "run.cancelled", {**_named(_row(work, each)), "with": str(run)})


def reassign_run(work: UnitOfWork, run: UUID, runner: UUID) -> None:
    """From its next step on, the run acts as somebody else, with their rights."""
    row = _row(work, run)
    name = work.connection.execute(
        select(_USERS.c.name).where(_USERS.c.id == runner, _USERS.c.is_active)
    ).scalar_one_or_none()
    if name is None:
        raise Invalid("A run can act only as somebody with an active account.")
    if work.connection.execute(_REASSIGN, {"run": run, "runner": runner}).rowcount != 1:
        raise WrongMoment("A run that has finished needs nobody to act as.")
    audit_of_runs(work, "run.reassigned", {**_named(row), "from": str(row.runner or ""), "to": str(runner)})


def rerun(work: UnitOfWork, run: UUID) -> UUID:
    """A new run of the same event, with the version of the automation that is live now. Its id."""
    row = _row(work, run)
    live = next((each for each in work.catalog.automations if each.name == row.automation), None)
    if live is None or not live.is_active:
        raise WrongMoment("The workflow is not live any more, so it can't be run again.")
    if row.status in OPEN:
        raise WrongMoment("This run has not ended yet. Cancel it first.")
    if row.error.startswith(_LOOP) or row.runner is None:
        raise WrongMoment("This run never began, so there is nothing to do again.")
    if not _is_about_the_same(work, row, live.trigger):
        raise WrongMoment("The workflow is about other records by now, so it can't be run again for these.")
    made, now = new_id(), clock.now()
    values = {"id": made, "run": run, "hash": content_hash(live), "now": now, "deadline": now + live.limits.deadline}
    work.connection.execute(_RERUN, values)
    audit_of_runs(work, "run.rerun", {**_named(row), "new_run": str(made)})
    return made


def _is_about_the_same(work: UnitOfWork, row: Any, live: Trigger) -> bool:
    """Records of the same object, and likewise one of them, many at once, or none."""
    was = version_body(work, row.automation_hash).get("trigger")
    return row.object == live.object and (was is None or Trigger.model_validate(was).about[1:] == live.about[1:])


def _was_undone(work: UnitOfWork, row: Any) -> bool:
    undoing = {node.step["id"] for node in nodes_of(version_body(work, row.automation_hash)) if node.slot == COMPENSATE}
    done = work.connection.execute(_UNDONE, {"run": row.id}).scalars() if undoing else ()
    return any(path.rpartition("/")[2] in undoing for path in done)


def _row(work: UnitOfWork, run: UUID) -> Any:
    require_runs(work)
    row = work.connection.execute(select(_RUNS).where(_RUNS.c.id == run).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    return row


def _named(row: Any) -> dict[str, Any]:
    return {"run": str(row.id), "automation": row.automation}
