"""Showing a refusal: the sentence that the service wrote, as a toast."""

from collections.abc import Callable
from typing import TypeVar

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import why_path
from crm_app.ui.door import enter
from crm_app.ui.shell_state import complaint

Result = TypeVar("Result")


def sentence(refusal: TrellisError) -> str:
    """Its problems where it has some, because they say more than the heading does."""
    return " ".join(problem.sentence for problem in refusal.problems) or refusal.message


def refused(refusal: TrellisError) -> rx.event.EventSpec:
    """The sentence, with the way to why where it is about a record."""
    return complaint(sentence(refusal), why_path(refusal))


async def attempt(
    state: rx.State, service: Callable[[UnitOfWork], Result]
) -> tuple[Result | None, rx.event.EventSpec | None]:
    """The result, or the toast that says why there is none. A session that ended is not caught here."""
    try:
        return await enter(state, service), None
    except Unauthenticated:
        raise
    except TrellisError as refusal:
        return None, refused(refusal)
