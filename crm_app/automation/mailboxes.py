"""Mail that arrives: looked for now and then, each message counted once, and about a record."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID, uuid5

from crm_app.automation.arrivals import live_automation, start_about
from crm_app.automation.compiled import CompiledAutomation
from crm_app.automation.runners import runner_of
from crm_app.automation.triggers.email_received import EmailReceivedConfig
from crm_app.kernel.actor import AutomationActor, SystemActor
from crm_app.kernel.errors import Conflict, Invalid, TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.services.automation_pauses import passing_over
from crm_app.services.automation_records import matching
from crm_app.services.connections import ImapSettings, opened_connection
from crm_app.services.duplicates import always
from crm_app.services.files import Upload
from crm_app.services.mail_reading import Letter, MailboxRefused, opened_mailbox
from crm_app.services.mails import mail_answered
from crm_app.services.records import create_record, get_record, update_record
from crm_app.services.trigger_clock import started_events
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.webhooks import is_new_message
from crm_app.services.workspace import Workspace

EVERY_SECONDS = 20.0
TRIGGER = "email.received"
POSTMAN = SystemActor("mailboxes of workflows")
_EVENTS = UUID("b1e6f0a8-2a3d-4f9d-8a56-0a9f3f3a7d10")
_LOCK = 7_305_015

logger = logging.getLogger(__name__)


class Postman:
    """One per worker process; of several only one looks into a mailbox at a time."""

    def __init__(self, workspace: Workspace, wake: Callable[[], object]) -> None:
        self._workspace = workspace
        self._wake = wake

    def run(self, stop: threading.Event) -> None:
        """Until told to stop; what is away is waited for."""
        while not stop.wait(EVERY_SECONDS):
            try:
                if self.look():
                    self._wake()
            except Exception as error:  # noqa: BLE001 - whatever it is, the mail is still there
                logger.warning("The mailboxes could not be looked at: %s", type(error).__name__)

    def look(self) -> int:
        """The number of runs that new mail has started. What is wrong with one mailbox keeps no other from its mail."""
        with self._workspace.work(POSTMAN) as work:
            passed_over = passing_over(work)
            wanted = [each.name for each in work.catalog.automations if each.is_active and each.trigger.type == TRIGGER]
        total = 0
        for name in wanted:
            if name not in passed_over:
                try:
                    total += self._look_alone(name)
                except TrellisError as error:
                    logger.warning("The mail of %s could not be read: %s", name, error)
        return total

    def _look_alone(self, name: str) -> int:
        with self._workspace.alone(_LOCK, name) as is_ours:
            return self._read(name) if is_ours else 0

    def _read(self, name: str) -> int:
        with self._workspace.work(POSTMAN) as work:
            automation = live_automation(work, name, TRIGGER)
            settings, secret = opened_connection(work, automation.config.connection)
            runner = runner_of(work, automation.definition, None)
        if not isinstance(settings, ImapSettings):
            raise MailboxRefused(f"The connection '{automation.config.connection}' is none to a mailbox.")
        total = 0
        with opened_mailbox(settings, secret) as mailbox:
            for uid, letter in mailbox.unread():
                if letter is not None and not letter.is_automatic and runner is not None:
                    total += self._taken(automation, runner, letter)
                mailbox.mark(uid)
        return total

    def _taken(self, automation: CompiledAutomation, runner: UUID, letter: Letter) -> int:
        """At most once by its id, whatever was lost between taking it and marking it. What can't be taken is passed
        over, and said.
        """
        name = automation.definition.name
        event = uuid5(_EVENTS, f"{name}/{letter.message_id}")
        actor = AutomationActor(name, event, runner, 0, automation.hash)
        try:
            with self._workspace.work(actor) as work:
                if started_events(work, name, [event]) or not is_new_message(work, f"mail:{name}", str(event)):
                    return 0
                ref = _record(work, automation, letter)
                if ref is None:
                    return 0
                _attach(self._workspace, actor, work, ref, automation.config.files, letter)
                return start_about(work, automation, event, ref, _given(letter))
        except (Invalid, Conflict) as refusal:
            logger.warning("A mail for %s could not be taken: %s", name, refusal.code)
            return 0


def _given(letter: Letter) -> dict[str, Any]:
    return {
        "sender": letter.sender or None, "sender_name": letter.sender_name or None, "subject": letter.subject or None,
        "body": letter.body or None, "received_at": letter.at,
    }  # fmt: skip


def _record(work: UnitOfWork, automation: CompiledAutomation, letter: Letter) -> RecordRef | None:
    """By the thread, by the sender's address, or a new one."""
    config: EmailReceivedConfig = automation.config
    name = automation.definition.trigger.object
    found = mail_answered(work, name, letter.references)
    if found is not None and work.among("read", name, [found]):
        return RecordRef(name, found)
    if config.address_field and letter.sender:
        known = matching(work, name, {config.address_field: letter.sender.lower()}, limit=2)
        known = known or matching(work, name, {config.address_field: letter.sender}, limit=2)
        if known:
            return known[0]
    if not config.values:
        return None
    given = _given(letter)
    values: Mapping[str, Any] = {field: given[variable] for field, variable in config.values.items()}
    address = {config.address_field: letter.sender} if config.address_field and letter.sender else {}
    return create_record(work, name, {**address, **values}, always).ref


def _attach(
    workspace: Workspace, actor: AutomationActor, work: UnitOfWork, ref: RecordRef, field: str, letter: Letter
) -> None:
    """What is no file that may be kept is left out."""
    new = [found for each in letter.files if (found := _kept(workspace, actor, *each))] if field else []
    if new:
        held = get_record(work, ref, names=False).values.get(field) or ()
        update_record(work, ref, {field: [*({"id": each["id"]} for each in held), *new]}, passes=always)


def _kept(workspace: Workspace, actor: AutomationActor, name: str, content: bytes) -> dict[str, str] | None:
    try:
        upload = Upload(workspace, actor, name)
    except TrellisError:
        return None
    try:
        upload.write(content)
        return {"id": str(upload.keep().id)}
    except TrellisError:
        return None
    finally:
        upload.discard()
