from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.publish_state import PublishTab
from crm_app.ui.elements import icon


def _line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line["sign"], class_name="plan-sign", custom_attrs={"aria-hidden": "true"}),
        rx.el.span(line["kind"], class_name="plan-kind"),
        rx.el.code(line["path"]),
        rx.cond(line["was"] != "", rx.el.span(f"was {line['was']}", class_name="quiet")),
        rx.cond(
            line["is_destructive"],
            rx.el.span(icon("triangle-alert"), "Hides or converts values", class_name="plan-warning"),
        ),
        rx.el.span(line["count"]),
        rx.el.span(line["notes"], class_name="quiet"),
        class_name="plan-line",
        custom_attrs={"data-kind": line["kind"]},
        key=f"{line['kind']} {line['path']}",
    )


def _theirs() -> rx.Component:
    return rx.el.section(
        rx.el.h2(icon("triangle-alert"), "Somebody else published changes here"),
        rx.el.p("Since you began, these have changed in what you are changing too:"),
        rx.el.ul(rx.foreach(Builder.publish["theirs"], _line), class_name="plan"),
        rx.el.button(
            "Bring them into my draft", type="button", on_click=PublishTab.rebase, class_name="button primary"
        ),
        class_name="panel conflict",
        custom_attrs={"aria-label": "Published meanwhile"},
    )


def publish_tab() -> rx.Component:
    data: Any = Builder.publish
    return rx.el.div(
        rx.cond(data["theirs"].to(list[dict[str, Any]]).length() > 0, _theirs()),
        rx.el.section(
            rx.el.h2("What publishing will do"),
            rx.cond(
                data["lines"].to(list[dict[str, Any]]).length() > 0,
                rx.el.ul(rx.foreach(data["lines"], _line), class_name="plan"),
                rx.el.p("Nothing: the draft is the same as what is live.", class_name="quiet"),
            ),
            class_name="panel",
        ),
        rx.cond(data["refusal"] != "", rx.el.p(data["refusal"], class_name="refusal", role="alert")),
        rx.el.footer(
            rx.el.button(
                icon("rocket"),
                "Publish",
                type="button",
                on_click=PublishTab.publish,
                disabled=~data["can_publish"].to(bool),
                class_name="button primary",
            ),
            rx.el.p("It is live for everybody the moment it is done. Nothing restarts.", class_name="quiet"),
            class_name="publish-foot",
        ),
        class_name="builder-sheet",
    )
