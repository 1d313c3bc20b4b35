"""A page of named groups of people, in a tree: their table, and a form of one beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.door import enter
from crm_app.ui.elements import icon, skeleton
from crm_app.ui.people.people_data import Picking, optional_id
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit

NOBODY = Picking(id="", name="", label="", value="", choices=[])


@dataclass(frozen=True)
class Groups:
    """What is one page's own: how its data is read, by var, and saved; `parts` are the inputs that tell an error."""

    noun: str
    title: str
    headings: tuple[str, ...]
    read: Callable[[UnitOfWork, UUID | None], Any]
    save: Callable[[str, Mapping[str, Any]], Callable[[UnitOfWork], Any]]
    parts: tuple[str, ...]
    saved: str


class GroupSheet(rx.State, mixin=True):
    """`turn` grows when the form must be filled anew."""

    chosen: str = ""
    name: str = ""
    parent: Picking = NOBODY
    members: Picking = NOBODY
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_open: bool = False
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        groups = self._groups()
        data = await visit(self, lambda work: groups.read(work, None))
        if data is not None:
            self._show(data, is_open=False)
            await set_title(self, groups.title)

    @rx.event
    async def choose(self, group: str) -> Any:
        """Opens the form; no group is a new one."""
        wanted, groups = str(group), self._groups()
        data, said = await attempt(self, lambda work: groups.read(work, optional_id(wanted)))
        if data is None:
            return said
        self._show(data, is_open=True)
        return focus("name-input")

    @rx.event
    def close(self) -> None:
        self.is_open = False

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        groups = self._groups()
        try:
            data = await enter(self, groups.save(self.chosen, form))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {p.path: p.message for p in refusal.problems if p.path in groups.parts}
            return focus("name-input") if "name" in self.errors else complaint(sentence(refusal))
        self._show(data, is_open=False)
        return notice(groups.saved)

    def _show(self, data: Any, *, is_open: bool) -> None:
        for name, value in vars(data).items():
            setattr(self, name, value)
        self.errors, self.is_open, self.is_loaded, self.turn = {}, is_open, True, self.turn + 1

    def _groups(self) -> Groups:
        raise NotImplementedError


def group_form(page: Any, groups: Groups, *inputs: rx.Component, removing: rx.Component | None = None) -> rx.Component:
    return rx.el.form(
        *inputs,
        rx.el.div(
            rx.el.button(f"Save {groups.noun}", type="submit", class_name="button primary"),
            rx.el.button("Cancel", type="button", class_name="button", on_click=page.close),
            removing or rx.fragment(),
            class_name="account-actions",
        ),
        on_submit=page.save,
        key=f"{page.chosen}{page.turn}",
        class_name="account-form panel team-form",
        custom_attrs={"noValidate": True, "aria-label": groups.noun.capitalize()},
    )


def group_line(page: Any, line: Any, *cells: Any, **props: Any) -> rx.Component:
    """One line of the table; its name opens the form."""
    name = rx.el.button(
        line["name"], type="button", class_name="line-link link-button", on_click=page.choose(line["id"]), **props
    )
    return rx.el.tr(rx.el.td(name), *[rx.el.td(cell) for cell in cells], key=line["id"])


def group_page(
    page: Any,
    groups: Groups,
    about: rx.Component,
    form: rx.Component,
    line: Callable[[Any], rx.Component],
    empty: rx.Component,
) -> rx.Component:
    new = rx.el.button(
        icon("plus"), f"New {groups.noun}", type="button", class_name="button primary", on_click=page.choose("")
    )
    table = rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col") for text in groups.headings])),
            rx.el.tbody(rx.foreach(page.lines, line)),
            class_name="lines people-lines",
        ),
        class_name="index-scroll",
        role="region",
        custom_attrs={"aria-label": groups.title, "tabIndex": "0"},
    )
    content = rx.el.div(
        about,
        rx.cond(page.is_open, form, rx.fragment()),
        rx.cond(page.lines.length() > 0, table, empty),
        class_name="index-page",
    )
    return rx.el.div(settings_head(groups.title, new), rx.cond(page.is_loaded, content, skeleton(8)), class_name="page")
