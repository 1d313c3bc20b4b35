"""Territories: which lies in which, who looks after them, and how many records lie there."""

from typing import Any

import reflex as rx

from crm_app.services.territories import remove_territory
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.elements import empty_state, link
from crm_app.ui.people.group_sheet import Groups, GroupSheet, group_form, group_line, group_page
from crm_app.ui.people.people_data import known_id
from crm_app.ui.people.picking_inputs import one_of, some_of, text_input
from crm_app.ui.people.territories_data import (
    HandingOut,
    Lying,
    TerritoriesData,
    TerritoryLine,
    saved,
    territories_data,
)
from crm_app.ui.refusals import attempt
from crm_app.ui.widgets import Confirm

_TERRITORIES = Groups(
    "territory",
    "Territories",
    ("Name", "Looked after by", "Records in it"),
    territories_data,
    saved,
    ("name", "parent"),
    "Saved. It holds from everybody's next request on.",
)


class TerritoriesPage(GroupSheet, rx.State):
    lines: rx.Field[list[TerritoryLine]] = rx.field(default_factory=list)
    placing: str = ""
    handing: rx.Field[list[HandingOut]] = rx.field(default_factory=list)

    @rx.event
    async def remove(self) -> Any:
        wanted = self.chosen

        def removed(work: UnitOfWork) -> TerritoriesData:
            remove_territory(work, known_id(wanted, "territory"))
            return territories_data(work)

        data, said = await attempt(self, removed)
        if data is not None:
            self._show(data, is_open=False)
        return said

    def _groups(self) -> Groups:
        return _TERRITORIES


def _form() -> rx.Component:
    name = TerritoriesPage.name
    remove = Confirm.create(
        label="Remove",
        question=f"Remove {name}?",
        detail="Nobody looks after it any more. It stays while others, or records, lie in it.",
        confirm_label="Remove it",
        icon="trash-2",
        is_barred=False,
        on_confirm=TerritoriesPage.remove,
    )
    return group_form(
        TerritoriesPage,
        _TERRITORIES,
        text_input("name", "Name", name, TerritoriesPage.errors),
        one_of(TerritoriesPage.parent, "No other territory"),
        some_of(TerritoriesPage.members),
        removing=rx.cond(TerritoriesPage.chosen != "", remove, rx.fragment()),
    )


def _lying(each: Any) -> rx.Component:
    return rx.el.span(link(each["text"], to=each["href"], class_name="quiet-link"), key=each["href"])


def _line(line: Any) -> rx.Component:
    records = rx.el.div(rx.foreach(line["records"].to(list[Lying]), _lying), class_name="lying")
    return group_line(TerritoriesPage, line, line["members"], records, style={"marginLeft": line["indent"]})


def _said() -> rx.Component:
    by = TerritoriesPage.placing
    return rx.el.p(
        rx.cond(
            by != "",
            rx.fragment(
                f"{by}. Whoever looks after a territory reaches what lies in it, and below it where a role says so."
            ),
            rx.fragment(
                "No object goes by territories yet. Give one a field of type Territory, then choose that field as ",
                rx.el.em("Territory of a record"),
                " under General in the object's settings.",
            ),
        ),
        class_name="quiet",
    )


def _hands_out(each: Any) -> rx.Component:
    return rx.el.li(link(each["label"], to=each["href"], class_name="quiet-link"), f" ({each['how']})")


def _handing() -> rx.Component:
    """Who gets a new record is said in workflows; here is only which."""
    return rx.cond(
        TerritoriesPage.handing.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.div(
            "Workflows give records to whoever looks after their territory:",
            rx.el.ul(rx.foreach(TerritoriesPage.handing, _hands_out)),
            class_name="quiet",
        ),
        rx.el.p(
            "Nothing gives records to whoever looks after their territory yet: a workflow does with the step ",
            rx.el.em("Assign"),
            ".",
            class_name="quiet",
        ),
    )


def territories_page() -> rx.Component:
    empty = empty_state("map", "No territories yet", "Records lie in one by a field that names it.")
    return group_page(TerritoriesPage, _TERRITORIES, rx.fragment(_said(), _handing()), _form(), _line, empty)
