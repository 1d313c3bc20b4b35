"""The settings of another sign-in service."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from crm_app.kernel.errors import Invalid, Problem, TrellisError, Unauthenticated
from crm_app.services.oidc_settings import Provider, provider, remove_provider, save_provider
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import LOGIN
from crm_app.ui.door import enter
from crm_app.ui.elements import folded
from crm_app.ui.inputs import tick_input
from crm_app.ui.people.people_data import Picking, roles_picking
from crm_app.ui.people.picking_inputs import one_of, text_input
from crm_app.ui.people.widgets import password_field
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, notice
from crm_app.ui.sign_in_http import OIDC_ROUTE
from crm_app.ui.widgets import CopyText

_TEXTS = ("label", "issuer", "client_id", "group_claim")
_TICKS = ("is_private", "creates", "ends_there")


@dataclass(frozen=True)
class OidcData:
    texts: dict[str, str]
    ticks: dict[str, bool]
    role: Picking
    is_set: bool


def oidc_data(work: UnitOfWork) -> OidcData:
    found = provider(work.connection)
    shown = found or Provider(label="", issuer="", client_id="")
    texts = {name: getattr(shown, name) for name in _TEXTS}
    texts["group_roles"] = "\n".join(f"{group} = {role}" for group, role in shown.group_roles.items())
    role = roles_picking(work, "oidc", [shown.default_role] if shown.default_role else [])
    role["name"], role["label"] = "default_role", "Role of new accounts"
    role["choices"] = [each for each in role["choices"] if each["value"] != "admin"]
    return OidcData(texts, {name: getattr(shown, name) for name in _TICKS}, role, found is not None)


class OidcForm(rx.State):
    texts: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    ticks: rx.Field[dict[str, bool]] = rx.field(default_factory=dict)
    role: Picking = Picking(id="", name="", label="", value="", choices=[])
    is_set: bool = False
    turn: int = 0

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        def taken(work: UnitOfWork) -> OidcData:
            save_provider(work, _wish(form), str(form.get("secret", "")))
            return oidc_data(work)

        try:
            data = await enter(self, taken)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            return complaint(sentence(refusal))
        self._show(data)
        return notice("Saved.")

    @rx.event
    async def remove(self) -> Any:
        def taken(work: UnitOfWork) -> OidcData:
            remove_provider(work)
            return oidc_data(work)

        data, said = await attempt(self, taken)
        if data is None:
            return said
        self._show(data)
        return notice("Removed.")

    def _show(self, data: OidcData) -> None:
        self.texts, self.ticks, self.role, self.is_set = data.texts, data.ticks, data.role, data.is_set
        self.turn += 1


def _wish(form: dict[str, Any]) -> Provider:
    label, issuer, client_id, group_claim = (str(form.get(name, "")).strip() for name in _TEXTS)
    groups: dict[str, str] = {}
    for line in str(form.get("group_roles", "")).splitlines():
        group, separator, role = line.rpartition("=")
        if line.strip() and (not separator or not group.strip()):
            text = f"'{line.strip()[:50]}' is not a group and a role with = between."
            raise Invalid("The sign-in service was not saved.", [Problem("group_roles", text)])
        if line.strip():
            groups[group.strip()] = role.strip()
    return Provider(
        label=label,
        issuer=issuer,
        client_id=client_id,
        is_private=bool(form.get("is_private")),
        creates=bool(form.get("creates")),
        ends_there=bool(form.get("ends_there")),
        default_role=str(form.get("default_role", "")),
        group_claim=group_claim,
        group_roles=groups,
    )


def _tick(name: str, label: str) -> rx.Component:
    item: Any = {"id": f"oidc-{name}", "name": name, "is_checked": OidcForm.ticks[name]}
    return tick_input(item, label, {})


def _form() -> rx.Component:
    groups = rx.el.div(
        rx.el.label("Roles by group, one a line: group = role", html_for="group-roles"),
        rx.el.textarea(
            id="group-roles",
            name="group_roles",
            rows="3",
            default_value=OidcForm.texts["group_roles"],
            class_name="input",
        ),
        class_name="field",
    )
    return rx.el.form(
        text_input("label", "Name on the log-in page", OidcForm.texts["label"]),
        text_input("issuer", "Issuer", OidcForm.texts["issuer"], placeholder="https://login.example.com"),
        text_input("client_id", "Client", OidcForm.texts["client_id"]),
        rx.el.div(
            password_field("Client secret", "secret", "off", is_required=False),
            rx.cond(OidcForm.is_set, rx.el.p("Leave it empty to keep the one that is stored.", class_name="quiet")),
        ),
        _tick("is_private", "It stands in our own network"),
        _tick("creates", "Whoever it vouches for gets an account"),
        _tick("ends_there", "Logging out here logs out there, too"),
        one_of(OidcForm.role, "No role"),
        text_input("group_claim", "Claim that holds the groups", OidcForm.texts["group_claim"], placeholder="groups"),
        groups,
        rx.el.div(
            rx.el.button("Save", type="submit", class_name="button primary"),
            rx.cond(
                OidcForm.is_set,
                rx.el.button("Remove", type="button", class_name="button danger", on_click=OidcForm.remove),
            ),
            class_name="account-actions",
        ),
        on_submit=OidcForm.save,
        key=f"oidc{OidcForm.turn}",
        class_name="account-form",
        custom_attrs={"noValidate": True, "aria-label": "Sign-in service"},
    )


def oidc_part() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Another sign-in service"),
        rx.el.p(
            "People log in with your own service by OpenID Connect. It links to the account with the address that it "
            "has verified; an administrator connects their own on the page of their account. Tell it these addresses, "
            "to send people back to after logging in and out:",
            class_name="quiet",
        ),
        CopyText.create(text=f"{OIDC_ROUTE}/callback", label="Address after logging in"),
        CopyText.create(text=LOGIN, label="Address after logging out"),
        folded(rx.cond(OidcForm.is_set, "Change its settings", "Set one up"), _form()),
        class_name="account-part",
    )
