"""Who acts. Required everywhere, never `None`: absence never grants."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class SessionActor:
    """A person in a browser, known by the hash of the session cookie's secret; looked up on every request. `is_oneself`
    leaves aside that the session looks as somebody else or has broken glass.
    """

    session_hash: str
    is_oneself: bool = False


@dataclass(frozen=True)
class KeyActor:
    """A program, known by the hash of its API key. `depth` is how many automations in a row have led to its request."""

    key_hash: str
    depth: int = 0


@dataclass(frozen=True)
class UserActor:
    """A known person, for work that was already authenticated in this process (tests, the command line)."""

    user_id: UUID


@dataclass(frozen=True)
class AutomationActor:
    """One run of one automation, with the rights that its runner and whoever published it both have. `depth` is its
    place in the chain of causes, `version` the hash of what was published; what is only tried, nobody has published
    yet: then it is `tried_by` who would.
    """

    automation: str
    run_id: UUID
    runner_id: UUID
    depth: int
    version: str
    tried_by: UUID | None = None


@dataclass(frozen=True)
class SystemActor:
    """The product itself; the reason is audited. It may do everything, so it appears only in set-up and repair. It
    goes by the workspace's clock, or by that of a `time_zone`.
    """

    reason: str
    time_zone: str = ""


Actor = SessionActor | KeyActor | UserActor | AutomationActor | SystemActor
