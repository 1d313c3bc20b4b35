"""The first administrator, who makes their own account by a link that only whoever started Trellis is told."""

import hmac
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from crm_app.kernel import clock
from crm_app.kernel.actor import SystemActor
from crm_app.kernel.ids import new_secret, secret_hash
from crm_app.services.account_links import LinkIsOver
from crm_app.services.accounts import add_user
from crm_app.services.log_in import Entry, Person, address_of, enter
from crm_app.services.passwords import ONLY_FACTOR, require_good
from crm_app.services.policies import has_administrator
from crm_app.services.sessions import Visitor
from crm_app.services.sign_in_settings import drop_setting, keep_setting, setting
from crm_app.services.throttle import PER_ADDRESS, begin_attempt, forgive
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.account_tables import SignInRow
from crm_app.storage.engine import transaction
from crm_app.storage.system_tables import table_of

GOOD_FOR = timedelta(hours=24)
FIRST_ROLE = "admin"
_NAME = "first_run"
_SIGN_IN = table_of(SignInRow)


def offer_first_run(workspace: Workspace) -> str:
    """A link's secret while nobody can administer, else nothing. Others that were offered stay good until they end, for
    several servers may start on one database.
    """
    with workspace.work(SystemActor("first run")) as work:
        if has_administrator(work.connection):
            drop_setting(work.connection, _NAME)
            return ""
        secret, now = new_secret(), clock.now()
        links = {key: end for key, end in _links(work.connection).items() if datetime.fromisoformat(end) > now}
        links[secret_hash(secret)] = (now + GOOD_FOR).isoformat()
        keep_setting(work.connection, _NAME, {"links": links})
        return secret


def is_first_run(workspace: Workspace) -> bool:
    """Whether the first account is still to be made. Says nothing of who may."""
    with transaction(workspace.engine) as connection:
        return bool(setting(connection, _NAME))


def make_first(workspace: Workspace, secret: str, name: str, email: str, password: str, visitor: Visitor) -> Entry:
    """Of several at once, one is first. What is refused for another reason leaves the link as it is."""
    with transaction(workspace.engine) as connection:
        begin_attempt(connection, {address_of(visitor): PER_ADDRESS})
    with workspace.work(SystemActor("first run")) as work:
        _require_offered(work, secret)
        forgive(work.connection, [], address_of(visitor))
        require_good(password, ONLY_FACTOR, (name, email))
        user = add_user(work, name, email, roles=[FIRST_ROLE], password=password)
        drop_setting(work.connection, _NAME)
    with transaction(workspace.engine) as connection:
        return enter(workspace, connection, Person(user, name.strip(), "", is_active=True), visitor, "link")


def _require_offered(work: UnitOfWork, secret: str) -> None:
    """Holds the row to the end of the transaction, so that two take turns, and the second finds it gone."""
    row = select(_SIGN_IN.c.name).where(_SIGN_IN.c.name == _NAME).with_for_update()
    is_waiting = work.connection.execute(row).first() is not None
    if not is_waiting or has_administrator(work.connection):
        raise LinkIsOver("The first account was made already. Log in, or ask whoever made it to invite you.")
    wanted, now = secret_hash(secret), clock.now()
    links = _links(work.connection).items()
    if not any(hmac.compare_digest(key, wanted) and datetime.fromisoformat(end) > now for key, end in links):
        raise LinkIsOver("This link is not right, or older than a day. Start ./trellis up again for a new one.")


def _links(connection: Connection) -> dict[str, str]:
    """When each ends, by the hash of its secret."""
    return dict(setting(connection, _NAME).get("links", {}))
