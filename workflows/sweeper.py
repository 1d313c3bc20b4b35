"""Takes away the files that no record holds, once an hour."""

import asyncio
import logging
from datetime import timedelta

from crm_app.services.files import sweep
from crm_app.services.workspace import Workspace

EVERY = timedelta(hours=1)
logger = logging.getLogger(__name__)


async def keep_sweeping(workspace: Workspace, every: timedelta = EVERY) -> None:
    """Until it is cancelled; what fails now is tried again the next time."""
    while True:
        try:
            await asyncio.to_thread(sweep, workspace)
        except Exception as error:  # noqa: BLE001 - a database or disk that is away for a while comes back
            logger.warning("Files could not be swept (%s: %s)", type(error).__name__, str(error)[:200])
        await asyncio.sleep(every.total_seconds())
