"""Names to choose from while somebody types into a relation."""

from typing import TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.services import lists
from crm_app.services.unit_of_work import UnitOfWork

_LIMIT = 8
_MAX_TEXT = 100


class Suggestion(TypedDict):
    """`kind` says of which object it is, where the field points at several."""

    value: str
    label: str
    kind: str


def suggestions(work: UnitOfWork, field: FieldDefinition | None, text: str) -> list[Suggestion]:
    """Only names that this person may see; nothing for a field that points nowhere."""
    if field is None:
        return []
    return [each for target in field.targets for each in _of(work, field, target, text.strip()[:_MAX_TEXT])]


def _of(work: UnitOfWork, field: FieldDefinition, target: str, words: str) -> list[Suggestion]:
    if not work.access(target).allows("read"):
        return []
    start, kind = (f"{target}:", work.catalog.by_name[target].label) if field.is_to_any else ("", "")
    return [
        Suggestion(value=f"{start}{reference.id}", label=reference.name, kind=kind)
        for reference in lists.search_names(work, target, words, _LIMIT)
    ]
