"""Under a trigger that something outside sets off: its address, and the secret of a webhook, shown once."""

from typing import Any

import reflex as rx

from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.entrance_state import EntranceActions
from crm_app.ui.elements import icon
from crm_app.ui.widgets import Confirm, CopyText


def _shown_once() -> rx.Component:
    return rx.el.div(
        rx.el.p("Address and secret are shown only now. Give both to the system that sends."),
        CopyText.create(text=EntranceActions.address, label="Address"),
        CopyText.create(text=EntranceActions.secret, label="Secret"),
        rx.el.button("Done", type="button", on_click=EntranceActions.forget, class_name="button"),
        class_name="entrance-once",
        role="status",
    )


def _webhook() -> rx.Component:
    entrance: Any = Designer.entrance
    head: Any = Designer.head
    is_new: Any = EntranceActions.of == head["name"]
    return rx.cond(
        is_new,
        _shown_once(),
        rx.cond(
            entrance["made"] != "",
            rx.el.div(
                rx.el.p(f"Messages are taken at the address made on {entrance['made']}.", class_name="quiet"),
                Confirm.create(
                    label="Make a new address",
                    question="Make a new address and secret?",
                    detail="What is sent to the present one is refused from now on.",
                    confirm_label="Make",
                    icon="refresh-cw",
                    on_confirm=EntranceActions.make,
                ),
                Confirm.create(
                    label="Take the address away",
                    question="Take the address away?",
                    detail="What is sent there is refused from now on.",
                    confirm_label="Take away",
                    icon="trash-2",
                    on_confirm=EntranceActions.remove,
                ),
                class_name="entrance-line",
            ),
            rx.el.button(
                icon("plus"), "Make the address", type="button", on_click=EntranceActions.make, class_name="button"
            ),
        ),
    )


def entrance_part() -> rx.Component:
    entrance: Any = Designer.entrance
    return rx.cond(
        entrance["kind"] != "",
        rx.el.section(
            rx.el.h3("Where it is reached"),
            rx.match(
                entrance["kind"],
                ("form", CopyText.create(text=entrance["path"], label="Address of the form")),
                ("webhook", _webhook()),
                rx.el.p("It has an address as soon as it is published with this trigger.", class_name="quiet"),
            ),
            class_name="side-foot",
        ),
    )
