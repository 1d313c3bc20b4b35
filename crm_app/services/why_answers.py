"""What `why` answers."""

from dataclasses import dataclass
from uuid import UUID

from crm_app.kernel.errors import Clause


@dataclass(frozen=True)
class Viewer:
    """Somebody who may do it, with a sentence for each way by which they may."""

    id: UUID
    name: str
    reasons: tuple[str, ...]
    level: str = "read"


@dataclass(frozen=True)
class Viewers:
    """Of so many accounts as are looked at together; `next` is where those after them begin."""

    people: tuple[Viewer, ...]
    next: UUID | None = None


@dataclass(frozen=True)
class Remedy:
    """One change that would be enough: `kind` is `share`, `transfer`, `role` or `record`; `by` are some who can make
    it, of `by_count`.
    """

    kind: str
    sentence: str
    by: tuple[str, ...] = ()
    by_count: int = 0


@dataclass(frozen=True)
class Answer:
    """`reasons` say why it is so; `clauses` are the parts of rules that decided, `remedy` the smallest change."""

    allowed: bool
    reasons: tuple[str, ...]
    clauses: tuple[Clause, ...] = ()
    remedy: Remedy | None = None
