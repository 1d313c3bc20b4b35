"""Makes a database ready for use: where the command line reaches the services."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import OperationalError

from crm_app.automation.checks import check
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.ids import new_secret
from crm_app.runtime.process import CannotStart
from crm_app.services.accounts import add_user
from crm_app.services.packages import shipped_package
from crm_app.services.prepare import FIRST_PACKAGE, prepare_workspace
from crm_app.services.sample_data import Login, load_sample_data, sample_logins
from crm_app.services.workspace import Workspace


@dataclass(frozen=True)
class Ready:
    """`logins` are those of the demo data; without it, the first administrator's, once."""

    is_new: bool
    logins: Sequence[Login]


def prepare(database_url: str, *, demo: bool) -> Ready:
    """Brings the database to this version and fills a new one."""
    try:
        return _prepare(database_url, demo=demo)
    except (OperationalError, psycopg.OperationalError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(
            f"The database stopped answering while the workspace was prepared: {reason} "
            "Nothing half-done was kept; run ./trellis up again."
        ) from error


def _prepare(database_url: str, *, demo: bool) -> Ready:
    workspace = Workspace.open(database_url, pool_size=2)
    try:
        prepared = prepare_workspace(workspace, (check,))
        package = shipped_package(FIRST_PACKAGE)
        if not prepared.was_created:
            return Ready(is_new=False, logins=sample_logins(workspace, package))
        return Ready(is_new=True, logins=load_sample_data(workspace, package) if demo else [_first_admin(workspace)])
    finally:
        workspace.close()


def _first_admin(workspace: Workspace) -> Login:
    """Whoever sets the workspace up gets the only account there is; its password is shown this once."""
    login = Login("Administrator", "admin@localhost", new_secret()[:16])
    with workspace.work(SystemActor("first start")) as work:
        add_user(work, login.label, login.email, roles=["admin"], password=login.password)
    return login
