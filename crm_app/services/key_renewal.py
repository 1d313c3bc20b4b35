"""A key gets a new secret while programs still use the old one: both are good for a while, then only the new one."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update

from crm_app.kernel import clock
from crm_app.kernel.actor import KeyActor
from crm_app.kernel.errors import Forbidden, Invalid, NotFound, Problem
from crm_app.kernel.ids import secret_hash
from crm_app.services.api_keys import NewKey, new_key_text
from crm_app.services.audit_entries import Entry, write_entry
from crm_app.services.in_person import require_in_person
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.delegation_tables import ApiKeyRow
from crm_app.storage.system_tables import table_of

OVERLAP_HOURS, LONGEST_OVERLAP_HOURS = 24, 168
_KEYS = table_of(ApiKeyRow)


def renew_key(work: UnitOfWork, prefix: str, hours: int = OVERLAP_HOURS) -> NewKey:
    """With the same limits, for the same person. Who is logged in renews a key for as long as it was made for; a key
    renews itself and no other, and never lives longer by it.
    """
    is_itself = isinstance(work.actor, KeyActor)
    if not is_itself:
        require_in_person(work, "renew a key")
    elif work.standing.key != prefix:
        raise Forbidden("A key renews itself only.")
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        text = f"Between 0 and {LONGEST_OVERLAP_HOURS} hours."
        raise Invalid("The key was not renewed.", [Problem("hours", text)])
    now = clock.now()
    old = _live(work, prefix, now)
    new_prefix, key = new_key_text()
    life = None if old["expires_at"] is None else old["expires_at"] - old["created_at"]
    until = old["expires_at"] if is_itself or life is None else now + life
    kept = {name: old[name] for name in ("label", "user", "roles", "scopes")}
    body = {"hash": secret_hash(key), "prefix": new_prefix, "created_at": now, "expires_at": until, "revoked_at": None}
    work.connection.execute(insert(_KEYS), {**body, **kept})
    ends = min(filter(None, (now + timedelta(hours=hours), old["expires_at"])))
    work.connection.execute(update(_KEYS).where(_KEYS.c.hash == old["hash"]).values(expires_at=ends))
    said = {"prefix": new_prefix, "old_until": ends.isoformat(timespec="minutes")}
    write_entry(work, Entry("key.renewed", "user", old["user"], after=said, before={"prefix": prefix}))
    return NewKey(key, new_prefix, work.who.email, until)


def _live(work: UnitOfWork, prefix: str, now: datetime) -> dict[str, Any]:
    """Of the person's own; held, so that two renewals take turns and the second finds less of it."""
    alive = _KEYS.c.revoked_at.is_(None) & (_KEYS.c.expires_at.is_(None) | (_KEYS.c.expires_at > now))
    mine = (_KEYS.c.prefix == prefix) & (_KEYS.c.user == work.who.user_id) & alive
    row = work.connection.execute(select(_KEYS).where(mine).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no live key of yours that starts with trl_{prefix[:8]}.")
    return dict(row)
