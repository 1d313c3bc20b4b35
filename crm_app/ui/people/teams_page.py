"""Teams: who is in them, who leads them, and which stands below which."""

from collections.abc import Callable, Mapping
from typing import Any

import reflex as rx

from crm_app.services.teams import remove_team, save_team
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import empty_state
from crm_app.ui.people.group_sheet import NOBODY, Groups, GroupSheet, group_form, group_line, group_page
from crm_app.ui.people.people_data import Picking, TeamLine, TeamsData, known_id, optional_id, teams_data, ticked
from crm_app.ui.people.picking_inputs import one_of, some_of, text_input
from crm_app.ui.refusals import attempt
from crm_app.ui.widgets import Confirm


def _saved(chosen: str, form: Mapping[str, Any]) -> Callable[[UnitOfWork], TeamsData]:
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


_TEAMS = Groups("team", "Teams", ("Name", "Part of", "Manager", "Members"), teams_data, _saved, ("name",), "Saved.")


class TeamsPage(GroupSheet, rx.State):
    lines: rx.Field[list[TeamLine]] = rx.field(default_factory=list)
    manager: Picking = NOBODY

    @rx.event
    async def remove(self) -> Any:
        wanted = self.chosen

        def removed(work: UnitOfWork) -> TeamsData:
            remove_team(work, known_id(wanted, "team"))
            return teams_data(work)

        data, said = await attempt(self, removed)
        if data is not None:
            self._show(data, is_open=False)
        return said

    def _groups(self) -> Groups:
        return _TEAMS


def _form() -> rx.Component:
    remove = Confirm.create(
        label="Remove",
        question=f"Remove {TeamsPage.name}?",
        detail="What was shared with it is shared no more. It stays while people, other teams or records belong to it.",
        confirm_label="Remove it",
        icon="trash-2",
        is_barred=False,
        on_confirm=TeamsPage.remove,
    )
    return group_form(
        TeamsPage,
        _TEAMS,
        text_input("name", "Name", TeamsPage.name, TeamsPage.errors),
        one_of(TeamsPage.parent, "No other team"),
        one_of(TeamsPage.manager, "Nobody"),
        some_of(TeamsPage.members),
        removing=rx.cond(TeamsPage.chosen != "", remove, rx.fragment()),
    )


def _line(line: Any) -> rx.Component:
    return group_line(TeamsPage, line, line["parent"], line["manager"], line["members"])


def teams_page() -> rx.Component:
    about = rx.el.p(
        "A manager sees what the members of the team own, and those of the teams that are part of it, where a role "
        "reaches so far.",
        class_name="quiet",
    )
    empty = empty_state("users", "No teams yet", "People work alone until there is one.")
    return group_page(TeamsPage, _TEAMS, about, _form(), _line, empty)
