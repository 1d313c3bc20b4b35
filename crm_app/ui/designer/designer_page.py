from typing import Any

import reflex as rx

from crm_app.ui.address import AUTOMATIONS, DRY_RUN, RUNS
from crm_app.ui.builder.problem_list import problem_list
from crm_app.ui.designer.actions_state import DesignerActions
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.designer_widget import DesignerTree
from crm_app.ui.designer.panel_part import settings_form, step_panel
from crm_app.ui.designer.publish_part import publish_part
from crm_app.ui.designer.versions_part import versions_part
from crm_app.ui.elements import button_link, icon, link, skeleton
from crm_app.ui.widgets import Arrived, Confirm


def _tab(tab: Any) -> rx.Component:
    return link(
        rx.el.span(tab["label"], rx.cond(tab["mark"] != "", rx.el.span(tab["mark"], class_name="tab-count"))),
        to=tab["href"],
        class_name="tab",
        custom_attrs={"aria-current": rx.cond(tab["is_current"], "page", "false")},
        key=tab["name"],
    )


def _header() -> rx.Component:
    head: Any = Designer.head
    count = head["problems"].to(int)
    return rx.el.header(
        rx.el.div(
            link("Workflows", to=AUTOMATIONS, class_name="quiet-link"),
            icon("chevron-right"),
            rx.el.h1(head["label"]),
            rx.cond(head["state"] != "", rx.el.span(head["state"], class_name="badge badge-amber")),
            rx.cond(head["is_paused"].to(bool), rx.el.span("Paused", class_name="badge")),
            rx.cond(
                count > 0,
                rx.el.span(
                    rx.cond(count == 1, "1 problem", f"{count} problems"), class_name="badge badge-red", role="status"
                ),
            ),
            class_name="page-title",
        ),
        rx.el.div(
            button_link("Dry run", f"{DRY_RUN}?automation={head['name']}", "test-tube"),
            button_link("Runs", f"{RUNS}?automation={head['name']}", "activity"),
            rx.cond(
                head["changes"].to(int) > 0,
                Confirm.create(
                    label="Discard the draft",
                    question="Discard the draft?",
                    detail="Everything that was not published goes, in all objects and workflows.",
                    confirm_label="Discard",
                    icon="trash-2",
                    on_confirm=Designer.discard,
                ),
            ),
            class_name="page-actions",
        ),
        class_name="page-header wrapping-header",
    )


def _steps() -> rx.Component:
    head: Any = Designer.head
    return rx.el.div(
        DesignerTree.create(
            tree=Designer.tree,
            chosen=Designer.chosen,
            settled=Designer.settled,
            types=Designer.types,
            can_paste=Designer.can_paste,
            undo_label=head["undo"],
            redo_label=head["redo"],
            on_choose=Designer.choose,
            on_add=Designer.add,
            on_move=Designer.move,
            on_remove=Designer.remove,
            on_copy=Designer.copy_step,
            on_paste=Designer.paste,
            on_undo=Designer.undo,
            on_redo=Designer.redo,
        ),
        step_panel(),
        class_name="builder-columns designer-columns",
    )


def _json_problem(problem: Any) -> rx.Component:
    return rx.el.li(rx.el.strong(problem["line"]), rx.el.code(problem["path"]), rx.el.span(problem["message"]))


def _json() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            rx.el.label("The definition of this workflow", html_for="json-text", class_name="field-label"),
            rx.el.button("Keep", type="submit", class_name="button primary"),
            class_name="builder-tools builder-tools-apart",
        ),
        rx.cond(
            DesignerActions.problems.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.section(
                rx.el.h2(icon("triangle-alert"), "What is wrong with it"),
                rx.el.ul(rx.foreach(DesignerActions.problems, _json_problem)),
                id="json-problems",
                class_name="builder-problems",
                role="alert",
            ),
        ),
        rx.el.textarea(
            id="json-text",
            name="json",
            default_value=Designer.json_text,
            class_name="input code json-text",
            custom_attrs={"spellCheck": "false", "aria-describedby": "json-problems"},
        ),
        on_submit=DesignerActions.save_json,
        key=Designer.json_text,
        class_name="builder-sheet",
    )


def designer_page() -> rx.Component:
    has_tree = Designer.tree.contains("trigger")  # pyright: ignore[reportAttributeAccessIssue]
    return Arrived.create(
        rx.el.section(
            _header(),
            rx.el.nav(
                rx.el.div(rx.foreach(Designer.tabs, _tab), class_name="tabs"),
                class_name="toolbar",
                custom_attrs={"aria-label": "Parts of this workflow"},
            ),
            problem_list(Designer.problems),
            rx.match(
                Designer.tab,
                ("settings", rx.el.div(settings_form(), class_name="builder-sheet")),
                ("json", _json()),
                ("versions", versions_part()),
                ("publish", publish_part()),
                rx.cond(has_tree, _steps(), rx.fragment()),
            ),
            class_name="page builder-page designer-page",
        ),
        shown_at=Designer.shown_at,
        fallback=skeleton(8),
    )
