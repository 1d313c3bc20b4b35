"""Mailing a link to who it is for, where a mail server is set up. It is not queued, and kept nowhere: who could read
it could log in with it.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from crm_app.kernel.errors import TrellisError
from crm_app.kernel.ids import new_name
from crm_app.services.connections import SmtpSettings, opened_connection
from crm_app.services.mail_sending import send_now
from crm_app.services.mails import POST
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.workspace import Workspace
from crm_app.storage.connection_tables import ConnectionRow
from crm_app.storage.system_tables import UserRow, table_of

_CONNECTIONS, _USERS = table_of(ConnectionRow), table_of(UserRow)
_TEXT = """Hello {name},

choose your password with this link. It is good once, and not for long:

{link}

If you don't know what this is about, leave it: nothing happens without you.
"""


def mail_link(workspace: Workspace, user: UUID, link: str) -> bool:
    """Whether the mail server has taken it; `link` is a whole address. Through the first one by name."""
    with workspace.work(POST) as work:
        found = _mail_server(work)
        person = work.connection.execute(select(_USERS.c.name, _USERS.c.email).where(_USERS.c.id == user)).one()
    if found is None:
        return False
    settings, secret = found
    mail: dict[str, Any] = {
        "recipients": [person.email],
        "subject": "Your way into Trellis",
        "body": _TEXT.format(name=person.name, link=link),
        "html": "",
        "reply_to": "",
        "message_id": f"<{new_name()}@{settings.sender.rpartition('@')[2]}>",
    }
    try:
        return send_now(settings, secret, mail)
    except TrellisError:
        return False


def _mail_server(work: UnitOfWork) -> tuple[SmtpSettings, str] | None:
    names = select(_CONNECTIONS.c.name).where(_CONNECTIONS.c.type == "smtp").order_by(_CONNECTIONS.c.name).limit(1)
    name = work.connection.execute(names).scalar_one_or_none()
    if name is None:
        return None
    settings, secret = opened_connection(work, name)
    return (settings, secret) if isinstance(settings, SmtpSettings) else None
