"""The single place where the runtime reaches the services: making a database ready for use."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy.exc import OperationalError

from crm_app.runtime.process import CannotStart
from crm_app.services import workspace


@dataclass(frozen=True)
class Login:
    label: str
    email: str
    password: str


@dataclass(frozen=True)
class Workspace:
    """`logins` are those of the demo data, empty without it."""

    is_new: bool
    logins: Sequence[Login]


def prepare(database_url: str, *, demo: bool) -> Workspace:
    """Brings the database to this version and fills a new one."""
    try:
        prepared = workspace.prepare_workspace(database_url, demo=demo)
    except (OperationalError, psycopg.OperationalError) as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(
            f"The database stopped answering while the workspace was prepared: {reason} "
            "Nothing half-done was kept; run ./trellis up again."
        ) from error
    return Workspace(prepared.created, [Login(*login) for login in prepared.logins])
