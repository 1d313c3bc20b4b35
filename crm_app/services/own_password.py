"""Changing one's own password, from a session, with the password that one has."""

from sqlalchemy import select

from crm_app.kernel.errors import Invalid, Problem, Unauthenticated
from crm_app.services.account_links import drop_links, set_password
from crm_app.services.log_in import Entry, Person, address_of, enter, still_has
from crm_app.services.passwords import SENTENCES, is_right, minimum_length, require_good
from crm_app.services.second_factors import has_second_factor
from crm_app.services.sessions import Visitor, drop_sessions, session_actor
from crm_app.services.throttle import PER_ACCOUNT, PER_ADDRESS, begin_attempt, forgive
from crm_app.services.workspace import Workspace
from crm_app.storage.engine import transaction
from crm_app.storage.system_tables import UserRow, table_of

_USERS = table_of(UserRow)


def change_password(workspace: Workspace, secret: str, current: str, new: str, visitor: Visitor) -> Entry:
    """All other sessions end, and this one goes on under a new secret. Looking as somebody else changes nothing."""
    with workspace.work(session_actor(secret)) as work:
        user = work.standing.actual.user_id
        query = select(_USERS.c.id, _USERS.c.name, _USERS.c.email, _USERS.c.password_hash).where(_USERS.c.id == user)
        row = work.connection.execute(query).one()
        minimum = minimum_length(has_second_factor=has_second_factor(work.connection, row.id))
    subjects = {f"password:{row.id}": PER_ACCOUNT, address_of(visitor): PER_ADDRESS}
    with transaction(workspace.engine) as connection:
        begin_attempt(connection, subjects)
    if not is_right(row.password_hash, current):
        raise Invalid(
            "The password was not changed.",
            [Problem("current", "That is not the password you have now.")],
            weakness="wrong",
        )
    with transaction(workspace.engine) as connection:
        forgive(connection, [f"password:{row.id}"], address_of(visitor))
    if current == new:
        raise Invalid("The password was not changed.", [Problem("new", SENTENCES["same"])], weakness="same")
    require_good(new, minimum, (row.name, row.email), "new")
    with transaction(workspace.engine) as connection:
        if not still_has(connection, Person(row.id, row.name, row.password_hash, is_active=True)):
            raise Unauthenticated("Your password was changed meanwhile. Please log in with the new one.")
        set_password(connection, row.id, row.name, new)
        drop_links(connection, row.id)
        drop_sessions(connection, row.id)
        return enter(workspace, connection, Person(row.id, row.name, "", is_active=True), visitor, "renewed")
