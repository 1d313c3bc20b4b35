"""Names to choose from while somebody types into a relation."""

from typing import TypedDict

from crm_app.services import lists
from crm_app.services.unit_of_work import UnitOfWork

_LIMIT = 8
_MAX_TEXT = 100


class Suggestion(TypedDict):
    value: str
    label: str


def suggestions(work: UnitOfWork, target: str, text: str) -> list[Suggestion]:
    """Only names that this person may see; nothing for a target that is none."""
    if not target:
        return []
    found = lists.search_names(work, target, text.strip()[:_MAX_TEXT], _LIMIT)
    return [Suggestion(value=str(reference.id), label=reference.name) for reference in found]
