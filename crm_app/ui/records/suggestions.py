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
    return [each for target in field.targets for each in _of(work, field, target, text)]


def _of(work: UnitOfWork, field: FieldDefinition, target: str, words: str) -> list[Suggestion]:
    start, kind = (f"{target}:", work.catalog.by_name[target].label) if field.is_to_any else ("", "")
    return [{**each, "value": f"{start}{each['value']}", "kind": kind} for each in named_so(work, target, words)]


def named_so(work: UnitOfWork, target: str, words: str) -> list[Suggestion]:
    """Records of one object."""
    if not work.access(target).allows("read"):
        return []
    found = lists.search_names(work, target, words.strip()[:_MAX_TEXT], _LIMIT)
    return [Suggestion(value=str(reference.id), label=reference.name, kind="") for reference in found]
