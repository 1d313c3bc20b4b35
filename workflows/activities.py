"""The Temporal activities: each hands one message to the floor that knows, and says which failures are final."""

import logging
import secrets
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from temporalio import activity
from temporalio.exceptions import ApplicationError
from temporalio.exceptions import ApplicationErrorCategory as Category

from crm_app.automation.execution import ENGINE, OUTSIDE, end_run, execute_step, keep_failure, run_key
from crm_app.automation.messages import (
    USUAL_TRIES,
    Block,
    RunOutcome,
    StepFailure,
    StepInput,
    StepResult,
    StepsInput,
    StepsResult,
)
from crm_app.automation.starting import Versions
from crm_app.automation.together import execute_together
from crm_app.kernel.errors import TrellisError
from crm_app.services.automation_runs import touch_run
from crm_app.services.egress import EgressFailed
from crm_app.services.workspace import Workspace

FIRST_SERVER_ERROR = 500
TRIES_OF_A_BUG = 3
PROGRAM_LIMIT = "54"
LONGEST_PAUSE, PATIENT_PAUSE = 60.0, 900.0

logger = logging.getLogger(__name__)


class Activities:
    """Nothing interrupts one in the middle of what it does with the database."""

    def __init__(self, workspace: Workspace, versions: Versions) -> None:
        self._workspace = workspace
        self._versions = versions

    @activity.defn(name="execute_step", no_thread_cancel_exception=True)
    def execute_step(self, step: StepInput) -> StepResult:
        with failures():
            try:
                return execute_step(self._workspace, step)
            except EgressFailed as error:
                raise self._paused(step, error) from None

    @activity.defn(name="execute_together", no_thread_cancel_exception=True)
    def execute_together(self, steps: StepsInput) -> StepsResult:
        return execute_together(self._workspace, steps)

    @activity.defn(name="keep_failure", no_thread_cancel_exception=True)
    def keep_failure(self, failure: StepFailure) -> StepResult:
        with failures():
            return keep_failure(self._workspace, failure)

    @activity.defn(name="end_run", no_thread_cancel_exception=True)
    def end_run(self, outcome: RunOutcome) -> None:
        with failures():
            end_run(self._workspace, outcome)

    @activity.defn(name="load_blocks", no_thread_cancel_exception=True)
    def load_blocks(self, content_hash: str) -> list[Block]:
        with failures():
            return self._versions.blocks(content_hash)

    def _paused(self, step: StepInput, error: EgressFailed) -> ApplicationError:
        """Until the step is tried again, nobody need wonder where its run stays."""
        pause = pause_before(activity.info().attempt, error.retry_after)
        with self._workspace.work(ENGINE) as work:
            touch_run(work, run_key(step.run), pause + OUTSIDE)
        return ApplicationError(str(error), type=error.code, next_retry_delay=pause)

    def all(self) -> Sequence[Callable[..., Any]]:
        return (self.execute_step, self.execute_together, self.keep_failure, self.end_run, self.load_blocks)


@contextmanager
def failures() -> Generator[None]:
    """Errors of definitions and data are final, and answers that the run tells of, no faults for the log; what may pass
    by itself is tried again; a bug, a few times.
    """
    try:
        yield
    except ApplicationError:
        raise
    except TrellisError as error:
        is_final = error.status < FIRST_SERVER_ERROR
        category = Category.BENIGN if is_final else Category.UNSPECIFIED
        raise ApplicationError(str(error), type=error.code, non_retryable=is_final, category=category) from None
    except Exception as error:
        if isinstance(error, DBAPIError) and is_passing(error):
            raise ApplicationError("The database does not answer.", type="database_down") from None
        logger.exception("A step stopped on an internal error")
        sentence = f"The step stopped on an internal error ({type(error).__name__})."
        is_final = activity.info().attempt >= TRIES_OF_A_BUG
        raise ApplicationError(sentence, type="internal", non_retryable=is_final) from None


def pause_before(attempt: int, asked_for: int | None) -> timedelta:
    """Longer each time, and never the same for many runs that wait for the same machine; at least what it asks for, as
    long as that is within reason.
    """
    is_patient = attempt > USUAL_TRIES
    usual = min(2.0 ** (attempt - 9 if is_patient else attempt), PATIENT_PAUSE if is_patient else LONGEST_PAUSE)
    jittered = usual * (0.5 + secrets.randbelow(1000) / 1000)
    return timedelta(seconds=max(jittered, min(asked_for or 0, LONGEST_PAUSE)))


def is_passing(error: DBAPIError) -> bool:
    """Lost connections, restarts, deadlocks and lock time-outs, but nothing that is too much for PostgreSQL, whenever
    it is asked. The text of such an error may hold values, so none of it goes into a history.
    """
    if str(getattr(error.orig, "sqlstate", "")).startswith(PROGRAM_LIMIT):
        return False
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
