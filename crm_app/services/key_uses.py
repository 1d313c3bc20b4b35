"""When each API key was last used: remembered in memory and written now and then, so that no call waits for it."""

import threading
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine, update
from sqlalchemy.exc import SQLAlchemyError

from crm_app.kernel import clock
from crm_app.storage.delegation_tables import ApiKeyRow
from crm_app.storage.engine import DatabaseDown, transaction
from crm_app.storage.system_tables import table_of

WRITE_SECONDS = 5.0
_KEYS = table_of(ApiKeyRow)


class KeyUses:
    """One per process; `prefix` names a key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._waiting: dict[str, datetime] = {}
        self._timer: threading.Timer | None = None

    def note(self, prefix: str) -> None:
        with self._lock:
            self._waiting[prefix] = clock.now()
            if self._timer is None:
                self._timer = threading.Timer(WRITE_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """What came together since the last time; it is lost if the database is away."""
        with self._lock:
            waiting, self._waiting, self._timer = self._waiting, {}, None
        if waiting:
            with suppress(DatabaseDown, SQLAlchemyError), transaction(self._engine) as connection:
                for prefix in sorted(waiting):
                    connection.execute(
                        update(_KEYS).where(_KEYS.c.prefix == prefix).values(last_used_at=waiting[prefix])
                    )

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, self._waiting = None, {}
