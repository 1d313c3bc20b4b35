"""How people sign in: who needs a second factor, and by which other service."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from crm_app.services.accounts import require_administrator
from crm_app.services.session_holds import require_second_factor
from crm_app.services.sign_in_settings import roles_with_second_factor
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import skeleton
from crm_app.ui.people.oidc_part import OidcData, OidcForm, oidc_data, oidc_part
from crm_app.ui.people.people_data import Picking, roles_picking, ticked
from crm_app.ui.people.picking_inputs import some_of
from crm_app.ui.refusals import attempt
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import notice, set_title, visit

_EMPTY = Picking(id="", name="", label="", value="", choices=[])


@dataclass(frozen=True)
class SignInData:
    roles: Picking
    oidc: OidcData


def sign_in_data(work: UnitOfWork) -> SignInData:
    require_administrator(work)
    picking = roles_picking(work, "factor", roles_with_second_factor(work.connection))
    picking["label"] = "Roles that need one"
    return SignInData(picking, oidc_data(work))


class SignInPage(rx.State):
    roles: Picking = _EMPTY
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, sign_in_data)
        if data is not None:
            self._show(data)
            form = await self.get_state(OidcForm)
            form._show(data.oidc)  # noqa: SLF001 - a part of this page
            await set_title(self, "Sign-in")

    @rx.event
    async def save_factor(self, form: dict[str, Any]) -> Any:
        def taken(work: UnitOfWork) -> SignInData:
            require_second_factor(work, ticked(form, "role"))
            return sign_in_data(work)

        data, said = await attempt(self, taken)
        if data is None:
            return said
        self._show(data)
        return notice("Saved.")

    def _show(self, data: SignInData) -> None:
        self.roles, self.is_loaded = data.roles, True


def _second_factor() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Second factor"),
        rx.el.p(
            "Everybody can set one up on the page of their account. Whoever has one of these roles, given or "
            "inherited, sets it up at the next log-in.",
            class_name="quiet",
        ),
        rx.el.form(
            some_of(SignInPage.roles),
            rx.el.div(rx.el.button("Save", type="submit", class_name="button primary")),
            on_submit=SignInPage.save_factor,
            class_name="account-form",
            custom_attrs={"aria-label": "Second factor"},
        ),
        class_name="account-part",
    )


def sign_in_page() -> rx.Component:
    return rx.el.div(
        settings_head("Sign-in"),
        rx.cond(SignInPage.is_loaded, rx.el.div(_second_factor(), oidc_part(), class_name="account"), skeleton(6)),
        class_name="page",
    )
