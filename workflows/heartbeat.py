"""Says every few seconds that this worker is alive, for the page and the figures of health."""

import asyncio
import logging
import os
import socket
from dataclasses import dataclass

from crm_app.automation.relay import Relay
from crm_app.kernel import clock
from crm_app.services.worker_beats import beat
from crm_app.services.workspace import Workspace

EVERY_SECONDS = 5.0
logger = logging.getLogger(__name__)


@dataclass
class TemporalState:
    """Why Temporal can't be used at the moment; empty when it can."""

    problem: str = "Not connected yet."


def identity() -> str:
    return f"{os.getpid()}@{socket.gethostname()}"


class Heartbeat:
    def __init__(self, workspace: Workspace, relay: Relay, temporal: TemporalState) -> None:
        self._workspace = workspace
        self._relay = relay
        self._temporal = temporal
        self._started_at = clock.now()

    async def run(self) -> None:
        """Until it is cancelled; a database that is away hears of it later."""
        while True:
            try:
                await asyncio.to_thread(self._beat)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next beat may be heard
                logger.debug("No beat: %s", type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    def _beat(self) -> None:
        with self._workspace.owned() as connection:
            beat(connection, identity(), self._started_at, self._relay.looked_at, self._temporal.problem)
