"""Webhooks: addresses at which other systems start automations. Each has a secret path, and a secret that signs what
comes (Standard Webhooks); both are shown once, when they are made.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from crm_app.kernel import clock
from crm_app.kernel.errors import Invalid, NotFound, TrellisError
from crm_app.kernel.ids import new_secret, secret_hash
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.draft_store import require_administrator
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.notification_table import WebhookMessageRow, WebhookRow
from crm_app.storage.system_tables import table_of

WINDOW = timedelta(minutes=5)
KEPT = timedelta(hours=1)
MAX_ID = 200
MAX_DIGITS = 12
PREFIX = "whsec_"
PATH = "/v1/hooks/{token}"

_ROWS, _MESSAGES = table_of(WebhookRow), table_of(WebhookMessageRow)


class BadSignature(TrellisError):
    """One text for every cause, so that nobody learns which part was wrong."""

    code, status = "bad_signature", 401


@dataclass(frozen=True)
class NewWebhook:
    """`token` is the last part of the address; `secret` is what the sender signs with."""

    token: str
    secret: str

    @property
    def path(self) -> str:
        """Below the API."""
        return PATH.format(token=self.token)


def make_webhook(work: UnitOfWork, automation: str) -> NewWebhook:
    """A new address and secret; those that were there before are no longer good."""
    require_administrator(work)
    known = {each.name for each in work.catalog.automations if each.trigger.type == "webhook"}
    if automation not in known:
        raise NotFound("There is no such workflow that a webhook starts.")
    token, raw = new_secret(), new_secret()
    secret = PREFIX + base64.b64encode(raw.encode()).decode()
    row = {
        "automation": automation,
        "token_hash": secret_hash(token),
        "secret": work.tools.secrets.seal(secret, purpose_of(automation)),
        "made_at": clock.now(),
    }
    statement = insert(_ROWS).values(row)
    work.connection.execute(statement.on_conflict_do_update(index_elements=["automation"], set_=row))
    write_entry(work, Entry("webhook.made", "automation", after={"automation": automation}))
    return NewWebhook(token, secret)


def made_at(work: UnitOfWork, automation: str) -> datetime | None:
    """When its address was made; nothing where it has none."""
    require_administrator(work)
    return work.connection.execute(select(_ROWS.c.made_at).where(_ROWS.c.automation == automation)).scalar()


def remove_webhook(work: UnitOfWork, automation: str) -> None:
    require_administrator(work)
    if work.connection.execute(delete(_ROWS).where(_ROWS.c.automation == automation)).rowcount == 0:
        raise NotFound("There is no such webhook.")
    write_entry(work, Entry("webhook.removed", "automation", before={"automation": automation}))


def verified(work: UnitOfWork, token: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    """The automation, and the id that the sender gave the message; or a refusal. The time is within five minutes, so
    that nothing old is played again; the id keeps what is new from counting twice.
    """
    row = work.connection.execute(select(_ROWS).where(_ROWS.c.token_hash == secret_hash(token))).one_or_none()
    if row is None:
        raise NotFound("There is nothing at this address.")
    identifier, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 0 < len(identifier) <= MAX_ID or not (sent.isascii() and sent.isdigit() and len(sent) <= MAX_DIGITS):
        raise BadSignature("The signature is not valid.")
    secret = work.tools.secrets.open(row.secret, purpose_of(row.automation))
    wanted = _signature(secret, identifier, sent, body)
    given = [
        each.removeprefix("v1,") for each in headers.get("webhook-signature", "").split() if each.startswith("v1,")
    ]
    is_signed = any(hmac.compare_digest(wanted.encode(), each.encode()) for each in given[:10])
    is_fresh = abs(clock.now().timestamp() - int(sent)) <= WINDOW.total_seconds()
    if not is_signed or not is_fresh:
        raise BadSignature("The signature is not valid.")
    return row.automation, identifier


def is_new_message(work: UnitOfWork, automation: str, identifier: str) -> bool:
    """Whether it comes for the first time; the same one at the same moment waits here for the first. What is too old to
    be taken again is forgotten.
    """
    now = clock.now()
    work.connection.execute(delete(_MESSAGES).where(_MESSAGES.c.at < now - KEPT))
    row = {"automation": automation, "message": identifier, "at": now}
    fresh = insert(_MESSAGES).values(row).on_conflict_do_nothing().returning(_MESSAGES.c.message)
    return work.connection.execute(fresh).first() is not None


def signature(secret: str, identifier: str, sent: int, body: bytes) -> str:
    """What a sender puts into `webhook-signature`."""
    return f"v1,{_signature(secret, identifier, str(sent), body)}"


def _signature(secret: str, identifier: str, sent: str, body: bytes) -> str:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        raise Invalid("The secret of a webhook begins with whsec_.") from None
    said = f"{identifier}.{sent}.".encode() + body
    return base64.b64encode(hmac.new(key, said, hashlib.sha256).digest()).decode()


def purpose_of(automation: str) -> str:
    return f"webhook:{automation}"
