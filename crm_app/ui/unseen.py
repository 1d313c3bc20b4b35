"""Why a page of a record is not there: said from the reader's roles alone, so the same whether there is one or not."""

from collections.abc import Sequence

from crm_app.kernel.errors import NotFound, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import parse_id
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import why_not


def reason_unseen(work: UnitOfWork, parts: Sequence[str], refusal: TrellisError) -> str:
    """Empty for every page but a record's."""
    record = parse_id(parts[2]) if isinstance(refusal, NotFound) and parts[:1] == ["o"] and len(parts) > 2 else None  # noqa: PLR2004 - /o/object/record
    if record is None:
        return ""
    try:
        answer = why_not(work, RecordRef(parts[1], record), "read")
    except TrellisError:
        return ""
    helps = f" {answer.remedy.sentence}" if answer.remedy else ""
    return "" if answer.allowed else " ".join(answer.reasons) + helps
