from uuid import UUID

import reflex as rx
from reflex.state import BaseState

from crm_app.services.link_mail import mail_link
from crm_app.ui.door import DOOR


async def mailed(state: BaseState, user: UUID, path: str) -> bool:
    """Whether the link went out by mail, and so need not be shown. Its origin is that of the page, which the guard of
    the websocket holds to be this site's own.
    """
    link = f"{state.router.url.origin}{path}"
    return await rx.run_in_thread(lambda: mail_link(DOOR.workspace(), user, link))
