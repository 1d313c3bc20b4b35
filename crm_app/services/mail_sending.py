"""One mail over SMTP, at most once. Until the server has the whole mail, a failure means that it was not sent."""

import smtplib
import socket
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr
from typing import Any
from uuid import UUID

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.services.connections import SmtpSettings, opened_connection
from crm_app.services.egress import EgressFailed, safe_address
from crm_app.services.mails import POST, begin_sending, note_state, settled_state, suppress
from crm_app.services.workspace import Workspace

SECONDS = 10
_TEMPORARY = 400
_FINAL = 500
_NO_MAILBOX = (550, 551, 553, 556)


class MailRefused(Invalid):
    """The mail server does not take the mail, now or later. `addresses` are those that it knows nobody at."""

    code = "mail_refused"

    def __init__(self, message: str, addresses: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.addresses = addresses or {}


def deliver(workspace: Workspace, mail: UUID) -> str:
    """Gives the state that it ends in. A failure that may pass puts the mail back in the queue."""
    row = begin_sending(workspace, mail)
    if row is None:
        state, error = settled_state(workspace, mail)
        if state == "failed":
            raise MailRefused(error)
        return state
    try:
        with workspace.work(POST) as work:
            settings, secret = opened_connection(work, row["connection"])
        if not isinstance(settings, SmtpSettings):
            raise MailRefused(f"The connection '{row['connection']}' is none to a mail server.")
        refused = _handed_over(settings, secret, row)
    except _Unknown:
        note_state(workspace, mail, "unknown", "The connection broke while the server took the mail.")
        return "unknown"
    except EgressFailed as failure:
        note_state(workspace, mail, "queued", str(failure))
        raise
    except Invalid as refusal:
        note_state(workspace, mail, "failed", str(refusal))
        _suppress(workspace, refusal.addresses if isinstance(refusal, MailRefused) else {})
        raise
    _suppress(workspace, refused)
    note_state(workspace, mail, "sent")
    return "sent"


def send_again(workspace: Workspace, mail: UUID) -> str:
    """Once, and now; `requeue` has given leave. Why it could not be sent, in a sentence; empty where it was."""
    try:
        deliver(workspace, mail)
    except EgressFailed as failure:
        note_state(workspace, mail, "failed", str(failure))
        return str(failure)
    except Invalid as refusal:
        return str(refusal)
    return ""


class _Unknown(Exception):
    """The server may have taken the mail."""


def send_now(settings: SmtpSettings, secret: str, mail: Mapping[str, Any]) -> bool:
    """Whether the server has surely taken one that is in no queue."""
    try:
        return not _handed_over(settings, secret, mail)
    except _Unknown:
        return False


def _suppress(workspace: Workspace, refused: Mapping[str, str]) -> None:
    with workspace.work(POST) as work:
        for address, reason in refused.items():
            suppress(work, address, reason)


def message_of(settings: SmtpSettings, row: Mapping[str, Any]) -> EmailMessage:
    message = EmailMessage(policy=SMTP_POLICY)
    message["Message-ID"] = row["message_id"]
    message["Date"] = format_datetime(clock.now())
    message["From"] = formataddr((settings.sender_name, settings.sender))
    message["To"] = ", ".join(row["recipients"])
    message["Subject"] = row["subject"]
    message["Auto-Submitted"] = "auto-generated"
    if row["reply_to"]:
        message["Reply-To"] = row["reply_to"]
    message.set_content(row["body"])
    if row["html"]:
        message.add_alternative(row["html"], subtype="html")
    return message


def _handed_over(settings: SmtpSettings, secret: str, row: Mapping[str, Any]) -> dict[str, str]:
    """The addresses that the server refused for good, while it took the mail for others."""
    message = message_of(settings, row)
    try:
        server = _connected(settings, secret)
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
        raise MailRefused(f"{settings.host} refuses the log-in: {type(error).__name__}.") from None
    except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
        raise EgressFailed(f"{settings.host} could not be reached ({type(error).__name__}).") from None
    try:
        try:
            refused = _envelope(server, settings, row["recipients"])
        except (OSError, smtplib.SMTPException) as error:
            raise EgressFailed(f"{settings.host} went away ({type(error).__name__}).") from None
        _content(server, settings, message)
    finally:
        server.close()
    return refused


def _envelope(server: smtplib.SMTP, settings: SmtpSettings, recipients: Sequence[str]) -> dict[str, str]:
    code, said = server.mail(settings.sender)
    _require_taken(settings, code, said)
    refused: dict[str, str] = {}
    for address in recipients:
        code, said = server.rcpt(address)
        if code in _NO_MAILBOX:
            refused[address] = f"{code} {_words(said)}"
        else:
            _require_taken(settings, code, said)
    if len(refused) == len(recipients):
        raise MailRefused(f"{settings.host} knows no such address.", refused)
    return refused


def _content(server: smtplib.SMTP, settings: SmtpSettings, message: EmailMessage) -> None:
    try:
        code, said = server.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        code, said = error.smtp_code, error.smtp_error
    except (OSError, smtplib.SMTPException):
        raise _Unknown from None
    _require_taken(settings, code, said)


def _require_taken(settings: SmtpSettings, code: int, said: bytes | str) -> None:
    if _TEMPORARY <= code < _FINAL:
        raise EgressFailed(f"{settings.host} takes no mail now ({code}).")
    if code >= _FINAL:
        raise MailRefused(f"{settings.host} refuses the mail: {code} {_words(said)}")


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.replace("\0", " ").split())[:200]


class _Pinned(smtplib.SMTP):
    """Connects to the address that was looked at; the name is for the certificate."""

    def __init__(self, address: str, host: str, port: int, **more: Any) -> None:
        self.address = address
        super().__init__(host, port, socket.gethostname(), timeout=SECONDS, **more)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002 - as smtplib has it
        return socket.create_connection((self.address, port), timeout)


class _PinnedTls(smtplib.SMTP_SSL, _Pinned):
    def __init__(self, address: str, host: str, port: int, context: ssl.SSLContext) -> None:
        self.address = address
        smtplib.SMTP_SSL.__init__(self, host, port, socket.gethostname(), timeout=SECONDS, context=context)


def _connected(settings: SmtpSettings, secret: str) -> smtplib.SMTP:
    address = str(safe_address(settings.host, settings.port, allows_private=settings.allows_private))
    context = ssl.create_default_context()
    if settings.security == "tls":
        server: smtplib.SMTP = _PinnedTls(address, settings.host, settings.port, context)
    else:
        server = _Pinned(address, settings.host, settings.port)
    server.ehlo_or_helo_if_needed()
    if settings.security == "starttls":
        server.starttls(context=context)
        server.ehlo()
    if settings.user:
        server.login(settings.user, secret)
    return server
