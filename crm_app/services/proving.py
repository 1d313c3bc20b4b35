"""Saying again who one is, before something that a session alone must not do."""

from uuid import UUID

from sqlalchemy import select

from crm_app.kernel.errors import Problem
from crm_app.services.passwords import is_right
from crm_app.services.second_factors import accept, has_second_factor
from crm_app.services.throttle import PER_ACCOUNT, begin_attempt, forgive
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import transaction
from crm_app.storage.system_tables import UserRow, table_of

_USERS = table_of(UserRow)


def doubt(workspace: Workspace, user: UUID, purpose: str, password: str, code: str) -> Problem | None:
    """What of the password, and of the second factor where there is one, does not prove the person. Guesses are slowed
    down like those of a log-in, by themselves for each purpose; the code is looked at after the password only.
    """
    subject = f"{purpose}:{user}"
    query = select(_USERS.c.password_hash).where(_USERS.c.id == user)
    with transaction(workspace.engine) as connection:
        begin_attempt(connection, {subject: PER_ACCOUNT})
        password_hash = connection.execute(query).scalar_one()
    if not is_right(password_hash, password):
        return Problem("password", "That is not your password.")
    with transaction(workspace.engine) as connection:
        if has_second_factor(connection, user) and not accept(connection, workspace.tools.secrets, user, code):
            return Problem("code", "That code is not right, or was used already. Try the next one.")
        forgive(connection, [subject])
    return None
