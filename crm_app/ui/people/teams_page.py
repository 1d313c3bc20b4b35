"""Teams: who is in them, who leads them, and which stands below which."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.teams import save_team
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.door import enter
from crm_app.ui.elements import empty_state, icon, skeleton
from crm_app.ui.people.people_data import Picking, TeamLine, TeamsData, known_id, optional_id, teams_data, ticked
from crm_app.ui.people.picking_inputs import one_of, some_of, text_input
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit

_EMPTY = Picking(id="", name="", label="", value="", choices=[])


class TeamsPage(rx.State):
    lines: rx.Field[list[TeamLine]] = rx.field(default_factory=list)
    chosen: str = ""
    name: str = ""
    parent: Picking = _EMPTY
    manager: Picking = _EMPTY
    members: Picking = _EMPTY
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_open: bool = False
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        data = await visit(self, teams_data)
        if data is not None:
            self._show(data, is_open=False)
            await set_title(self, "Teams")

    @rx.event
    async def choose(self, team: str) -> Any:
        """Opens the form; no team is a new one."""
        wanted = str(team)
        data, said = await attempt(self, lambda work: teams_data(work, optional_id(wanted)))
        if data is None:
            return said
        self._show(data, is_open=True)
        return focus("name-input")

    @rx.event
    def close(self) -> None:
        self.is_open = False

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        try:
            data = await enter(self, _saved(self.chosen, form))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {p.path: p.message for p in refusal.problems if p.path == "name"}
            return focus("name-input") if self.errors else complaint(sentence(refusal))
        self._show(data, is_open=False)
        return notice("Saved.")

    def _show(self, data: TeamsData, *, is_open: bool) -> None:
        self.lines, self.chosen, self.name, self.parent = data.lines, data.chosen, data.name, data.parent
        self.manager, self.members, self.errors = data.manager, data.members, {}
        self.is_open, self.is_loaded, self.turn = is_open, True, self.turn + 1


def _saved(chosen: str, form: dict[str, Any]) -> Callable[[UnitOfWork], TeamsData]:
    def taken(work: UnitOfWork) -> TeamsData:
        save_team(
            work,
            optional_id(chosen),
            str(form.get("name", "")),
            manager=optional_id(form.get("manager")),
            parent=optional_id(form.get("parent")),
            members=[known_id(member) for member in ticked(form, "member")],
        )
        return teams_data(work)

    return taken


def _form() -> rx.Component:
    return rx.el.form(
        text_input("name", "Name", TeamsPage.name, TeamsPage.errors),
        one_of(TeamsPage.parent, "No other team"),
        one_of(TeamsPage.manager, "Nobody"),
        some_of(TeamsPage.members),
        rx.el.div(
            rx.el.button("Save team", type="submit", class_name="button primary"),
            rx.el.button("Cancel", type="button", class_name="button", on_click=TeamsPage.close),
            class_name="account-actions",
        ),
        on_submit=TeamsPage.save,
        key=f"{TeamsPage.chosen}{TeamsPage.turn}",
        class_name="account-form panel team-form",
        custom_attrs={"noValidate": True, "aria-label": "Team"},
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.button(
                line["name"], type="button", class_name="line-link link-button", on_click=TeamsPage.choose(line["id"])
            )
        ),
        rx.el.td(line["parent"]),
        rx.el.td(line["manager"]),
        rx.el.td(line["members"]),
        key=line["id"],
    )


def _table() -> rx.Component:
    headings = ("Name", "Part of", "Manager", "Members")
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in headings])),
            rx.el.tbody(rx.foreach(TeamsPage.lines, _line)),
            class_name="lines people-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": "Teams", "tabIndex": "0"},
    )


def teams_page() -> rx.Component:
    new = rx.el.button(
        icon("plus"), "New team", type="button", class_name="button primary", on_click=TeamsPage.choose("")
    )
    return rx.el.div(
        settings_head("Teams", new),
        rx.cond(
            TeamsPage.is_loaded,
            rx.el.div(
                rx.el.p(
                    "A manager sees what the members of the team own, and those of the teams that are part of it, "
                    "where a role reaches so far.",
                    class_name="quiet",
                ),
                rx.cond(TeamsPage.is_open, _form(), rx.fragment()),
                rx.cond(
                    TeamsPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
                    _table(),
                    empty_state("users", "No teams yet", "People work alone until there is one."),
                ),
                class_name="index-page",
            ),
            skeleton(8),
        ),
        class_name="page",
    )
