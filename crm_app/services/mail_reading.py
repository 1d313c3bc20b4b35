"""Mail from a mailbox over IMAP: what has not been read there yet, one message at a time, and marked as read by us."""

import imaplib
import re
import socket
import ssl
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any, cast

import nh3

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid
from crm_app.services.connections import ImapSettings
from crm_app.services.egress import EgressFailed, safe_address

SECONDS = 15
MAX_BYTES = 25_000_000
MAX_TEXT = 20_000
MAX_ATTACHMENTS = 10
MAX_REFERENCES = 20
AT_ONCE = 50
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_IDS = re.compile(r"<[^<>\s]{1,300}>")


class MailboxRefused(Invalid):
    """The mail server does not let us in, or has no such folder."""

    code = "mailbox_refused"


@dataclass(frozen=True)
class Letter:
    """`references` are the message ids that it answers; `files` names with contents. `is_automatic`: a machine wrote
    it, so answering it might never end.
    """

    message_id: str
    sender: str
    sender_name: str
    subject: str
    body: str
    at: datetime
    references: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...]
    is_automatic: bool


class Mailbox:
    """Open for as long as `opened_mailbox` says."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unread(self) -> Iterator[tuple[str, Letter | None]]:
        """The oldest first, each with what it is marked by; `None` for what is too large to be read."""
        found = _said(self._server.uid("SEARCH", "UNSEEN"))
        for uid in b" ".join(found).decode("ascii", "replace").split()[:AT_ONCE]:
            yield uid, self._letter(uid)

    def mark(self, uid: str) -> None:
        """As read, so that it is not met again."""
        self._server.uid("STORE", uid, "+FLAGS", r"(\Seen)")

    def _letter(self, uid: str) -> Letter | None:
        size = _SIZE.search(b" ".join(_said(self._server.uid("FETCH", uid, "(RFC822.SIZE)"))))
        if size is None or int(size[1]) > MAX_BYTES:
            return None
        _, found = self._server.uid("FETCH", uid, "(BODY.PEEK[])")
        raw: Any = next((part[1] for part in cast("list[tuple[Any, Any]]", found) if len(part) > 1), None)
        return letter_of(raw, uid) if isinstance(raw, bytes) else None


@contextmanager
def opened_mailbox(settings: ImapSettings, secret: str) -> Generator[Mailbox]:
    try:
        server = _connected(settings, secret)
    except imaplib.IMAP4.error as error:
        raise MailboxRefused(f"{settings.host} refuses the log-in: {_short(error)}.") from None
    except OSError as error:
        raise EgressFailed(f"{settings.host} could not be reached ({type(error).__name__}).") from None
    try:
        state, _ = server.select(_quoted(settings.folder))
        if state != "OK":
            raise MailboxRefused(f"{settings.host} has no folder '{settings.folder}'.")
        yield Mailbox(server)
    except (imaplib.IMAP4.error, OSError) as error:
        raise EgressFailed(f"{settings.host} went away ({type(error).__name__}).") from None
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()


def letter_of(raw: bytes, uid: str = "") -> Letter:
    """Whatever came; what it can't say in its headers is empty."""
    message: EmailMessage = message_from_bytes(raw, policy=policy.default)
    sender = _sender(message)
    return Letter(
        message_id=_header(message, "message-id")[:300] or f"<no-id-{uid}>",
        sender=sender.addr_spec if sender else "",
        sender_name=_clean(sender.display_name)[:200] if sender else "",
        subject=_clean(_header(message, "subject"))[:500],
        body=_body(message)[:MAX_TEXT],
        at=_date(message),
        references=tuple(_IDS.findall(f"{_header(message, 'in-reply-to')} {_header(message, 'references')}"))[
            :MAX_REFERENCES
        ],
        files=tuple(_files(message)),
        is_automatic=_header(message, "auto-submitted").lower() not in ("", "no"),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):  # headers that the library itself trips over
        return ""


def _sender(message: EmailMessage) -> Address | None:
    try:
        found = message["from"]
        return found.addresses[0] if found is not None and found.addresses else None
    except (ValueError, IndexError, AttributeError, TypeError):
        return None


def _date(message: EmailMessage) -> datetime:
    try:
        found = parsedate_to_datetime(_header(message, "date"))
    except (ValueError, TypeError, IndexError):
        return clock.now()
    return found if found.tzinfo is not None else clock.now()


def _body(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
        text = str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError, AttributeError, TypeError):
        return ""
    is_html = part is not None and part.get_content_type() == "text/html"
    return _clean(nh3.clean(text, tags=set()) if is_html else text, keeps_lines=True).strip()


def _files(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    for count, part in enumerate(message.iter_attachments()):
        if count >= MAX_ATTACHMENTS:
            return
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_filename():
            yield _clean(str(part.get_filename())), content


def _clean(text: str, *, keeps_lines: bool = False) -> str:
    allowed = "\n\t" if keeps_lines else ""
    plain = text.replace("\r\n", "\n").encode("utf-8", "replace").decode()
    return "".join(each if each.isprintable() or each in allowed else " " for each in plain)


def _said(answer: tuple[str, Any]) -> list[bytes]:
    state, found = answer
    if state != "OK":
        raise imaplib.IMAP4.error(state)
    return [each for each in cast("list[Any]", found) if isinstance(each, bytes)]


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _short(error: Exception) -> str:
    return _clean(str(error).removeprefix("b'").removesuffix("'"))[:200]


class _Pinned(imaplib.IMAP4):
    """Connects to the address that was looked at; the name is for the certificate."""

    def __init__(self, address: str, host: str, port: int) -> None:
        self.address = address
        super().__init__(host, port, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self.address, self.port), timeout)


class _PinnedTls(imaplib.IMAP4_SSL):
    def __init__(self, address: str, host: str, port: int, context: ssl.SSLContext) -> None:
        self.address = address
        super().__init__(host, port, ssl_context=context, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = socket.create_connection((self.address, self.port), timeout)
        return self.ssl_context.wrap_socket(plain, server_hostname=self.host)


def _connected(settings: ImapSettings, secret: str) -> imaplib.IMAP4:
    address = str(safe_address(settings.host, settings.port, allows_private=settings.allows_private))
    context = ssl.create_default_context()
    if settings.security == "tls":
        server: imaplib.IMAP4 = _PinnedTls(address, settings.host, settings.port, context)
    else:
        server = _Pinned(address, settings.host, settings.port)
    try:
        if settings.security == "starttls":
            server.starttls(context)
        server.login(settings.user, secret)
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()
        raise
    return server
