from typing import Any

import reflex as rx

from crm_app.ui.builder.objects_state import ObjectsPage
from crm_app.ui.builder.pickers import color_picker
from crm_app.ui.builder.problem_list import problem_list
from crm_app.ui.builder.restore_button import restore_button
from crm_app.ui.builder.widgets import DialogButton, IconPicker, Naming
from crm_app.ui.elements import button_link, icon, known_icons, link, skeleton
from crm_app.ui.settings_head import settings_head
from crm_app.ui.widgets import Arrived

OPENNESS = (("none", "No access"), ("read", "May read"), ("work", "May work with it"))


def openness(role: Any) -> rx.Component:
    """How far a role is let in."""
    return rx.el.div(
        rx.el.label(role["label"], html_for=f"role-{role['name']}"),
        rx.el.select(
            *[rx.el.option(label, value=value) for value, label in OPENNESS],
            id=f"role-{role['name']}",
            name=f"role::{role['name']}",
            default_value=role["openness"],
            class_name="input",
        ),
        class_name="field field-beside",
        key=role["name"],
    )


def _bundle(bundle: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name=f"bundle::{bundle['name']}"),
        rx.el.span(rx.el.strong(bundle["label"]), rx.el.span(bundle["description"], class_name="quiet")),
        class_name="tick tick-card",
        key=bundle["name"],
    )


def _new_object() -> rx.Component:
    return DialogButton.create(
        rx.el.form(
            rx.el.div(
                Naming.create(prefix="new-object", with_plural=True, errors=ObjectsPage.errors),
                class_name="form-fields form-fields-narrow",
            ),
            IconPicker.create(name="icon", value="box", icons=sorted(known_icons())),
            color_picker("gray"),
            rx.el.fieldset(
                rx.el.legend("Start with", class_name="field-label"),
                rx.foreach(ObjectsPage.bundles, _bundle),
                class_name="plain-group tick-cards",
            ),
            rx.el.fieldset(
                rx.el.legend("Open to", class_name="field-label"),
                rx.foreach(ObjectsPage.roles, openness),
                class_name="plain-group",
            ),
            rx.el.div(rx.el.button("Add object", type="submit", class_name="button primary"), class_name="ask-actions"),
            on_submit=ObjectsPage.create,
            class_name="builder-form",
            custom_attrs={"noValidate": True},
        ),
        label="New object",
        icon="plus",
        kind="primary",
        title="New object",
        done=ObjectsPage.lines.length(),  # pyright: ignore[reportAttributeAccessIssue]
    )


def _line(line: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.span(
                rx.el.span(icon(line["icon"]), class_name=line["css"]),
                link(line["label"], to=line["href"], class_name="line-link"),
                rx.cond(line["state"] != "", rx.el.span(line["state"], class_name="badge badge-amber")),
                class_name="object-name",
            )
        ),
        rx.el.td(rx.el.code(line["name"])),
        rx.el.td(line["description"], class_name="quiet"),
        rx.el.td(line["fields"], class_name="number"),
        rx.el.td(line["records"], class_name="number"),
        rx.el.td(
            rx.el.button(
                icon("archive"),
                type="button",
                on_click=ObjectsPage.archive(line["name"]),
                class_name="icon-button",
                title=line["archive_label"],
                custom_attrs={"aria-label": line["archive_label"]},
            )
        ),
        key=line["name"],
    )


def _archived_line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(icon(line["icon"]), class_name=line["css"]),
        rx.el.span(line["label"]),
        rx.el.code(line["name"], class_name="quiet"),
        rx.cond(line["state"] != "", rx.el.span(line["state"], class_name="badge badge-amber")),
        restore_button(line["label"], ObjectsPage.restore(line["name"])),
        key=line["name"],
    )


def _archived() -> rx.Component:
    count = ObjectsPage.archived.length()  # pyright: ignore[reportAttributeAccessIssue]
    return rx.cond(
        count > 0,
        rx.el.details(
            rx.el.summary(f"Archived ({count})"),
            rx.el.ul(rx.foreach(ObjectsPage.archived, _archived_line)),
            class_name="archived archived-objects",
        ),
    )


def objects_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            settings_head(
                "Objects",
                rx.cond(
                    ObjectsPage.publish_href != "",
                    button_link("What publishing will do", ObjectsPage.publish_href, "rocket"),
                ),
                _new_object(),
            ),
            problem_list(ObjectsPage.problems),
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(
                            rx.el.th("Object"),
                            rx.el.th("API name"),
                            rx.el.th("What it is"),
                            rx.el.th("Fields", class_name="number"),
                            rx.el.th("Records", class_name="number"),
                            rx.el.th(rx.el.span("Archive", class_name="visually-hidden")),
                        )
                    ),
                    rx.el.tbody(rx.foreach(ObjectsPage.lines, _line), custom_attrs={"data-lines": ""}),
                    class_name="lines",
                ),
                class_name="lines-scroll",
                role="region",
                custom_attrs={"aria-label": "Objects", "tabIndex": "0"},
            ),
            _archived(),
            class_name="page list-page",
        ),
        shown_at=ObjectsPage.shown_at,
        fallback=skeleton(8),
    )
