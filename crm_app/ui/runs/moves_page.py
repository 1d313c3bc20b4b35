"""Runs of earlier versions of an automation: which fit the live version, and moving them there."""

from typing import Any
from urllib.parse import parse_qs

import reflex as rx

from crm_app.ui.elements import empty_state, icon, link, skeleton
from crm_app.ui.refusals import attempt
from crm_app.ui.runs.moves_data import NO_MOVES, MoveLine, MovesShown, moved, moves_data
from crm_app.ui.shell_state import focus, notice, set_title, visit

_HEADING = "moves-heading"


class MovesPage(rx.State):
    found: MovesShown = NO_MOVES
    is_loaded: bool = False
    turn: int = 0

    @rx.event
    async def open(self) -> None:
        data = await visit(self, lambda work: moves_data(work, self._automation()))
        if data:
            self.found, self.is_loaded, self.turn = data, True, self.turn + 1
            await set_title(self, data["title"])

    @rx.event
    async def move_chosen(self, form: dict[str, Any]) -> Any:
        return await self._move([str(name) for name, value in form.items() if value])

    @rx.event
    async def move_all(self) -> Any:
        return await self._move(None)

    async def _move(self, names: list[str] | None) -> Any:
        done, refusal = await attempt(self, lambda work: moved(work, self._automation(), names))
        if done is None:
            return refusal
        said, self.found = done
        self.turn += 1
        return [notice(said), focus(_HEADING)]

    def _automation(self) -> str:
        return parse_qs(self.router.url.query or "").get("automation", [""])[0]


def _reason(reason: Any) -> rx.Component:
    return rx.el.li(reason, key=reason)


def _line(line: Any) -> rx.Component:
    reasons = line["reasons"].to(list[str])
    return rx.el.tr(
        rx.el.td(
            rx.cond(
                line["name"] != "",
                rx.el.input(
                    type="checkbox",
                    name=line["name"],
                    custom_attrs={"aria-label": rx.Var.create("Move the run of ") + line["record"].to(str)},
                ),
            )
        ),
        rx.el.td(
            rx.cond(
                line["record_href"] != "",
                link(line["record"], to=line["record_href"], class_name="quiet-link"),
                rx.el.span(line["record"], class_name="quiet"),
            )
        ),
        rx.el.td(link(rx.el.span(line["state"], class_name=line["css"]), to=line["href"], class_name="quiet-link")),
        rx.el.td(
            rx.cond(
                reasons.length() > 0,
                rx.el.ul(rx.foreach(reasons, _reason), class_name="move-reasons"),
                rx.el.span("Fits", class_name="badge badge-green"),
            )
        ),
        rx.el.td(line["version"], class_name="number"),
        rx.el.td(line["at"]),
        key=line["key"],
    )


def _table() -> rx.Component:
    headings = (("", ""), ("Record", ""), ("Stands", ""), ("Verdict", ""), ("Version", "number"), ("Made", ""))
    found: Any = MovesPage.found
    return rx.el.form(
        rx.cond(
            found["fitting"] > 0,
            rx.el.div(
                rx.el.button("Move chosen", type="submit", class_name="button"),
                rx.el.button(
                    "Move all that fit (",
                    found["fitting"],
                    ")",
                    type="button",
                    on_click=MovesPage.move_all,
                    class_name="button primary",
                ),
                class_name="move-actions",
            ),
        ),
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(text, scope="col", class_name=css) for text, css in headings])),
                rx.el.tbody(rx.foreach(found["lines"].to(list[MoveLine]), _line)),
                class_name="lines index-lines move-lines",
            ),
            class_name="index-scroll",
            role="region",
            custom_attrs={"aria-label": "Runs of earlier versions", "tabIndex": "0"},
        ),
        rx.cond(found["more"] != "", rx.el.p(found["more"], class_name="quiet")),
        on_submit=MovesPage.move_chosen,
        key=MovesPage.turn,
        class_name="run-form",
    )


def _content() -> rx.Component:
    found: Any = MovesPage.found
    return rx.el.div(
        rx.el.p(found["summary"], role="status", id=_HEADING, custom_attrs={"tabIndex": "-1"}),
        rx.el.p(
            "A run that is moved goes on where it waits, with what the live version says comes next. "
            "What is done stays done, and open questions stay as they were asked.",
            class_name="quiet",
        ),
        rx.cond(
            found["lines"].to(list[MoveLine]).length() > 0,
            _table(),
            empty_state("circle-check", "Nothing to move", "Every run under way is of the live version."),
        ),
        class_name="index-page run-page",
    )


def moves_page() -> rx.Component:
    found: Any = MovesPage.found
    return rx.el.div(
        rx.el.header(
            rx.el.div(
                link(
                    icon("arrow-left"),
                    to=found["runs_href"],
                    class_name="icon-button",
                    custom_attrs={"aria-label": "Runs of this automation"},
                ),
                rx.el.h1(found["title"]),
                class_name="page-title",
            ),
            class_name="page-header move-head",
        ),
        rx.cond(MovesPage.is_loaded, _content(), skeleton(8)),
        class_name="page",
    )
