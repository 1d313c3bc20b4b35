"""Locks that nobody notices: asked for briefly and again, so that readers never queue long behind one that waits."""

import random
import time
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import OperationalError

from crm_app.kernel.errors import TrellisError

KEEPER_LOCK = 7_305_002
WAIT_MS = 200
PATIENCE_SECONDS = 20.0
_PAUSE_SECONDS = 0.15
# Lock not available, cancelled by a time limit, deadlock.
_BUSY = ("55P03", "57014", "40P01")

# An autovacuum gives way to whoever waits this long; only a superuser may say how long that is.
_HURRY = text("""
SELECT set_config('statement_timeout', :wait, true),
       CASE WHEN current_setting('is_superuser') = 'on' THEN set_config('deadlock_timeout', '50ms', true) END
""")
_TIMEOUTS = text("SELECT current_setting('statement_timeout'), current_setting('deadlock_timeout')")
_CALM = text("""
SELECT set_config('statement_timeout', :statement, true),
       CASE WHEN current_setting('is_superuser') = 'on' THEN set_config('deadlock_timeout', :deadlock, true) END
""")
_INTERRUPT = text("""
SELECT pg_cancel_backend(keeper.pid)
FROM pg_locks keeper JOIN pg_locks held ON held.pid = keeper.pid
WHERE keeper.locktype = 'advisory' AND keeper.objid = :key AND keeper.granted AND keeper.pid <> pg_backend_pid()
  AND keeper.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND held.locktype = 'relation' AND held.relation = ANY(CAST(:tables AS regclass[])::oid[])
""")


class TableBusy(TrellisError):
    """A transaction that does not end keeps a table from being changed. Nothing was changed."""

    code, status = "table_busy", 503


def lock_quickly(
    connection: Connection, altered: Iterable[Table], referenced: Iterable[Table], patience_seconds: float | None = None
) -> None:
    """Takes what altering the first and pointing at the second needs, until the end of the transaction. Each try waits
    a moment and then lets everybody else go on; the keeper of indexes gives way, and builds its index again later.
    """
    first = sorted({table.fullname for table in altered})
    second = sorted({table.fullname for table in referenced} - set(first))
    if not first and not second:
        return
    statement, deadlock = connection.execute(_TIMEOUTS).one()
    deadline = time.monotonic() + (PATIENCE_SECONDS if patience_seconds is None else patience_seconds)
    while not _locked(connection, first, second):
        if time.monotonic() > deadline:
            raise TableBusy(
                f"Nothing was published: a long transaction keeps {', '.join((*first, *second)[:3])} busy. "
                "Try again when it has ended."
            )
        connection.execute(_INTERRUPT, {"key": KEEPER_LOCK, "tables": [*first, *second]})
        time.sleep(_PAUSE_SECONDS * (0.5 + random.random()))  # noqa: S311 - no secret
    connection.execute(_CALM, {"statement": statement, "deadlock": deadlock})


def _locked(connection: Connection, altered: Sequence[str], referenced: Sequence[str]) -> bool:
    attempt = connection.begin_nested()
    try:
        connection.execute(_HURRY, {"wait": str(WAIT_MS)})
        for names, mode in ((altered, "ACCESS EXCLUSIVE"), (referenced, "SHARE ROW EXCLUSIVE")):
            if names:
                tables = ", ".join(".".join(f'"{part}"' for part in name.split(".")) for name in names)
                connection.execute(text(f"LOCK TABLE {tables} IN {mode} MODE"))
    except OperationalError as error:
        attempt.rollback()
        if getattr(error.orig, "sqlstate", "") not in _BUSY:
            raise
        return False
    attempt.commit()
    return True
