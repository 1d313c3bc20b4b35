"""The page for an address that the product does not have."""

import reflex as rx

from crm_app.kernel.errors import NotFound
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.shell_state import visit


class Nowhere(rx.State):
    @rx.event
    async def open(self) -> None:
        await visit(self, _nothing)


def _nothing(_work: UnitOfWork) -> None:
    raise NotFound("Check the address, or start from home.")


def nowhere() -> rx.Component:
    return rx.fragment()
