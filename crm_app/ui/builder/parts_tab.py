"""The tabs of layouts, pipelines, lists and the object itself: parts in order, and the form of the chosen one."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.arrange_widget import Arrange
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.name_form import name_form
from crm_app.ui.builder.parts_state import PartsTab
from crm_app.ui.builder.preview_tab import preview_beside
from crm_app.ui.builder.setting_inputs import setting_part
from crm_app.ui.builder.widgets import Autosave, DialogButton, Naming
from crm_app.ui.elements import icon


def _part(part: Any) -> rx.Component:
    return rx.el.button(
        part["label"],
        type="button",
        on_click=PartsTab.choose(part["name"]),
        class_name="segment",
        custom_attrs={"aria-pressed": rx.cond(part["is_current"], "true", "false")},
        key=part["name"],
    )


def _tool(tool: Any) -> rx.Component:
    """A number is a place to look at; anything else is done."""
    is_place = tool["icon"] == "pencil"
    return rx.el.button(
        icon(tool["icon"]),
        rx.el.span(tool["label"]),
        type="button",
        on_click=rx.cond(is_place, PartsTab.choose(tool["name"]), PartsTab.act(tool["name"])),
        class_name="button",
        custom_attrs={"aria-pressed": rx.cond(tool["is_current"], "true", "false")},
        key=tool["name"],
    )


def _action(action: Any) -> rx.Component:
    return rx.el.button(
        icon(action["icon"]),
        rx.el.span(action["label"]),
        type="button",
        on_click=PartsTab.act(action["name"]),
        class_name="button",
        key=action["name"],
    )


def _form() -> rx.Component:
    part = Builder.part
    return rx.fragment(
        rx.el.header(
            rx.el.div(rx.el.h2(part["title"]), rx.el.p(part["note"], class_name="quiet")),
            class_name="side-head side-head-plain",
        ),
        rx.el.form(
            Autosave.create(),
            rx.foreach(Builder.inputs, setting_part),
            on_submit=lambda form: PartsTab.save(form, Builder.chosen),
            key=part["key"],
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        rx.el.div(rx.foreach(part["actions"], _action), class_name="side-foot side-actions"),
    )


def _side(hint: str) -> rx.Component:
    is_shown = Builder.part["key"] != ""
    return rx.el.aside(
        rx.cond(is_shown, _form(), rx.el.p(hint, class_name="side-empty")),
        key=Builder.part["key"],
        class_name="builder-side",
        custom_attrs={"aria-label": "Settings", "data-mode": rx.cond(is_shown, "edit", "")},
    )


def _arranged(place: str, on_choose: Any) -> rx.Component:
    return Arrange.create(
        groups=Builder.groups,
        things=Builder.things,
        chosen=Builder.highlight,
        settled=Builder.settled,
        place=place,
        key=place,
        on_choose=on_choose,
        on_move=PartsTab.move,
    )


def _tools(*more: rx.Component) -> rx.Component:
    return rx.fragment(
        rx.cond(
            Builder.parts.length() > 1,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.div(
                rx.foreach(Builder.parts, _part), class_name="segments part-segments", role="group",
                custom_attrs={"aria-label": "Which one"},
            ),
        ),
        rx.el.div(*more, rx.foreach(Builder.tools, _tool), class_name="builder-tools"),
    )  # fmt: skip


def layout_tab() -> rx.Component:
    return rx.el.div(
        rx.el.div(_tools(), _arranged("layout", PartsTab.choose), class_name="builder-main"),
        _side("Choose a section, a tab or a layout to change it. Drag fields where they belong."),
        preview_beside(),
        class_name="builder-columns with-preview",
    )


def _new_stage() -> rx.Component:
    return DialogButton.create(
        rx.el.form(
            Naming.create(prefix="new-stage", with_plural=False, errors=Builder.errors),
            rx.el.div(rx.el.button("Add stage", type="submit", class_name="button primary"), class_name="ask-actions"),
            on_submit=PartsTab.add_stage,
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        label="Add a stage",
        icon="plus",
        kind="primary",
        title="New stage",
        done=Builder.added,
    )


def pipelines_tab() -> rx.Component:
    has_any = Builder.parts.length() > 0  # pyright: ignore[reportAttributeAccessIssue]
    return rx.el.div(
        rx.el.div(
            _tools(rx.cond(has_any, _new_stage())),
            rx.cond(
                has_any,
                _arranged("pipelines", PartsTab.choose),
                rx.el.p(
                    "A pipeline moves records through stages and gives the object a board.", class_name="side-empty"
                ),
            ),
            class_name="builder-main",
        ),
        _side("Choose a stage to say what it needs."),
        class_name="builder-columns",
    )


def lists_tab() -> rx.Component:
    return rx.el.div(_arranged("lists", PartsTab.act), class_name="builder-sheet two-lists")


def general_tab() -> rx.Component:
    part = Builder.part
    return rx.el.div(
        rx.el.form(
            Autosave.create(),
            rx.foreach(Builder.inputs, setting_part),
            on_submit=lambda form: PartsTab.save(form, Builder.chosen),
            key=part["key"],
            class_name="builder-form general-form",
            custom_attrs={"noValidate": True},
        ),
        rx.el.section(
            name_form("rename-object", Builder.head["name"], PartsTab.rename_object),
            key=Builder.head["name"],
            class_name="builder-form object-name-form",
            custom_attrs={"aria-label": "API name"},
        ),
        class_name="builder-sheet",
    )
