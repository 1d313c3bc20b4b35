from typing import Any

import reflex as rx

from crm_app.ui.builder.arrange_widget import Arrange
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.preview_tab import preview_beside
from crm_app.ui.builder.restore_button import restore_button
from crm_app.ui.builder.retype_panel import identity, retype_panel
from crm_app.ui.builder.setting_inputs import setting_part
from crm_app.ui.builder.side_head import side_head
from crm_app.ui.builder.uses_part import uses_part
from crm_app.ui.builder.widgets import Autosave, Naming
from crm_app.ui.elements import icon
from crm_app.ui.inputs import error_part


def _type(kind: Any) -> rx.Component:
    return rx.el.li(
        rx.el.button(
            icon(kind["icon"]),
            rx.el.span(rx.el.strong(kind["label"]), rx.el.span(kind["description"], class_name="quiet")),
            id=f"type-{kind['name']}",
            type="button",
            on_click=FieldsTab.choose_type(kind["name"]),
            class_name="type-choice",
        ),
        key=kind["name"],
    )


def _palette() -> rx.Component:
    return rx.fragment(
        side_head("plus", "Add a field", "What kind of thing will it hold?"),
        rx.el.ul(rx.foreach(Builder.types, _type), class_name="type-choices"),
    )


def _new() -> rx.Component:
    panel = Builder.panel
    return rx.fragment(
        side_head(panel["icon"], f"New field: {panel['type_label']}", panel["description"]),
        rx.el.form(
            Naming.create(prefix="new-field", with_plural=False, errors=Builder.errors),
            rx.foreach(Builder.inputs, setting_part),
            rx.el.div(
                rx.el.button("Another type", type="button", on_click=FieldsTab.open_palette, class_name="button"),
                rx.el.button("Add field", type="submit", class_name="button primary"),
                class_name="ask-actions",
            ),
            on_submit=FieldsTab.create,
            key=panel["key"],
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
    )


def _edit() -> rx.Component:
    panel = Builder.panel
    return rx.fragment(
        side_head(panel["icon"], panel["label"], panel["note"]),
        rx.el.form(
            Autosave.create(),
            rx.el.div(
                rx.el.label("Label", html_for="edit-field-label"),
                rx.el.input(
                    id="edit-field-label",
                    name="label",
                    default_value=panel["label"],
                    class_name="input",
                    auto_complete="off",
                    custom_attrs={"aria-describedby": "edit-field-label-error"},
                ),
                error_part(Builder.errors, "label", "edit-field-label"),
                class_name="field",
            ),
            rx.foreach(Builder.inputs, setting_part),
            on_submit=lambda form: FieldsTab.save(form, Builder.chosen),
            key=panel["key"],
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        uses_part(),
        identity(),
        rx.cond(
            panel["can_be_removed"],
            rx.el.div(
                rx.el.button(
                    icon("archive"),
                    panel["remove_label"],
                    type="button",
                    on_click=FieldsTab.remove,
                    class_name="button danger",
                ),
                rx.el.p(panel["remove_help"], class_name="help"),
                class_name="side-foot",
            ),
        ),
    )


def _archived_field(item: Any) -> rx.Component:
    return rx.el.li(
        icon(item["icon"]),
        rx.el.span(item["label"]),
        rx.el.span(item["note"], class_name="thing-note"),
        restore_button(item["label"], FieldsTab.restore(item["id"])),
        key=item["id"],
    )


def _archived() -> rx.Component:
    return rx.cond(
        Builder.archived.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.section(
            rx.el.h2("Archived"),
            rx.el.ul(rx.foreach(Builder.archived, _archived_field)),
            class_name="archived",
            custom_attrs={"aria-label": "Archived fields"},
        ),
    )


def fields_tab() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                rx.el.button(
                    icon("plus"),
                    "Add a field",
                    id="add-field",
                    type="button",
                    on_click=FieldsTab.open_palette,
                    class_name="button primary",
                ),
                class_name="builder-tools",
            ),
            Arrange.create(
                groups=Builder.groups,
                things=Builder.things,
                chosen=Builder.highlight,
                settled=Builder.settled,
                place="fields",
                key="fields",
                on_choose=FieldsTab.choose,
                on_move=FieldsTab.move,
            ),
            _archived(),
            class_name="builder-main",
        ),
        rx.el.aside(
            rx.match(
                Builder.panel["mode"],
                ("palette", _palette()),
                ("new", _new()),
                ("edit", _edit()),
                ("retype", retype_panel()),
                rx.el.p("Choose a field to change it, or add one.", class_name="side-empty"),
            ),
            key=f"{Builder.panel['mode']} {Builder.panel['key']}",
            class_name="builder-side",
            custom_attrs={"aria-label": "Settings", "data-mode": Builder.panel["mode"]},
        ),
        preview_beside(),
        class_name="builder-columns with-preview",
    )
