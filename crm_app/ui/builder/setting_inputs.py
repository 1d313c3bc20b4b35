"""One input per kind of setting, chosen in the browser, so that a new field type's settings need no rebuild."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.inputs_data import SettingChoice
from crm_app.ui.builder.objects_data import COLORS
from crm_app.ui.builder.pickers import color_choice
from crm_app.ui.builder.widgets import IconPicker, Options
from crm_app.ui.elements import known_icons

_SWATCHES = [color for color in COLORS if color != "gray"] + ["gray"]


def _described(item: Any) -> dict[str, Any]:
    return {
        "aria-invalid": rx.cond(
            Builder.errors.contains(item["name"]) | (item["problem"] != ""),
            "true",
            "false",
        ),  # pyright: ignore[reportAttributeAccessIssue]
        "aria-describedby": f"{item['id']}-help {item['id']}-error",
        "aria-required": rx.cond(item["is_required"], "true", "false"),
    }


def _text(item: Any, **attributes: str) -> rx.Component:
    return rx.el.input(
        id=item["id"],
        name=item["name"],
        default_value=item["value"],
        class_name="input",
        auto_complete="off",
        custom_attrs={**attributes, **_described(item)},
    )


def _area(item: Any, css: str) -> rx.Component:
    return rx.el.textarea(
        id=item["id"],
        name=item["name"],
        default_value=item["value"],
        rows="2",
        class_name=css,
        custom_attrs={"spellCheck": "false", **_described(item)},
    )


def _choice(item: Any) -> rx.Component:
    return rx.el.select(
        rx.cond(item["is_required"], rx.el.option("Choose…", value="")),
        rx.foreach(
            item["choices"].to(list[SettingChoice]),
            lambda choice: rx.el.option(choice["label"], value=choice["value"], key=choice["value"]),
        ),
        id=item["id"],
        name=item["name"],
        default_value=item["value"],
        class_name="input",
        custom_attrs=_described(item),
    )


def _choices(item: Any) -> rx.Component:
    return rx.el.div(
        rx.foreach(
            item["choices"].to(list[SettingChoice]),
            lambda choice: rx.el.label(
                rx.el.input(
                    id=choice["id"],
                    name=f"{item['name']}::{choice['value']}",
                    type="checkbox",
                    default_checked=choice["is_chosen"],
                ),
                rx.el.span(choice["label"]),
                class_name="tick tick-chip",
                key=choice["value"],
            ),
        ),
        role="group",
        class_name="ticks",
        custom_attrs={"aria-label": item["label"]},
    )


def _colors(item: Any) -> rx.Component:
    return rx.el.div(
        *[color_choice(item["value"], color) for color in COLORS],
        role="radiogroup",
        class_name="color-grid",
        custom_attrs={"aria-label": item["label"]},
    )


def _boolean(item: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            id=item["id"],
            name=item["name"],
            type="checkbox",
            default_checked=item["is_checked"],
            custom_attrs=_described(item),
        ),
        rx.el.span(item["label"]),
        class_name="tick",
    )


def _input(item: Any) -> Any:
    return rx.match(
        item["kind"],
        ("boolean", _boolean(item)),
        ("choice", _choice(item)),
        ("object", _choice(item)),
        ("choices", _choices(item)),
        ("objects", _choices(item)),
        ("names", _choices(item)),
        ("icon", IconPicker.create(name=item["name"], value=item["value"], icons=sorted(known_icons()))),
        ("color", _colors(item)),
        ("options", Options.create(name=item["name"], value=item["value"], colors=_SWATCHES, label=item["label"])),
        ("number", _text(item, inputMode="decimal")),
        ("long", _area(item, "input")),
        ("rule", _area(item, "input code")),
        ("json", _area(item, "input code")),
        _text(item),
    )


def setting_part(item: Any) -> rx.Component:
    """Label, input, help and error; a tick box carries its own label."""
    return rx.el.div(
        rx.cond(
            (item["kind"] != "boolean") & (item["kind"] != "icon"),
            rx.el.label(
                item["label"],
                rx.cond(item["is_required"], rx.el.span(" *", class_name="required", aria_hidden=True)),
                html_for=item["id"],
            ),
        ),
        _input(item),
        rx.cond(item["help"] != "", rx.el.p(item["help"], id=f"{item['id']}-help", class_name="help")),
        rx.cond(
            Builder.errors.contains(item["name"]),  # pyright: ignore[reportAttributeAccessIssue]
            rx.el.p(Builder.errors[item["name"]], id=f"{item['id']}-error", class_name="field-error", role="alert"),
            rx.cond(
                item["problem"] != "",
                rx.el.p(item["problem"], id=f"{item['id']}-error", class_name="field-error", role="alert"),
            ),
        ),
        class_name="field",
        custom_attrs={"data-setting": item["name"], "data-kind": item["kind"]},
        key=item["name"],
    )
