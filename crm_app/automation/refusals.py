"""Why a step of a run is not done."""

from uuid import UUID

from crm_app.kernel.errors import Conflict, Forbidden, Invalid, TrellisError


class RunEnded(Conflict):
    """The run is over: what still tries to act for it is too late."""

    code = "run_ended"


class RunEnding(Conflict):
    """The run was cancelled, or its time is over: it does nothing more but undo."""

    code = "run_ending"


class LoopStopped(Invalid):
    """Too many automations in a row have set each other off."""

    code = "loop_stopped"


class CalledAreEnding(TrellisError):
    """What the run has called is undone before it undoes anything itself: worth another try."""

    code = "called_are_ending"
    status = 503


class NotDone(Conflict):
    """Asked what a step gave that was never done."""

    code = "not_done"


class FailedBefore(Invalid):
    """The step failed for good when it was done: it does so whenever the run comes here again."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class RunnerGone(Forbidden):
    """Whoever the run acts as has no active account any more."""

    code = "runner_gone"


class Reassigned(Exception):
    """The run acts as somebody else by now."""

    def __init__(self, runner: UUID) -> None:
        super().__init__(runner)
        self.runner = runner
