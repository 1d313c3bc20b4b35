"""Entries of the audit in words."""

from collections.abc import Mapping
from typing import Any, cast

from crm_app.services.run_lists import automation_label
from crm_app.services.unit_of_work import UnitOfWork

_WORDS = {
    "record.created": "created",
    "record.updated": "changed",
    "record.deleted": "deleted",
    "record.restored": "restored",
    "records.exported": "exported a list",
    "records.imported": "imported files",
    "records.bulk_edited": "changed many records",
    "records.bulk_deleted": "deleted many records",
    "definitions.published": "published definitions",
    "exchange_rate.saved": "saved an exchange rate",
    "exchange_rate.removed": "removed an exchange rate",
    "key.created": "made an API key",
    "key.revoked": "revoked an API key",
    "key.renewed": "renewed an API key",
    "secrets.resealed": "sealed the stored secrets anew",
    "looking.started": "began to look as somebody",
    "looking.stopped": "stopped looking as somebody",
    "glass.broken": "broke the glass",
    "glass.refused": "was refused to break the glass",
    "glass.mended": "ended the emergency access",
    "audit.exported": "exported the audit",
    "login": "logged in",
    "login.refused": "was refused to log in",
    "session.ended": "ended a session",
    "session.held": "held sessions until a second factor is set up",
    "user.sign_in_linked": "connected a sign-in service",
    "user.sign_in_unlinked": "disconnected a sign-in service",
    "user.created": "made an account",
    "user.invited": "invited somebody",
    "user.changed": "changed an account",
    "user.deactivated": "deactivated an account",
    "user.reactivated": "reactivated an account",
    "user.password_changed": "changed a password",
    "user.reset_link_made": "made a link for a new password",
    "user.handed_over": "handed over what somebody was there for",
    "role.given": "gave a role",
    "role.taken": "took a role away",
    "team.created": "made a team",
    "team.changed": "changed a team",
    "team.removed": "removed a team",
    "sign_in.changed": "changed how people sign in",
    "second_factor.set_up": "set up a second factor",
    "second_factor.removed": "removed a second factor",
    "second_factor.reset": "took somebody's second factor away",
    "second_factor.refused": "gave a wrong code of a second factor",
    "second_factor.recovery_codes_made": "made recovery codes",
    "second_factor.recovery_code_used": "used a recovery code",
    "territory.saved": "saved a territory",
    "territory.removed": "removed a territory",
    "territory.members": "changed who looks after a territory",
    "policy.changed": "changed what roles may do",
    "question.answered": "answered a question",
    "question.delegated": "handed a question on",
    "automation.paused": "paused a workflow",
    "automation.resumed": "resumed a workflow",
    "automation.publisher": "stood behind a workflow",
    "connection.saved": "saved a connection",
    "connection.removed": "removed a connection",
    "webhook.made": "made a webhook",
    "webhook.removed": "removed a webhook",
    "mail.sent_again": "sent a mail again",
    "run.moved": "moved a run to another version",
    "record.shared": "shared",
    "record.unshared": "ended a share",
}
_LONGEST = 300


def said(name: str) -> str:
    """`session.revoked` → `session revoked`, where there are no better words for it."""
    return _WORDS.get(name, name.replace(".", " ").replace("_", " "))


def actor_text(work: UnitOfWork, actor: Mapping[str, Any]) -> str:
    """Who, and through what."""
    name = str(actor.get("name") or "Nobody")
    match actor.get("kind"):
        case "automation":
            return f"{name} through workflow {automation_label(work, str(actor.get('automation', '')))}"
        case "key":
            return f"{name} through key trl_{actor.get('key', '')}…"
        case "system":
            return f"{name} ({actor.get('reason', '')})"
        case _ if actor.get("by_name"):
            return f"{actor['by_name']} looking as {name}"
        case _:
            return name


def plain_text(value: Any) -> str:
    """A value of an entry that is about no record."""
    if value is None:
        return ""
    text = ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
