"""Words between processes, through the database: that there are facts, that definitions changed."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, cast

from crm_app.services.workspace import Workspace

DEFINITIONS_CHANNEL = "trellis_definitions"


@contextmanager
def listening(workspace: Workspace, channel: str) -> Generator[Callable[[float], list[str]]]:
    """The function given waits for the next commit that said something on the channel, at most so many seconds, and
    gives all that was said until then: nothing where there was none. A signal can be lost with its connection, so
    whoever waits also looks now and then.
    """
    with workspace.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"LISTEN {channel}")
        driver = cast("Any", connection.connection.driver_connection)

        def wait(seconds: float) -> list[str]:
            heard = [each.payload for each in driver.notifies(timeout=seconds, stop_after=1)]
            return heard + [each.payload for each in driver.notifies(timeout=0)] if heard else heard

        try:
            yield wait
        finally:
            connection.invalidate()
