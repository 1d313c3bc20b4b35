"""For commands that need the database of this data directory, whether or not `up` runs."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from crm_app.kernel.settings import Settings
from crm_app.runtime import postgres, process
from crm_app.runtime.data_dir import DataDir, claimed
from crm_app.runtime.own_database import check_own_database
from crm_app.runtime.process import CannotStart

_STOP_SECONDS = 9.0


@contextmanager
def database(data: Path) -> Generator[str]:
    """The address of the user's own server, of the one that runs, or of one started for this command."""
    own = Settings.from_environment().database_url
    if own:
        check_own_database(own)
        yield own
        return
    folder = DataDir(data.resolve())
    if folder.is_in_use:
        yield _running(folder).database_url
        return
    with claimed(data) as held:
        server, _ = postgres.prepare(held.path)
        child = postgres.start(server, held.logs)
        try:
            postgres.wait_until_ready(server, child)
            yield server.url
        finally:
            process.stop(child, _STOP_SECONDS)


def running_settings(data: Path) -> Settings:
    """The settings of the `up` that runs on this folder; the user's own addresses come first."""
    own = Settings.from_environment()
    if own.database_url and own.temporal_address:
        return replace(own, data_dir=data.resolve())
    running = _running(DataDir(data.resolve()))
    return replace(
        own,
        data_dir=data.resolve(),
        database_url=own.database_url or running.database_url,
        temporal_address=own.temporal_address or running.temporal_address,
    )


def _running(folder: DataDir) -> Settings:
    servers = folder.servers()
    if servers is None:
        raise CannotStart(
            f"Trellis is not running on {folder.path}. Run ./trellis up first, "
            "or set both DATABASE_URL and TEMPORAL_ADDRESS."
        )
    return Settings(folder.path, servers.database_url, servers.temporal_address)
