from typing import Any

import reflex as rx


def restore_button(label: Any, on_click: Any) -> rx.Component:
    """Brings back what is called so."""
    return rx.el.button(
        "Restore",
        type="button",
        on_click=on_click,
        class_name="button plain",
        custom_attrs={"aria-label": f"Restore {label}"},
    )
