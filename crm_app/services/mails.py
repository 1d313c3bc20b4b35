"""Mail to people outside: what is to go out, and what became of it. None is sent twice: what may have gone out, and
nobody can tell, is `unknown` and stays so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import NotFound
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.in_person import is_administrator, is_told_all, require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.connection_tables import MailRow, MailSuppressionRow
from crm_app.storage.system_tables import table_of

State = Literal["queued", "sending", "sent", "unknown", "failed", "suppressed"]
POST = SystemActor("mail of workflows")
MAX_RECIPIENTS = 50

_MAILS, _SUPPRESSED = table_of(MailRow), table_of(MailSuppressionRow)
_KEYS = UUID("8d6a3f1e-53d2-4f0b-9a6e-2b7f5f1f9b11")
_SEE = "see which addresses get no mail"


@dataclass(frozen=True)
class NewMail:
    """`key` names the step of the run. `html` may be empty; `body` is what every reader can show."""

    key: str
    connection: str
    sender: str
    recipients: Sequence[str]
    subject: str
    body: str
    html: str
    reply_to: str
    about: RecordRef
    automation: str


@dataclass(frozen=True)
class SentMail:
    """As a timeline shows it; `subject` and `recipients` only to whoever may know them."""

    at: datetime
    subject: str
    recipients: Sequence[str]
    state: str
    automation: str


def queue_mail(work: UnitOfWork, mail: NewMail) -> UUID:
    """In the transaction of the step; the same key is the same mail. Addresses that refused mail before are left out,
    and where none is left, nothing is sent.
    """
    recipients = allowed(work, mail.recipients)
    now = clock.now()
    row: dict[str, Any] = {
        "id": new_id(),
        "key": mail.key,
        "connection": mail.connection,
        "recipients": recipients or list(mail.recipients),
        "subject": one_line(mail.subject),
        "body": mail.body,
        "html": mail.html,
        "reply_to": mail.reply_to,
        "message_id": f"<{uuid5(_KEYS, mail.key)}@{mail.sender.rpartition('@')[2]}>",
        "object": mail.about.object,
        "record": mail.about.id,
        "runner": work.who.user_id,
        "automation": mail.automation,
        "state": "queued" if recipients else "suppressed",
        "at": now,
        "changed_at": now,
    }
    statement = insert(_MAILS).values(row)
    same = statement.on_conflict_do_update(index_elements=["key"], set_={"key": statement.excluded.key})
    return work.connection.execute(same.returning(_MAILS.c.id)).scalar_one()


def one_line(text: str) -> str:
    """A header is one line, whatever a record holds."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:500]


def allowed(work: UnitOfWork, addresses: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys(addresses))
    query = select(_SUPPRESSED.c.address).where(_SUPPRESSED.c.address.in_([each.lower() for each in wanted]))
    held = set(work.connection.execute(query).scalars())
    return [each for each in wanted if each.lower() not in held]


def begin_sending(workspace: Workspace, mail: UUID) -> Mapping[str, Any] | None:
    """The mail, if it is ours to send now; from then on it may have been sent."""
    with workspace.work(POST) as work:
        mine = update(_MAILS).where(_MAILS.c.id == mail, _MAILS.c.state == "queued")
        found = work.connection.execute(mine.values(state="sending", changed_at=clock.now()).returning(_MAILS))
        row = found.mappings().one_or_none()
        return None if row is None else {str(name): value for name, value in row.items()}


def note_state(workspace: Workspace, mail: UUID, state: State, error: str = "") -> None:
    """What was sent stays sent."""
    with workspace.work(POST) as work:
        change = update(_MAILS).where(_MAILS.c.id == mail, _MAILS.c.state != "sent")
        work.connection.execute(change.values(state=state, error=error[:500], changed_at=clock.now()))


