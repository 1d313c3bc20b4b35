from collections.abc import Callable
from typing import Any
from uuid import UUID

import reflex as rx

from crm_app.automation.checks import check
from crm_app.services import own_second_factor, users
from crm_app.services.handing_over import HandedOver, hand_over
from crm_app.services.oidc_connection import disconnect_user
from crm_app.services.sessions import end_session, end_sessions
from crm_app.services.teams import move_to_teams
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import WELCOME, path_parts
from crm_app.ui.people.link_post import mailed
from crm_app.ui.people.people_data import PersonData, Picking, known_id, optional_id, person_data, ticked
from crm_app.ui.people.sessions_data import SessionLine
from crm_app.ui.refusals import attempt
from crm_app.ui.shell_state import complaint, notice, set_title, visit

_EMPTY = Picking(id="", name="", label="", value="", choices=[])


class PersonPage(rx.State):
    name: str = ""
    email: str = ""
    state: str = ""
    css: str = ""
    seen: str = ""
    roles: Picking = _EMPTY
    teams: Picking = _EMPTY
    manager: Picking = _EMPTY
    heirs: Picking = _EMPTY
    leaving: Picking = _EMPTY
    holdings: str = ""
    sessions: rx.Field[list[SessionLine]] = rx.field(default_factory=list)
    is_active: bool = True
    is_oneself: bool = False
    has_factor: bool = False
    is_connected: bool = False
    version: str = ""
    link: str = ""
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        self.link, self.is_loaded = "", False
        data = await visit(self, lambda work: person_data(work, self._user()))
        if data is not None:
            self._show(data)
            await set_title(self, data.line["name"])

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        def step(work: UnitOfWork, user: UUID) -> None:
            users.change_user(work, user, str(form.get("name", "")), optional_id(form.get("manager")))
            users.set_roles(work, user, ticked(form, "role"))
            move_to_teams(work, user, [known_id(team, "team") for team in ticked(form, "team")])

        return await self._after(step, "Saved.")

    @rx.event
    async def make_link(self) -> Any:
        """An invitation, or a way to a new password; earlier ones end."""
        made: list[users.Invitation] = []
        said = await self._after(lambda work, user: made.append(users.new_link(work, user)), "")
        self.link = f"{WELCOME}?token={made[-1].secret}" if made else ""
        if made and await mailed(self, made[-1].user, self.link):
            self.link = ""
            return notice(f"The link is on its way to {self.email}.")
        return said

    @rx.event
    async def end(self, session: str) -> Any:
        return await self._after(
            lambda work, user: end_session(work, known_id(session, "session"), user), "The session has ended."
        )

    @rx.event
    async def end_all(self) -> Any:
        return await self._after(end_sessions, "All sessions have ended.")

    @rx.event
    async def reset_factor(self) -> Any:
        return await self._after(own_second_factor.reset, "The second factor is gone; all sessions have ended.")

    @rx.event
    async def disconnect(self) -> Any:
        return await self._after(disconnect_user, "Disconnected from the sign-in service.")

    @rx.event
    async def deactivate(self, form: dict[str, Any]) -> Any:
        """First what is theirs goes to somebody else, where one is chosen."""
        self.link = ""
        said = await self._hand_over(form) if form.get("heir") else None
        done = await self._after(users.deactivate_user, "Deactivated. Sessions and keys have ended.")
        return done if said is None else [said, done]

    @rx.event
    async def activate(self) -> Any:
        return await self._after(users.reactivate_user, "Active again.")

    @rx.event
    async def hand_over(self, form: dict[str, Any]) -> Any:
        return await self._hand_over(form)

    async def _hand_over(self, form: dict[str, Any]) -> Any:
        """A thousand records in each unit of work, so that nobody else waits, until all are through."""
        given, kept, reasons, is_more = 0, 0, dict[str, None](), True
        while is_more:
            done: list[HandedOver] = []

            def step(work: UnitOfWork, user: UUID, done: list[HandedOver] = done) -> None:
                done.append(hand_over(work, user, known_id(form.get("heir")), (check,)))

            refusal = await self._after(step, "")
            if not done or refusal is not None:
                return refusal
            given, kept, is_more = given + done[0].given, done[0].kept, done[0].left
            reasons |= dict.fromkeys(done[0].reasons)
        return _handed_over(given, kept, tuple(reasons))

    async def _after(self, step: Callable[[UnitOfWork, UUID], object], text: str) -> Any:
        def taken(work: UnitOfWork) -> PersonData:
            user = self._user()
            step(work, user)
            return person_data(work, user)

        data, refusal = await attempt(self, taken)
        if data is None:
            return refusal
        self._show(data)
        return notice(text) if text else None

    def _user(self) -> UUID:
        return known_id((path_parts(self.router.url.path) or [""])[-1])

    def _show(self, data: PersonData) -> None:
        line = data.line
        self.name, self.email, self.state, self.css = line["name"], line["email"], line["state"], line["css"]
        self.seen = line["seen"]
        self.roles, self.teams, self.manager, self.heirs = data.roles, data.teams, data.manager, data.heirs
        self.leaving = data.leaving
        self.holdings, self.sessions, self.version = data.holdings, data.sessions, data.version
        self.is_active, self.is_oneself, self.has_factor = data.is_active, data.is_oneself, data.has_factor
        self.is_connected, self.is_loaded = data.is_connected, True


def _handed_over(given: int, kept: int, reasons: tuple[str, ...]) -> Any:
    text = f"Handed over, {given:,} records among it." if given else "Handed over."
    if kept or reasons:
        stays = f" {kept:,} records stay." if kept else ""
        return complaint(f"{text}{stays} {' '.join(reasons)}")
    return notice(text)
