"""How a value is painted when it is more than its text: a color with a sample, a rating as stars."""

from typing import Any

import reflex as rx


def value_span(cell: Any) -> Any:
    return rx.match(
        cell["css"],
        (
            "color-cell",
            rx.el.span(
                rx.el.span(class_name="color-sample", style={"background": cell["text"]}, aria_hidden=True),
                cell["text"],
                class_name="color-cell",
            ),
        ),
        (
            "stars",
            rx.el.span(cell["text"], class_name="stars", role="img", custom_attrs={"aria-label": cell["label"]}),
        ),
        rx.el.span(cell["text"], class_name=cell["css"]),
    )
