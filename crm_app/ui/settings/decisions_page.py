"""All decision tables, and a new one."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import decision_tables
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import DECISIONS, here
from crm_app.ui.builder.widgets import DialogButton, Naming
from crm_app.ui.door import enter
from crm_app.ui.elements import empty_state, icon, link, skeleton
from crm_app.ui.inputs import Choice, error_part
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.settings.decisions_data import TableLine, TablesData, tables_data
from crm_app.ui.settings_head import settings_head
from crm_app.ui.shell_state import complaint, focus, set_title, visit

_PARTS = ("label", "name", "object")


class DecisionsPage(rx.State):
    shown_at: str = ""
    lines: rx.Field[list[TableLine]] = rx.field(default_factory=list)
    archived: rx.Field[list[TableLine]] = rx.field(default_factory=list)
    objects: rx.Field[list[Choice]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    is_loaded: bool = False

    @rx.event
    async def open(self) -> None:
        data = await visit(self, tables_data)
        if data:
            self._show(data)
            self.errors, self.is_loaded, self.shown_at = {}, True, here(self.router.url)
            await set_title(self, "Decisions")

    @rx.event
    async def create(self, form: dict[str, Any]) -> Any:
        label, name, about = (str(form.get(part, "")).strip() for part in _PARTS)
        try:
            await enter(self, lambda work: decision_tables.draft_table(work, name, label, about))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.errors = {problem.path: problem.message for problem in refusal.problems if problem.path in _PARTS}
            first = next((part for part in _PARTS if part in self.errors), "")
            return focus(f"new-table-{first}") if first else complaint(sentence(refusal))
        return rx.redirect(f"{DECISIONS}/{name}")

    @rx.event
    async def archive(self, name: str) -> Any:
        return await self._take(lambda work: decision_tables.archive_table(work, str(name)))

    @rx.event
    async def restore(self, name: str) -> Any:
        return await self._take(lambda work: decision_tables.restore_table(work, str(name)))

    async def _take(self, step: Callable[[UnitOfWork], object]) -> Any:
        def taken(work: UnitOfWork) -> TablesData:
            step(work)
            return tables_data(work)

        data, said = await attempt(self, taken)
        if data is not None:
            self._show(data)
        return said

    def _show(self, data: TablesData) -> None:
        self.lines, self.archived, self.objects = data.lines, data.archived, data.objects


def _new() -> rx.Component:
    return DialogButton.create(
        rx.el.form(
            Naming.create(prefix="new-table", with_plural=False, errors=DecisionsPage.errors),
            rx.el.div(
                rx.el.label("Decides about", html_for="new-table-object"),
                rx.el.select(
                    rx.foreach(
                        DecisionsPage.objects,
                        lambda each: rx.el.option(each["label"], value=each["value"], key=each["value"]),
                    ),
                    id="new-table-object",
                    name="object",
                    class_name="input",
                ),
                error_part(DecisionsPage.errors, "object", "new-table-object"),
                class_name="field",
            ),
            rx.el.div(rx.el.button("Add table", type="submit", class_name="button primary"), class_name="ask-actions"),
            on_submit=DecisionsPage.create,
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        label="New table",
        icon="plus",
        kind="primary",
        title="New decision table",
        done=DecisionsPage.lines.length(),  # pyright: ignore[reportAttributeAccessIssue]
    )


def _line(line: Any) -> rx.Component:
    said = f"Archive {line['label']}"
    return rx.el.tr(
        rx.el.td(
            rx.el.span(
                link(line["label"], to=line["href"], class_name="line-link"),
                rx.cond(line["state"] != "", rx.el.span(line["state"], class_name="badge badge-amber")),
                class_name="object-name",
            )
        ),
        rx.el.td(rx.el.code(line["name"])),
        rx.el.td(line["object"]),
        rx.el.td(line["hit"], class_name="quiet"),
        rx.el.td(line["rows"], class_name="number"),
        rx.el.td(
            rx.el.button(
                icon("archive"),
                type="button",
                on_click=DecisionsPage.archive(line["name"]),
                class_name="icon-button",
                title=said,
                custom_attrs={"aria-label": said},
            )
        ),
        key=line["name"],
    )


def _archived_line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line["label"]),
        rx.el.code(line["name"], class_name="quiet"),
        rx.el.button(
            "Restore",
            type="button",
            on_click=DecisionsPage.restore(line["name"]),
            class_name="button plain",
            custom_attrs={"aria-label": f"Restore {line['label']}"},
        ),
        key=line["name"],
    )


def _tables() -> rx.Component:
    headings = (("Table", ""), ("API name", ""), ("Decides about", ""), ("Answer", ""), ("Rows", "number"))
    return rx.el.div(
        rx.cond(
            DecisionsPage.lines.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            *[rx.el.th(text, scope="col", class_name=css) for text, css in headings],
                            rx.el.th(rx.el.span("Archive", class_name="visually-hidden")),
                        )
                    ),
                    rx.el.tbody(rx.foreach(DecisionsPage.lines, _line)),
                    class_name="lines",
                ),
                class_name="index-scroll",
                role="region",
                custom_attrs={"aria-label": "Decision tables", "tabIndex": "0"},
            ),
            empty_state(
                "table-2", "No decision tables yet", "What follows from what, row by row; rules ask it by its name."
            ),
        ),
        rx.cond(
            DecisionsPage.archived.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.details(
                rx.el.summary("Archived"),
                rx.el.ul(rx.foreach(DecisionsPage.archived, _archived_line)),
                class_name="archived archived-objects",
            ),
        ),
        class_name="index-page",
    )


def decisions_page() -> rx.Component:
    return rx.el.div(
        settings_head("Decisions", _new()),
        rx.cond(DecisionsPage.is_loaded, _tables(), skeleton(8)),
        class_name="page",
    )
