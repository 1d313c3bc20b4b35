"""What a related list says when records are put in and taken out."""

from uuid import UUID

from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services.linking import candidates, link_here, may_link, related_named, unlink_here
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.records.record_data import NO_RECORD
from crm_app.ui.records.suggestions import Suggestion

_MAX_TEXT = 100


def list_id(name: str) -> str:
    """Where the keyboard goes once a line is gone."""
    return f"related-{name}"


def question(work: UnitOfWork, here: RecordRef, name: object) -> tuple[str, str]:
    """The dialog's title and the name of what is looked for; nothing where this person can't put records in."""
    related = related_named(work, here, name)
    if not may_link(work, related):
        raise NotFound(NO_RECORD)
    return f"Add to {related.label}", related.object.label


def suggested(work: UnitOfWork, here: RecordRef, name: object, text: object) -> list[Suggestion]:
    found = candidates(work, here, name, str(text)[:_MAX_TEXT])
    return [Suggestion(value=str(each.id), label=each.name, kind="") for each in found]


def put_in(work: UnitOfWork, here: RecordRef, name: object, record: object) -> str:
    return f"{link_here(work, here, name, _id(record)).name} added."


def taken_out(work: UnitOfWork, here: RecordRef, name: object, record: object) -> str:
    return f"{unlink_here(work, here, name, _id(record)).name} taken out of the list."


def _id(text: object) -> UUID:
    found = parse_id(text) if isinstance(text, str) else None
    if found is None:
        raise NotFound(NO_RECORD)
    return found
