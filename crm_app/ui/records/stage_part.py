from typing import Any

import reflex as rx

from crm_app.ui.elements import icon
from crm_app.ui.records.record_state import RecordPage


def _stage(stage: Any) -> rx.Component:
    is_current = stage["state"] == "current"
    is_open: Any = RecordPage.head["can_move"] & ~(is_current | stage["is_barred"])  # pyright: ignore[reportOperatorIssue]
    return rx.el.li(
        rx.el.button(
            rx.cond(stage["is_late"], icon("timer")),
            rx.el.span(stage["label"]),
            rx.cond(stage["spent"] != "", rx.el.span(stage["spent"], class_name="stage-spent")),
            type="button",
            on_click=RecordPage.move(stage["name"]),
            disabled=rx.cond(is_open, False, True),  # noqa: FBT003 - values, not arguments
            title=stage["hint"],
            class_name=f"stage badge-{stage['color']}",
            custom_attrs={
                "data-state": stage["state"],
                "data-late": rx.cond(stage["is_late"], "true", "false"),
                "data-barred": rx.cond(stage["is_barred"], "true", "false"),
                "aria-current": rx.cond(is_current, "step", "false"),
            },
        ),
        key=stage["name"],
    )


def stage_path() -> rx.Component:
    return rx.cond(
        RecordPage.stages.length() > 0,  # pyright: ignore[reportAttributeAccessIssue]
        rx.el.nav(
            rx.el.ol(rx.foreach(RecordPage.stages, _stage), class_name="stages"), custom_attrs={"aria-label": "Stage"}
        ),
    )
