from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.publish_state import PublishTab
from crm_app.ui.builder.widgets import DialogButton
from crm_app.ui.clashes import Clash, clash_part
from crm_app.ui.elements import icon


def _note(note: Any) -> rx.Component:
    return rx.el.li(note, key=note)


def plan_line(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line["sign"], class_name="plan-sign", custom_attrs={"aria-hidden": "true"}),
        rx.el.span(line["kind"], class_name="plan-kind"),
        rx.cond(line["place"] != line["path"], rx.el.strong(line["place"])),
        rx.el.code(line["path"]),
        rx.cond(line["was"] != "", rx.el.span(f"was {line['was']}", class_name="quiet")),
        rx.cond(
            line["is_destructive"],
            rx.el.span(icon("triangle-alert"), "Hides or converts values", class_name="plan-warning"),
        ),
        rx.el.span(line["count"]),
        rx.cond(
            line["notes"].to(list[str]).length() > 0,
            rx.el.ul(rx.foreach(line["notes"].to(list[str]), _note), class_name="plan-notes"),
        ),
        class_name="plan-line",
        custom_attrs={"data-kind": line["kind"], "data-destructive": line["is_destructive"]},
        key=f"{line['kind']} {line['path']}",
    )


def _theirs() -> rx.Component:
    data: Any = Builder.publish
    return rx.el.form(
        rx.el.h2(icon("triangle-alert"), "Somebody else published changes here"),
        rx.el.p("Since you began, these have changed in what you are changing too:"),
        rx.el.ul(rx.foreach(data["theirs"], plan_line), class_name="plan"),
        rx.cond(
            data["clashes"].to(list[Clash]).length() > 0,
            rx.fragment(
                rx.el.p(
                    "You both changed the same here. Choose what to keep; the rest of both changes is kept anyway."
                ),
                rx.foreach(data["clashes"].to(list[Clash]), clash_part),
            ),
        ),
        rx.el.button("Bring them into my draft", type="submit", class_name="button primary"),
        on_submit=PublishTab.rebase,
        class_name="panel conflict",
        custom_attrs={"aria-label": "Published meanwhile"},
    )


def _hidden(line: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(line["kind"], class_name="plan-kind"),
        rx.cond(line["place"] != line["path"], rx.el.strong(line["place"])),
        rx.el.code(line["path"]),
        rx.el.span(line["count"]),
        class_name="plan-line",
        key=f"{line['kind']} {line['path']}",
    )


def _set_empty(refused: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", name="set_empty"),
        rx.el.span(
            rx.el.strong(f"Set the values that can't be converted to empty: {refused}"),
            rx.el.span(
                "What they were stays stored, and going back to this version brings it back. Without this, nothing is "
                "published.",
                class_name="quiet",
            ),
        ),
        class_name="tick tick-card",
    )


def _ask_again() -> rx.Component:
    data: Any = Builder.publish
    refused = data["refused"].to(int)
    return DialogButton.create(
        rx.el.form(
            rx.el.p("Records will no longer show what they hold in:"),
            rx.el.ul(rx.foreach(data["hidden"], _hidden), class_name="plan"),
            rx.cond(refused > 0, _set_empty(refused)),
            rx.el.p("Nothing is deleted: what is archived can be restored, with its values.", class_name="quiet"),
            rx.el.div(
                rx.el.button("Publish all the same", type="submit", class_name="button solid-danger"),
                class_name="ask-actions",
            ),
            on_submit=PublishTab.confirm,
            class_name="builder-form",
        ),
        label="Publish",
        icon="rocket",
        kind="primary",
        title="Hide or convert values?",
        done=Builder.settled,
        disabled=~data["can_publish"].to(bool),
    )


def _publish() -> rx.Component:
    data: Any = Builder.publish
    return rx.el.button(
        icon("rocket"),
        "Publish",
        type="button",
        on_click=PublishTab.publish,
        disabled=~data["can_publish"].to(bool),
        class_name="button primary",
    )


def publish_tab() -> rx.Component:
    data: Any = Builder.publish
    return rx.el.div(
        rx.cond(data["theirs"].to(list[dict[str, Any]]).length() > 0, _theirs()),
        rx.el.section(
            rx.el.h2("What publishing will do"),
            rx.cond(
                data["lines"].to(list[dict[str, Any]]).length() > 0,
                rx.el.ul(rx.foreach(data["lines"], plan_line), class_name="plan"),
                rx.el.p("Nothing: the draft is the same as what is live.", class_name="quiet"),
            ),
            class_name="panel",
        ),
        rx.cond(data["refusal"] != "", rx.el.p(data["refusal"], class_name="refusal", role="alert")),
        rx.el.footer(
            rx.cond(data["hidden"].to(list[dict[str, Any]]).length() > 0, _ask_again(), _publish()),
            rx.el.p("It is live for everybody the moment it is done. Nothing restarts.", class_name="quiet"),
            class_name="publish-foot",
        ),
        class_name="builder-sheet",
    )
