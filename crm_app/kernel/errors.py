"""The one error root. A subclass stands beside the function that raises it; anything else is a bug and propagates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["true", "false", "unknown"]


@dataclass(frozen=True)
class Clause:
    """One part of a rule that made it refuse, in the rule's own text: what it was and what would have been enough.
    `message` says so in a sentence. `values` are what it was decided on, by path; an empty one is `None`. `records` are
    the ids of related records that made it so, the first few of `record_count`.
    """

    rule: str
    outcome: Outcome
    needed: bool
    message: str
    values: tuple[tuple[str, str | None], ...] = ()
    records: tuple[str, ...] = ()
    record_count: int = 0


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input: `path` names the place (`fields/3/type`), `message` is a sentence. Where a rule of
    the administrator's refused, `clauses` are the fewest of its parts that made it so.
    """

    path: str
    message: str
    clauses: tuple[Clause, ...] = ()

    @property
    def sentence(self) -> str:
        """The message with its reasons, as a person is told."""
        return " ".join([self.message, *(clause.message for clause in self.clauses)])

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class TrellisError(Exception):
    """An expected refusal: `code` for programs, `status` for HTTP, `message` is safe to show to the actor."""

    code = "error"
    status = 500

    def __init__(self, message: str, problems: Sequence[Problem] = (), **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.problems = tuple(problems)
        self.details = details

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])


class NotFound(TrellisError):
    """Absent, or out of the actor's scope: the two are never told apart."""

    code, status = "not_found", 404


class Forbidden(TrellisError):
    """In scope, but this actor may not do that."""

    code, status = "forbidden", 403


class Unauthenticated(TrellisError):
    """No live session or key. Absence never grants."""

    code, status = "unauthenticated", 401


class Invalid(TrellisError):
    """The input is refused; every problem is listed with its place and nothing was changed."""

    code, status = "invalid", 422


class Conflict(TrellisError):
    """Somebody else changed it first; `details` holds what differs."""

    code, status = "conflict", 409
