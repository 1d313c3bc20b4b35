"""Two people changed the same: both sides of each place, and which one is kept."""

from typing import Any, TypedDict

import reflex as rx


class Clash(TypedDict):
    """One place, such as a field, that both changed differently."""

    field: str
    label: str
    yours: str
    theirs: str
    original: str


def keep_name(place: str) -> str:
    """The name of the radio buttons that say what is kept; they send `yours` or `theirs`."""
    return f"keep::{place}"


def _side(clash: Any, side: str, label: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name=f"keep::{clash['field']}", value=side, default_checked=side == "yours", required=True
        ),
        rx.el.span(rx.el.span(label, class_name="quiet"), rx.el.strong(clash[side])),
        class_name="tick tick-chip",
    )


def clash_part(clash: Any) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.strong(clash["label"]),
            rx.el.span(f"was {clash['original']}", class_name="quiet"),
            class_name="clash-name",
        ),
        _side(clash, "yours", "Yours"),
        _side(clash, "theirs", "Theirs"),
        class_name="clash",
        role="radiogroup",
        custom_attrs={"aria-label": clash["label"], "data-clash": clash["field"]},
        key=clash["field"],
    )
