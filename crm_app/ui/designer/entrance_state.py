"""Makes the address of a workflow's webhook, and takes it away."""

from typing import Any

import reflex as rx

from crm_app.services.webhooks import make_webhook, remove_webhook
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import notice

_API = "/api"


class EntranceActions(rx.State):
    """`of` is the automation whose address and secret are shown, this once."""

    of: str = ""
    address: str = ""
    secret: str = ""

    @rx.event
    async def make(self) -> Any:
        designer = await self.get_state(Designer)
        name = designer._looking().name
        made, said = await attempt(self, lambda work: make_webhook(work, name))
        if made is None:
            return said
        self.of, self.address, self.secret = name, f"{_API}{made.path}", made.secret
        return await designer._visit()

    @rx.event
    async def remove(self) -> Any:
        designer = await self.get_state(Designer)
        name = designer._looking().name
        _, said = await attempt(self, lambda work: remove_webhook(work, name))
        if said:
            return said
        self.of, self.address, self.secret = "", "", ""
        await designer._visit()
        return notice("The address is gone: what is sent there is refused.")

    @rx.event
    def forget(self) -> None:
        self.of, self.address, self.secret = "", "", ""
