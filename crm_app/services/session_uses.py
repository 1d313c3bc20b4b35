"""How long a session lives, and when it was last used."""

import time
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from crm_app.kernel import clock
from crm_app.kernel.actor import Actor, SessionActor
from crm_app.storage.engine import DatabaseDown, connected

SESSION_HOURS = 12
IDLE = timedelta(hours=2)
NOTE_SECONDS = 60.0
_MAX_NOTED = 10_000

_USED = text("UPDATE crm.session SET last_used_at = :now WHERE hash = :hash AND last_used_at < :now")


class LastUse:
    """Remembers in the database when a session was last used: at most once a minute for each, beside the work itself,
    which neither waits for it nor takes it back.
    """

    def __init__(self, reader: Engine) -> None:
        self._reader = reader
        self._noted: dict[str, float] = {}

    def note(self, actor: Actor) -> None:
        if not isinstance(actor, SessionActor):
            return
        moment = time.monotonic()
        if moment - self._noted.get(actor.session_hash, -NOTE_SECONDS) < NOTE_SECONDS:
            return
        if len(self._noted) > _MAX_NOTED:
            self._noted.clear()
        self._noted[actor.session_hash] = moment
        with suppress(DatabaseDown, SQLAlchemyError), connected(self._reader) as connection:
            connection.execute(_USED, {"hash": actor.session_hash, "now": clock.now()})
