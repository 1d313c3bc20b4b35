"""Everybody who works here, and inviting one more."""

from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.users import Invitation, invite_user
from crm_app.ui.address import WELCOME
from crm_app.ui.builder.widgets import DialogButton
from crm_app.ui.door import enter
from crm_app.ui.elements import link, skeleton
from crm_app.ui.people.link_post import mailed
from crm_app.ui.people.people_data import Picking, UserLine, UsersData, known_id, optional_id, ticked, users_data
from crm_app.ui.people.picking_inputs import one_of, shown_link, some_of, text_input
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit
from crm_app.ui.widgets import CopyText, SearchBox

_MAX_SEARCH = 100
_EMPTY = Picking(id="", name="", label="", value="", choices=[])
_INPUTS = ("name", "email")


class UsersPage(rx.State):
    lines: rx.Field[list[UserLine]] = rx.field(default_factory=list)
    roles: Picking = _EMPTY
    teams: Picking = _EMPTY
    manager: Picking = _EMPTY
    search_text: str = ""
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    link: str = ""
    invited: str = ""
    turn: int = 0
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, users_data)
        if data is None:
            return
        self.search_text, self.link, self.invited, self.errors = "", "", "", {}
        self._show(data)
        await set_title(self, "Users")

    @rx.event
    async def search(self, text: str) -> Any:
        wanted = str(text).strip()[:_MAX_SEARCH]
        data, said = await attempt(self, lambda work: users_data(work, wanted))
        if data is not None:
            self.search_text = wanted
            self._show(data)
        return said

    @rx.event
    async def invite(self, form: dict[str, Any]) -> Any:
        """The link is shown here once; who is invited chooses the password."""
        name, email = (str(form.get(part, "")).strip() for part in _INPUTS)

        def taken(work: UnitOfWork) -> tuple[Invitation, UsersData]:
            teams = [known_id(team, "team") for team in ticked(form, "team")]
            manager = optional_id(form.get("manager"))
            made = invite_user(work, name, email, roles=ticked(form, "role"), manager=manager, teams=teams)
            return made, users_data(work)

        try:
            made, data = await enter(self, taken)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {p.path: p.message for p in refusal.problems if p.path in _INPUTS}
            first = next(iter(self.errors), "")
            return focus(f"{first}-input") if first else complaint(sentence(refusal))
        self.errors, self.search_text = {}, ""
        self.link, self.invited, self.turn = f"{WELCOME}?token={made.secret}", name, self.turn + 1
        self._show(data)
        if await mailed(self, made.user, self.link):
            self.link = ""
            return notice(f"{name} is invited; the link is on its way to {email}.")
        return None

    def _show(self, data: UsersData) -> None:
        self.lines, self.roles, self.teams, self.manager = data.lines, data.roles, data.teams, data.manager
        self.is_loaded = True


def _invite() -> rx.Component:
    return DialogButton.create(
        rx.el.form(
            text_input("name", "Name", errors=UsersPage.errors),
            text_input("email", "Email", errors=UsersPage.errors, type="email"),
            some_of(UsersPage.roles),
            some_of(UsersPage.teams),
            one_of(UsersPage.manager, "Nobody"),
            rx.el.p("They choose a password themselves, by a link that you get next.", class_name="quiet"),
            rx.el.div(rx.el.button("Invite", type="submit", class_name="button primary"), class_name="ask-actions"),
            on_submit=UsersPage.invite,
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        label="Invite",
        icon="user-plus",
        kind="primary",
        title="Invite somebody",
        done=UsersPage.turn,
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            link(line["name"], to=line["href"], class_name="line-link"), rx.el.div(line["email"], class_name="quiet")
        ),
        rx.el.td(line["roles"]),
        rx.el.td(line["teams"]),
        rx.el.td(line["manager"]),
        rx.el.td(rx.el.span(line["state"], class_name=line["css"])),
        rx.el.td(line["seen"], class_name="quiet"),
        key=line["id"],
    )


def _table() -> rx.Component:
    headings = ("Name", "Roles", "Teams", "Manager", "State", "Last seen")
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in headings])),
            rx.el.tbody(rx.foreach(UsersPage.lines, _line)),
            class_name="lines people-lines users-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": "Users", "tabIndex": "0"},
    )


def _users() -> rx.Component:
    return rx.el.div(
        shown_link(
            UsersPage.link,
            f"{UsersPage.invited} is invited. Send them this link; it is shown only now, and good once, for 7 days.",
            CopyText.create(text=UsersPage.link, label="Invitation link"),
        ),
        rx.el.div(
            SearchBox.create(text=UsersPage.search_text, label="Search people", on_search=UsersPage.search),
            class_name="people-tools",
        ),
        rx.cond(
            UsersPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            _table(),
            rx.el.p("Nobody by that name or address.", class_name="quiet"),
        ),
        class_name="index-page",
    )


def users_page() -> rx.Component:
    return rx.el.div(
        settings_head("Users", _invite()), rx.cond(UsersPage.is_loaded, _users(), skeleton(8)), class_name="page"
    )
