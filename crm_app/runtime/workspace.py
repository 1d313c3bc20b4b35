"""Makes a database ready for use: where the command line reaches the services."""

from dataclasses import replace

import psycopg
from sqlalchemy.exc import OperationalError

from crm_app.automation.checks import check
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.ids import new_secret
from crm_app.runtime.process import CannotStart
from crm_app.runtime.ready import FIRST_PACKAGE, Ready, product_version, ready_already
from crm_app.services.accounts import add_user, find_user
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
        if prepared.is_new:
            logins = load_sample_data(workspace, FIRST_PACKAGE) if demo else _first_admin(workspace)
        mark_prepared(workspace, product_version())
        ready = Ready(logins) if logins else ready_already(database_url) or Ready(())
        return replace(ready, remarks=tuple(prepared.kept))
    finally:
        workspace.close()


def _first_admin(workspace: Workspace) -> list[Login]:
    """Whoever sets the workspace up gets the only account there is; its password is shown this once."""
    login = Login("Administrator", "admin@localhost", new_secret()[:16])
    with workspace.work(SystemActor("first start")) as work:
        if find_user(work, login.email) is not None:
            return []
        add_user(work, login.label, login.email, roles=["admin"], password=login.password)
    return [login]
