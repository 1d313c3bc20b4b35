"""A decision table: its rows as a sheet, what is wrong with it, and what it answers for a record."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.widgets import Autosave, SheetKeys
from crm_app.ui.elements import button_link, icon, skeleton
from crm_app.ui.inputs import Choice
from crm_app.ui.settings.decision_state import DecisionPage
from crm_app.ui.settings.decisions_data import SheetCell, SheetColumn, SheetRow
from crm_app.ui.settings_head import settings_head

_MARKS = (
    ("true", "badge badge-green", "Hits"),
    ("false", "badge badge-gray", "No"),
    ("unknown", "badge badge-amber", "Unknown"),
)


def _input(cell: Any, placeholder: str = "") -> rx.Component:
    return rx.fragment(
        rx.el.input(
            id=cell["name"],
            name=cell["name"],
            default_value=cell["value"],
            placeholder=placeholder,
            class_name="sheet-input",
            auto_complete="off",
            spell_check=False,
            custom_attrs={
                "aria-label": cell["label"],
                "aria-invalid": rx.cond(cell["error"] != "", "true", "false"),
                "aria-describedby": f"{cell['name']}-error",
            },
        ),
        rx.cond(cell["error"] != "", rx.el.p(cell["error"], id=f"{cell['name']}-error", class_name="field-error")),
    )


def _tool(name: str, label: Any, what: str, at: Any) -> rx.Component:
    return rx.el.button(
        icon(name),
        type="button",
        on_click=DecisionPage.act(what, at),
        class_name="icon-button",
        title=label,
        custom_attrs={"aria-label": label},
    )


def _column(column: Any) -> rx.Component:
    number = column["at"].to(int) + 1
    return rx.el.th(
        _input(column["heading"].to(SheetCell), "Heading"),
        _input(column["rule"].to(SheetCell)),
        rx.cond(column["tried"] != "", rx.el.div(column["tried"], class_name="sheet-tried")),
        rx.el.div(
            _tool("plus", f"Add a column after column {number}", "add_column", column["at"]),
            _tool("trash-2", f"Remove column {number}", "remove_column", column["at"]),
            class_name="sheet-tools",
        ),
        key=column["key"],
        scope="col",
    )


def _row(row: Any) -> rx.Component:
    number = row["number"]
    return rx.el.tr(
        rx.el.th(
            number,
            *[rx.cond(row["mark"] == mark, rx.el.span(label, class_name=css)) for mark, css, label in _MARKS],
            scope="row",
        ),
        rx.foreach(row["cells"].to(list[SheetCell]), lambda cell: rx.el.td(_input(cell, "-"), key=cell["name"])),
        rx.el.td(_input(row["then"].to(SheetCell)), class_name="sheet-then"),
        rx.el.td(_input(row["note"].to(SheetCell))),
        rx.el.td(
            rx.el.div(
                _tool("arrow-up", f"Move row {number} up", "row_up", row["at"]),
                _tool("arrow-down", f"Move row {number} down", "row_down", row["at"]),
                _tool("plus", f"Add a row after row {number}", "add_row", row["at"]),
                _tool("trash-2", f"Remove row {number}", "remove_row", row["at"]),
                class_name="sheet-tools",
            ),
            rx.cond(row["error"] != "", rx.el.p(row["error"], class_name="field-error")),
        ),
        key=row["key"],
        class_name=rx.cond(row["mark"] == "true", "sheet-hit", ""),
    )


def _select(name: str, label: str, choices: Any, chosen: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"sheet-{name}"),
        rx.el.select(
            rx.foreach(
                choices.to(list[Choice]),
                lambda each: rx.el.option(each["label"], value=each["value"], key=each["value"]),
            ),
            id=f"sheet-{name}",
            name=name,
            default_value=chosen,
            class_name="input",
        ),
        class_name="field",
    )


def _settings(sheet: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.label("Label", html_for="sheet-label"),
            rx.el.input(id="sheet-label", name="label", default_value=sheet["label"], class_name="input"),
            class_name="field",
        ),
        _select("hit", "Answer", sheet["hits"], sheet["hit"]),
        rx.cond(sheet["is_collected"], _select("combine", "Combined", sheet["combined"], sheet["combine"])),
        class_name="sheet-settings",
    )


def _grid(sheet: Any) -> rx.Component:
    heads = [rx.el.th(rx.el.div(text, class_name="sheet-head"), scope="col") for text in ("Outcome", "Note")]
    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(rx.el.span("Row", class_name="visually-hidden"), scope="col"),
                    rx.foreach(sheet["columns"].to(list[SheetColumn]), _column),
                    *heads,
                    rx.el.th(rx.el.span("Change", class_name="visually-hidden"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(sheet["rows"].to(list[SheetRow]), _row)),
            class_name="sheet",
        ),
        class_name="sheet-scroll",
        role="region",
        custom_attrs={"aria-label": "Rows", "tabIndex": "0"},
    )


def _sheet() -> rx.Component:
    sheet: Any = DecisionPage.sheet
    return rx.el.form(
        Autosave.create(),
        SheetKeys.create(),
        _settings(sheet),
        _grid(sheet),
        rx.cond(
            sheet["is_collected"],
            rx.fragment(),
            rx.el.div(
                rx.el.label("When no row hits", html_for="otherwise"),
                _input(sheet["otherwise"].to(SheetCell), "nothing"),
                class_name="field sheet-otherwise",
            ),
        ),
        on_submit=DecisionPage.save,
        key=sheet["key"],
        custom_attrs={"noValidate": True},
    )


def _side() -> rx.Component:
    sheet: Any = DecisionPage.sheet
    return rx.el.aside(
        rx.el.section(
            rx.el.h2("Checks"),
            rx.cond(
                (sheet["problems"].length() == 0) & (sheet["notes"].length() == 0),
                rx.el.p("Every row can hit, and every record has one.", class_name="quiet"),
                rx.el.ul(
                    rx.foreach(sheet["problems"].to(list[str]), lambda text: rx.el.li(text, class_name="field-error")),
                    rx.foreach(sheet["notes"].to(list[str]), rx.el.li),
                ),
            ),
            custom_attrs={"aria-live": "polite"},
        ),
        rx.el.section(
            rx.el.h2("Try it"),
            rx.el.form(
                rx.el.label("A record", html_for="sheet-record"),
                rx.el.div(
                    rx.el.input(id="sheet-record", name="record", class_name="input", auto_complete="off"),
                    rx.el.button("Try", type="submit", class_name="button"),
                    class_name="input-and-button",
                ),
                on_submit=DecisionPage.try_on,
                class_name="field",
            ),
            rx.cond(
                sheet["tried"] != "",
                rx.el.p(
                    sheet["tried"], " → ", rx.el.strong(sheet["outcome"]), role="status", class_name="sheet-answer"
                ),
            ),
        ),
        rx.el.section(
            rx.el.h2("In rules"),
            rx.el.code(f"decision('{sheet['name']}')"),
            rx.el.p(
                "Cells are tests without their left side: >= 1000 EUR, 'a', 'b', between 1 and 5, is empty, - for "
                "anything, or if and a rule.",
                class_name="quiet",
            ),
        ),
        class_name="sheet-side",
    )


def decision_page() -> rx.Component:
    sheet: Any = DecisionPage.sheet
    return rx.el.div(
        settings_head(
            "Decisions",
            rx.cond(
                sheet["publish_href"] != "", button_link("What publishing will do", sheet["publish_href"], "rocket")
            ),
        ),
        rx.cond(
            sheet["key"] != "",
            rx.el.div(
                rx.el.h2(
                    sheet["label"],
                    rx.el.span(sheet["object"], class_name="quiet"),
                    rx.cond(sheet["state"] != "", rx.el.span(sheet["state"], class_name="badge badge-amber")),
                    class_name="index-heading",
                ),
                rx.el.div(_sheet(), _side(), class_name="sheet-columns"),
                class_name="index-page",
            ),
            skeleton(8),
        ),
        class_name="page",
    )
