from typing import Any

import reflex as rx

from crm_app.ui.clashes import clash_part
from crm_app.ui.elements import folded, icon, link, skeleton
from crm_app.ui.records.field_part import field_part
from crm_app.ui.records.form_data import FormField
from crm_app.ui.records.form_inputs import is_among
from crm_app.ui.records.form_layout import FormSection
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.widgets import Arrived, LiveFields, TabPanel, Tabs

_FORM = "record-form"


def _fields(section: Any) -> rx.Component:
    return rx.el.div(
        rx.foreach(section["fields"].to(list[FormField]), field_part),
        class_name="form-fields",
        custom_attrs={"data-columns": section["columns"]},
    )


def form_section(section: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.cond(
            section["is_collapsed"],
            folded(section["label"], _fields(section)),
            rx.fragment(rx.el.legend(section["label"]), _fields(section)),
        ),
        class_name="panel form-section",
        custom_attrs={"hidden": is_among(section["key"], "hidden_sections")},
        key=section["key"],
    )


def _tab(tab: Any) -> rx.Component:
    return TabPanel.create(
        rx.foreach(tab["sections"].to(list[FormSection]), form_section),
        tab_key=tab["key"],
        class_name="form-tab",
        key=tab["key"],
    )


def _conflict() -> rx.Component:
    return rx.cond(
        RecordForm.clashes.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.form(
            rx.el.h2(icon("triangle-alert"), "Somebody saved this while you were editing"),
            rx.el.p("You both changed the same fields. Choose what to keep; the rest of both changes is kept anyway."),
            rx.foreach(RecordForm.clashes, clash_part),
            rx.el.button("Save with these", type="submit", class_name="button primary"),
            on_submit=RecordForm.resolve,
            id="conflict",
            class_name="panel conflict",
            custom_attrs={"tabIndex": "-1", "role": "alertdialog", "aria-label": "Conflicting changes"},
        ),
    )


def _alike(found: Any) -> rx.Component:
    return rx.el.li(
        rx.cond(found["href"] != "", rx.el.a(found["name"], href=found["href"], target="_blank", rel="noopener")),
        rx.el.span(found["said"], class_name="quiet"),
        key=found["key"],
    )


def _alikes() -> rx.Component:
    """The links open beside the form, so that what was typed stays."""
    return rx.cond(
        RecordForm.alikes.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.section(
            rx.el.h2(icon("copy"), rx.cond(RecordForm.may_insist, "Is this there already?", "This is there already")),
            rx.el.ul(rx.foreach(RecordForm.alikes, _alike)),
            rx.cond(
                RecordForm.may_insist,
                rx.el.button("Save anyway", type="submit", form=_FORM, class_name="button primary"),
                rx.el.p("Nothing was saved. Change what is the same, or use what is there.", class_name="quiet"),
            ),
            id="alikes",
            class_name="panel conflict alikes",
            custom_attrs={"tabIndex": "-1", "role": "alertdialog", "aria-label": "Records like this one"},
        ),
    )


def _form(on_submit: Any) -> rx.Component:
    head = RecordForm.head
    return Arrived.create(
        rx.el.section(
            rx.el.nav(
                link(head["back_label"], to=head["back_href"]),
                icon("chevron-right"),
                class_name="crumbs",
                custom_attrs={"aria-label": "Where this is"},
            ),
            rx.el.header(
                rx.el.span(icon(head["icon"], "icon icon-large"), class_name="record-mark"),
                rx.el.h1(head["title"]),
                class_name="record-title",
            ),
            _conflict(),
            _alikes(),
            rx.el.form(
                LiveFields.create(
                    Tabs.create(rx.foreach(RecordForm.tabs, _tab), tabs=RecordForm.tabs, label="Parts of the form"),
                    watched=RecordForm.watched,
                    is_typed=RecordForm.is_typed,
                    on_look=RecordForm.reconsider,
                ),
                rx.el.footer(
                    link("Cancel", to=head["back_href"], class_name="button"),
                    rx.el.button(
                        rx.cond(RecordForm.may_insist, "Save anyway", head["submit_label"]),
                        type="submit",
                        class_name="button primary",
                    ),
                    class_name="form-actions",
                ),
                on_submit=on_submit,
                id=_FORM,
                key=head["key"],
                class_name="record-form",
                custom_attrs={"noValidate": True},
            ),
            class_name="page form-page",
        ),
        shown_at=RecordForm.shown_at,
        fallback=skeleton(10),
    )


def new_page() -> rx.Component:
    return _form(RecordForm.create)


def edit_page() -> rx.Component:
    return _form(RecordForm.save)
