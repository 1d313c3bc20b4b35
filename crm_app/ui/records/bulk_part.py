"""A box on each line of a list, the bar that shows while some are picked, and the dialog that changes them."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import download, icon, link
from crm_app.ui.records.bulk_state import Bulk
from crm_app.ui.records.field_part import asked_part
from crm_app.ui.records.start_part import start_menu
from crm_app.ui.widgets import Confirm, Dialog

_Bulk: Any = Bulk  # Reflex turns a state's methods into event handlers


def _box(is_on: Any, label: Any, on_click: Any) -> rx.Component:
    """A button, because the server's answer decides how it looks."""
    return rx.el.button(
        rx.cond(is_on, icon("square-check"), icon("square")),
        type="button",
        role="checkbox",
        on_click=on_click,
        class_name="pick",
        custom_attrs={"aria-checked": rx.cond(is_on, "true", "false"), "aria-label": label},
    )


def pick_cell(item: Any) -> rx.Component:
    return rx.cond(
        _Bulk.is_offered,
        rx.el.td(
            _box(
                _Bulk.selected.contains(item["id"]),
                f"Select {item['name']}",
                lambda pointer: _Bulk.pick(item["id"], pointer),
            ),
            class_name="check-cell pick-cell",
        ),
    )


def pick_heading() -> rx.Component:
    is_on = (_Bulk.selected.length() > 0) & (_Bulk.selected.length() == _Bulk.page_size)
    return rx.cond(
        _Bulk.is_offered,
        rx.el.th(
            _box(is_on, "Select all on this page", _Bulk.pick_page), scope="col", class_name="check-cell pick-cell"
        ),
    )


def _opener(label: Any, mark: str, field: Any) -> rx.Component:
    return rx.el.button(icon(mark), rx.el.span(label), type="button", class_name="button", on_click=_Bulk.begin(field))


def _picked() -> rx.Component:
    number = rx.cond(_Bulk.is_all, _Bulk.total, _Bulk.selected.length().to_string())
    return rx.fragment(
        rx.el.span(number, " selected", class_name="picked", custom_attrs={"aria-live": "polite"}),
        rx.cond(
            _Bulk.has_more & ~_Bulk.is_all & (_Bulk.selected.length() == _Bulk.page_size),
            rx.el.button(
                f"Select all {_Bulk.total} that match", type="button", class_name="quiet-link", on_click=_Bulk.pick_all
            ),
        ),
        rx.cond(_Bulk.progress != "", rx.el.span(_Bulk.progress, class_name="progress", role="status")),
    )


def bulk_bar(on_delete: Any, on_start: Any) -> rx.Component:
    return rx.cond(
        (_Bulk.selected.length() > 0) | _Bulk.is_selecting,
        rx.el.div(
            _picked(),
            rx.el.div(
                rx.cond(_Bulk.fields.length() > 0, _opener("Change", "pencil", "")),
                rx.cond(_Bulk.can_transfer, _opener("Owner", "user", "owner")),
                rx.foreach(_Bulk.stages, lambda stage: _opener(stage["label"], "arrow-right", stage["value"])),
                start_menu(_Bulk.startable, on_start),
                rx.cond(
                    _Bulk.export_href != "",
                    download(icon("download"), rx.el.span("Export"), href=_Bulk.export_href, class_name="button"),
                ),
                rx.cond(
                    _Bulk.can_delete,
                    Confirm.create(
                        label="Delete",
                        question=f"Delete the selected {_Bulk.noun}?",
                        detail="They disappear from lists and boards for everybody.",
                        confirm_label="Delete",
                        icon="trash-2",
                        on_confirm=on_delete,
                    ),
                ),
                rx.el.button(
                    icon("x"),
                    type="button",
                    class_name="icon-button",
                    on_click=_Bulk.clear,
                    custom_attrs={"aria-label": "Clear the selection"},
                ),
                class_name="bulk-actions",
            ),
            class_name="bulk-bar",
            role="region",
            custom_attrs={"aria-label": "Selected lines"},
        ),
        rx.cond(
            _Bulk.is_offered,
            rx.el.button("Select", type="button", class_name="button select-mode", on_click=_Bulk.start_selecting),
        ),
    )


def _form(on_change: Any) -> rx.Component:
    return rx.el.form(
        rx.el.h2(f"Change {_Bulk.noun}"),
        rx.el.div(
            rx.el.label("Field", html_for="bulk-field"),
            rx.el.select(
                rx.foreach(_Bulk.fields, lambda each: rx.el.option(each["label"], value=each["value"])),
                id="bulk-field",
                class_name="input",
                value=_Bulk.field,
                on_change=_Bulk.begin,
            ),
            class_name="field",
        ),
        rx.foreach(_Bulk.asked, asked_part),
        rx.cond(_Bulk.progress != "", rx.el.p(_Bulk.progress, class_name="help", role="status")),
        rx.el.div(
            rx.el.button("Cancel", type="button", class_name="button", on_click=_Bulk.close),
            rx.el.button("Change", type="submit", class_name="button primary", disabled=_Bulk.progress != ""),
            class_name="ask-actions",
        ),
        on_submit=on_change,
        class_name="ask-form",
        custom_attrs={"noValidate": True},
    )


def _refused(line: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(line["href"] != "", link(line["name"], to=line["href"]), rx.el.span(line["name"])),
        rx.el.p(line["reason"], class_name="help"),
    )


def _report() -> rx.Component:
    return rx.el.div(
        rx.el.h2("Some stayed as they were"),
        rx.el.p(_Bulk.report_text, role="status"),
        rx.el.ul(rx.foreach(_Bulk.refused, _refused), class_name="refused-lines"),
        rx.el.div(
            rx.el.button("Close", type="button", class_name="button primary", on_click=_Bulk.close),
            class_name="ask-actions",
        ),
        class_name="ask-form",
    )


def bulk_dialog(on_change: Any) -> rx.Component:
    return Dialog.create(
        rx.cond(_Bulk.refused.length() > 0, _report(), _form(on_change)),
        is_open=_Bulk.is_open,
        label=rx.cond(_Bulk.report_text != "", "What was refused", f"Change {_Bulk.noun}"),
        on_close=_Bulk.close,
    )
