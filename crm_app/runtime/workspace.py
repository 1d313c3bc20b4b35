"""Makes a database ready for use: where the command line reaches the services."""

from dataclasses import replace

import psycopg
from sqlalchemy.exc import OperationalError

from crm_app.automation.checks import check
from crm_app.runtime.process import CannotStart
from crm_app.runtime.ready import FIRST_PACKAGE, Ready, product_version, ready_already
from crm_app.services.first_run import offer_first_run
from crm_app.services.prepare import mark_prepared, prepare_workspace
from crm_app.services.sample_data import load_sample_data
from crm_app.services.sample_logins import Login
from crm_app.services.workspace import Workspace


def prepare(database_url: str, owner: str = "", *, demo: bool) -> Ready:
    """Brings the database to this version and fills a new one. `owner`: as for `prepare_workspace`."""
    try:
        return _prepare(database_url, owner, demo=demo)
    except (OperationalError, psycopg.OperationalError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(
            f"The database stopped answering while the workspace was prepared: {reason} "
            "Nothing half-done was kept; run ./trellis up again."
        ) from error


def _prepare(database_url: str, owner: str, *, demo: bool) -> Ready:
    workspace = Workspace.open(database_url, pool_size=2)
    try:
        logins: list[Login] = []
        prepared = prepare_workspace(workspace, (check,), owner=owner)
        if prepared.is_new and demo:
            logins = load_sample_data(workspace, FIRST_PACKAGE)
        first = offer_first_run(workspace)
        mark_prepared(workspace, product_version())
        ready = Ready(logins) if logins else ready_already(database_url) or Ready([])
        return replace(ready, remarks=tuple(prepared.kept), first_link=first)
    finally:
        workspace.close()
