"""One input per kind of setting, chosen in the browser, so that a new field type's settings need no rebuild."""

from typing import Any

import reflex as rx

from crm_app.definitions.settings import FORMULA
from crm_app.ui.builder.builder_state import Builder
from crm_app.ui.builder.fields_state import FieldsTab
from crm_app.ui.builder.objects_data import COLORS
from crm_app.ui.builder.pickers import color_choice
from crm_app.ui.builder.rule_state import RuleDesk
from crm_app.ui.builder.widgets import IconPicker, Options
from crm_app.ui.elements import known_icons
from crm_app.ui.inputs import (
    Attributes,
    area_input,
    choice_input,
    choices_input,
    described,
    error_part,
    no_choice,
    tick_input,
)
from crm_app.ui.rules.widget import RuleChecks, RuleEditor, at_desk

_ROLLED_UP, _ROLLED_UP_LIST = "config/where", "config/relation"
_SWATCHES = [color for color in COLORS if color != "gray"] + ["gray"]


def _described(item: Any) -> Attributes:
    errors: Any = Builder.errors
    is_invalid = errors.contains(item["name"]) | (item["problem"] != "")
    return described(item, is_invalid=is_invalid, is_required=item["is_required"])


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
    return area_input(item, 2, {"spellCheck": "false", **_described(item)}, class_name=css)


def _choice(item: Any, **events: Any) -> rx.Component:
    return choice_input(item, rx.cond(item["is_required"], no_choice()), _described(item), **events)


def _colors(item: Any) -> rx.Component:
    return rx.el.div(
        *[color_choice(item["value"], color) for color in COLORS],
        role="radiogroup",
        class_name="color-grid",
        custom_attrs={"aria-label": item["label"]},
    )


def _rule(item: Any, marker: str = "") -> rx.Component:
    errors: Any = Builder.errors
    return RuleEditor.create(
        **at_desk(RuleDesk),
        name=item["name"],
        over=rx.cond(item["name"] == _ROLLED_UP, _ROLLED_UP_LIST, ""),
        input_id=item["id"],
        value=item["value"],
        marker=marker,
        label=item["label"],
        required=item["is_required"],
        invalid=errors.contains(item["name"]),
        problem=item["problem"],
        described_by=f"{item['id']}-help {item['id']}-error",
    )


def _checks(item: Any) -> rx.Component:
    return RuleChecks.create(
        **at_desk(RuleDesk),
        name=item["name"],
        input_id=item["id"],
        value=item["value"],
        label=item["label"],
        choices=item["choices"],
    )


def _input(item: Any) -> Any:
    return rx.match(
        item["kind"],
        ("boolean", tick_input(item, item["label"], _described(item))),
        ("choice", _choice(item)),
        ("object", _choice(item)),
        ("related", _choice(item, on_change=FieldsTab.sum_over)),
        ("choices", choices_input(item, {})),
        ("objects", choices_input(item, {})),
        ("names", choices_input(item, {})),
        ("icon", IconPicker.create(name=item["name"], value=item["value"], icons=sorted(known_icons()))),
        ("color", _colors(item)),
        ("options", Options.create(name=item["name"], value=item["value"], colors=_SWATCHES, label=item["label"])),
        ("number", _text(item, inputMode="decimal")),
        ("long", _area(item, "input")),
        ("rule", _rule(item)),
        ("value", _rule(item, FORMULA)),
        ("checks", _checks(item)),
        ("json", _area(item, "input code")),
        _text(item),
    )


def setting_part(item: Any) -> rx.Component:
    """Label, input, help and error; a tick box carries its own label."""
    errors: Any = Builder.errors
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
        error_part(errors, item["name"], item["id"]),
        rx.cond(
            ~errors.contains(item["name"])
            & (item["problem"] != "")
            & (item["kind"] != "rule")
            & (item["kind"] != "value"),
            rx.el.p(item["problem"], id=f"{item['id']}-error", class_name="field-error", role="alert"),
        ),
        class_name="field",
        custom_attrs={"data-setting": item["name"], "data-kind": item["kind"]},
        key=item["name"],
    )
