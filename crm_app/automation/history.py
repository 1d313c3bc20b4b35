"""The versions of an automation that were published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_app.automation.drafting import edit
from crm_app.kernel.errors import NotFound
from crm_app.services.definition_store import past_bodies
from crm_app.services.draft_store import require_administrator
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Version:
    """`number` is the version of all definitions with which it came."""

    number: int
    at: datetime
    by: str
    body: dict[str, Any]
    is_live: bool


def versions_of(work: UnitOfWork, name: str) -> list[Version]:
    """The newest first."""
    require_administrator(work)
    found = past_bodies(work.connection, "automations", name)
    return [
        Version(number, at, str(actor.get("name", "")), body, at_place == 0)
        for at_place, (number, at, actor, body) in enumerate(found)
    ]


def restore_version(work: UnitOfWork, name: str, number: int) -> Draft:
    """The version becomes the draft; what is live stays until that is published."""
    body = next((each.body for each in versions_of(work, name) if each.number == number), None)
    if body is None:
        raise NotFound(f"There is no version {number} of this workflow.")
    plain: Mapping[str, Any] = body
    return edit(work, name, f"Back to version {number}", lambda _body: dict(plain))
