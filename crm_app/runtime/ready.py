"""Whether a database is ready for this version of the product, asked without loading the services: their code takes
longer to load than all the rest of a second start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

import psycopg

from crm_app.runtime.data_dir import CHECKOUT
from crm_app.runtime.fingerprint import fingerprint
from crm_app.runtime.own_database import libpq_url
from crm_app.services.sample_logins import Login, sample_logins

FIRST_PACKAGE = CHECKOUT / "schemas" / "packages" / "sales"
_QUESTION: LiteralString = """
    SELECT prepared_by, ARRAY(SELECT email FROM crm.app_user WHERE is_active AND email = ANY(%s)),
           EXISTS (SELECT FROM crm.sign_in WHERE name = 'first_run')
    FROM crm.workspace
"""


@dataclass(frozen=True)
class Ready:
    """`logins` are those of the demo data. `first_link` is the secret of the link by which the first administrator
    comes in, while there is none. `remarks` is what an upgrade of the package left as an administrator has made it.
    """

    logins: Sequence[Login]
    remarks: Sequence[str] = ()
    first_link: str = ""


def product_version() -> str:
    """Changes with anything that making a workspace ready depends on."""
    return fingerprint(CHECKOUT, ("requirements.lock",), ("crm_app", "schemas", "policies"))


def ready_already(database_url: str) -> Ready | None:
    """What is there, when this version of the product has made it ready before, and somebody can log in."""
    logins = sample_logins(FIRST_PACKAGE)
    try:
        with psycopg.connect(libpq_url(database_url)) as connection:
            row = connection.execute(_QUESTION, [[login.email for login in logins]]).fetchone()
    except (
        psycopg.errors.UndefinedTable,
        psycopg.errors.UndefinedColumn,
        psycopg.errors.InvalidSchemaName,
        psycopg.errors.InsufficientPrivilege,
    ):
        return None
    if row is None or row[0] != product_version() or row[2]:
        return None
    return Ready([login for login in logins if login.email in row[1]])