def settled_state(workspace: Workspace, mail: UUID) -> tuple[State, str]:
    """What became of a mail that isn't ours to send: one that somebody began to send and did not end is unknown."""
    with workspace.work(POST) as work:
        lost = update(_MAILS).where(_MAILS.c.id == mail, _MAILS.c.state == "sending")
        work.connection.execute(lost.values(state="unknown", changed_at=clock.now()))
        row = work.connection.execute(select(_MAILS.c.state, _MAILS.c.error).where(_MAILS.c.id == mail)).one()
        return row.state, row.error


@dataclass(frozen=True)
class FailedMail:
    id: UUID
    subject: str
    recipients: tuple[str, ...]
    error: str
    at: datetime


def give_up(work: UnitOfWork, key: str) -> None:
    """The step has been tried as often as it may be: what is still in the queue will not be sent by it."""
    waiting = (_MAILS.c.key == key) & (_MAILS.c.state == "queued")
    work.connection.execute(update(_MAILS).where(waiting).values(state="failed", changed_at=clock.now()))


def try_again(work: UnitOfWork, run: UUID) -> None:
    """The run goes on: what its steps gave up on is sent by them after all."""
    failed = _MAILS.c.key.startswith(f"{run}/") & (_MAILS.c.state == "failed")
    work.connection.execute(update(_MAILS).where(failed).values(state="queued"))


def failed_mails(work: UnitOfWork, limit: int = 50) -> list[FailedMail]:
    """Those that were never sent, the last ones first."""
    require_administrator(work, _SEE)
    query = select(_MAILS).where(_MAILS.c.state == "failed").order_by(_MAILS.c.id.desc()).limit(limit)
    rows = work.connection.execute(query)
    return [FailedMail(row.id, row.subject, tuple(row.recipients), row.error, row.at) for row in rows]


def requeue(work: UnitOfWork, mail: UUID) -> None:
    """Only what failed: of everything else, somebody may have it already."""
    require_administrator(work, "send mail again")
    failed = (_MAILS.c.id == mail) & (_MAILS.c.state == "failed")
    if work.connection.execute(update(_MAILS).where(failed).values(state="queued")).rowcount == 0:
        raise NotFound("There is no mail that could be sent again.")
    write_entry(work, Entry("mail.sent_again", "mail", mail))


def mail_answered(work: UnitOfWork, name: str, references: Sequence[str]) -> UUID | None:
    """The record of the object that the last of these mails of ours was about."""
    query = select(_MAILS.c.record).where(_MAILS.c.object == name, _MAILS.c.message_id.in_(references))
    return work.connection.execute(query.order_by(_MAILS.c.id.desc()).limit(1)).scalar_one_or_none()


def suppress(work: UnitOfWork, address: str, reason: str) -> None:
    row = {"address": address.lower(), "reason": reason[:500], "at": clock.now()}
    work.connection.execute(insert(_SUPPRESSED).values(row).on_conflict_do_nothing())


def suppressed(work: UnitOfWork, limit: int = 200) -> list[tuple[str, str, datetime]]:
    """The last ones first: the address, why, and since when."""
    require_administrator(work, _SEE)
    query = select(_SUPPRESSED).order_by(_SUPPRESSED.c.at.desc()).limit(limit)
    return [(row.address, row.reason, row.at) for row in work.connection.execute(query)]


def allow_again(work: UnitOfWork, address: str) -> None:
    require_administrator(work, _SEE)
    work.connection.execute(delete(_SUPPRESSED).where(_SUPPRESSED.c.address == address.lower()))


def mails_about(work: UnitOfWork, ref: RecordRef, limit: int) -> list[SentMail]:
    """For whoever may see the record. What a mail said follows the rights of whom it was sent for, so only they and
    administrators are told.
    """
    is_told, is_admin = is_told_all(work), is_administrator(work)
    query = select(_MAILS).where(_MAILS.c.object == ref.object, _MAILS.c.record == ref.id)
    rows = work.connection.execute(query.order_by(_MAILS.c.id.desc()).limit(limit))
    return [
        SentMail(row.at, row.subject, tuple(row.recipients), row.state, row.automation)
        if is_told and (is_admin or row.runner == work.who.user_id)
        else SentMail(row.at, "", (), row.state, row.automation)
        for row in rows
    ]
