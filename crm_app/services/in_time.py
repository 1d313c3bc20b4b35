"""What one statement may take of the time of all, as a sentence where it took more."""

from collections.abc import Generator
from contextlib import contextmanager

from psycopg.errors import QueryCanceled
from sqlalchemy.exc import OperationalError

from crm_app.kernel.errors import Invalid
from crm_app.storage.engine import STATEMENT_TIMEOUT_MS


class TooSlow(Invalid):
    """The database stopped a statement for the time it took: asked again, it would take as long."""

    code = "too_slow"


@contextmanager
def in_time() -> Generator[None]:
    """Around a transaction of its own: what was stopped has left it broken."""
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        raise TooSlow(f"It took longer than {STATEMENT_TIMEOUT_MS // 1000} seconds; narrow its rule.") from None
