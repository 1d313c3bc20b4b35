from typing import Any

import reflex as rx

from crm_app.ui.builder.addresses import OBJECTS
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_tab import fields_tab
from crm_app.ui.builder.json_tab import json_tab
from crm_app.ui.builder.parts_tab import general_tab, layout_tab, lists_tab, pipelines_tab
from crm_app.ui.builder.preview_tab import preview_tab
from crm_app.ui.builder.problem_list import problem_list
from crm_app.ui.builder.publish_tab import publish_tab
from crm_app.ui.elements import icon, link, skeleton
from crm_app.ui.widgets import Arrived, Confirm


def _history(label: str, mark: str, what: Any, on_click: Any) -> rx.Component:
    return rx.el.button(
        icon(mark),
        type="button",
        on_click=on_click,
        disabled=what == "",
        title=rx.cond(what == "", label, f"{label}: {what}"),
        class_name="icon-button",
        custom_attrs={"aria-label": rx.cond(what == "", label, f"{label}: {what}")},
    )


def _tab(tab: Any) -> rx.Component:
    return link(
        rx.el.span(tab["label"], rx.cond(tab["mark"] != "", rx.el.span(tab["mark"], class_name="tab-count"))),
        to=tab["href"],
        class_name="tab",
        custom_attrs={"aria-current": rx.cond(tab["is_current"], "page", "false")},
        key=tab["name"],
    )


def _header() -> rx.Component:
    head: Any = Builder.head
    return rx.el.header(
        rx.el.div(
            link("Objects", to=OBJECTS, class_name="quiet-link"),
            icon("chevron-right"),
            rx.el.span(icon(head["icon"]), class_name=head["css"]),
            rx.el.h1(head["label"]),
            rx.cond(head["state"] != "", rx.el.span(head["state"], class_name="badge badge-amber")),
            class_name="page-title",
        ),
        rx.el.div(
            rx.cond(head["list_href"] != "", link("See its list", to=head["list_href"], class_name="quiet-link")),
            _history("Undo", "undo-2", head["undo"], Builder.undo),
            _history("Redo", "redo-2", head["redo"], Builder.redo),
            rx.cond(
                head["changes"].to(int) > 0,
                Confirm.create(
                    label="Discard the draft",
                    question="Discard the draft?",
                    detail="Everything that was not published goes, in all objects.",
                    confirm_label="Discard",
                    icon="trash-2",
                    on_confirm=Builder.discard,
                ),
            ),
            class_name="page-actions",
        ),
        class_name="page-header",
    )


def builder_page() -> rx.Component:
    return Arrived.create(
        rx.el.section(
            _header(),
            rx.el.nav(
                rx.el.div(rx.foreach(Builder.tabs, _tab), class_name="tabs"),
                class_name="toolbar",
                custom_attrs={"aria-label": "Parts of this object"},
            ),
            problem_list(Builder.problems),
            rx.match(
                Builder.tab,
                ("layout", layout_tab()),
                ("lists", lists_tab()),
                ("pipelines", pipelines_tab()),
                ("general", general_tab()),
                ("preview", preview_tab()),
                ("json", json_tab()),
                ("publish", publish_tab()),
                fields_tab(),
            ),
            class_name="page builder-page",
        ),
        shown_at=Builder.shown_at,
        fallback=skeleton(8),
    )
