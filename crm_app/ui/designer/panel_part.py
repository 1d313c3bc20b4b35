"""The panel of what is chosen: one input per kind of setting, chosen in the browser."""

from typing import Any

import reflex as rx

from crm_app.ui.builder.widgets import Autosave
from crm_app.ui.designer.designer_state import Designer
from crm_app.ui.designer.designer_widget import DurationInput, RowsInput, ValueMap
from crm_app.ui.designer.entrance_part import entrance_part
from crm_app.ui.designer.panel_data import LaneTool
from crm_app.ui.designer.rules_state import StepRules
from crm_app.ui.elements import icon
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
from crm_app.ui.rules.widget import RuleEditor, at_desk


def _described(item: Any) -> Attributes:
    errors: Any = Designer.errors
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


def _duration(item: Any, *, is_plain: bool) -> rx.Component:
    return _rule(item, DurationInput, is_plain=is_plain)


def _rule(item: Any, widget: type[rx.Component] = RuleEditor, **more: Any) -> rx.Component:
    errors: Any = Designer.errors
    return widget.create(
        **at_desk(StepRules),
        **more,
        name=item["name"],
        input_id=item["id"],
        value=item["value"],
        label=item["label"],
        required=item["is_required"],
        invalid=errors.contains(item["name"]),
        problem=item["problem"],
        described_by=f"{item['id']}-help {item['id']}-error",
        data=Designer.data,
    )


def _values(item: Any) -> rx.Component:
    return ValueMap.create(
        **at_desk(StepRules),
        name=item["name"],
        input_id=item["id"],
        value=item["value"],
        label=item["label"],
        choices=item["choices"],
        problem=item["problem"],
        data=Designer.data,
    )


def _rows(item: Any) -> rx.Component:
    return RowsInput.create(
        name=item["name"],
        input_id=item["id"],
        value=item["value"],
        label=item["label"],
        columns=item["columns"],
        is_list=item["is_list"],
        problem=item["problem"],
    )


def _input(item: Any) -> Any:
    attributes = _described(item)
    choice = choice_input(item, no_choice(), attributes)
    return rx.match(
        item["kind"],
        ("boolean", tick_input(item, item["label"], attributes)),
        ("choice", choice),
        ("object", choice),
        ("choices", choices_input(item, {})),
        ("objects", choices_input(item, {})),
        ("names", choices_input(item, {})),
        ("number", _text(item, inputMode="decimal")),
        ("long", area_input(item, 3, attributes, class_name="input")),
        ("lines", area_input(item, 3, {"spellCheck": "false", **attributes}, class_name="input code")),
        ("json", area_input(item, 3, {"spellCheck": "false", **attributes}, class_name="input code")),
        ("rule", _rule(item)),
        ("duration", _duration(item, is_plain=False)),
        ("plain_duration", _duration(item, is_plain=True)),
        ("values", _values(item)),
        ("rows", _rows(item)),
        _text(item),
    )


def _setting(item: Any) -> rx.Component:
    """Label, input, help and error; a tick box carries its own label."""
    errors: Any = Designer.errors
    says_itself = (item["kind"] == "rule") | (item["kind"] == "values")
    return rx.el.div(
        rx.cond(
            (item["kind"] != "boolean") & (item["kind"] != "values") & (item["kind"] != "rows"),
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
            ~errors.contains(item["name"]) & (item["problem"] != "") & ~says_itself,
            rx.el.p(item["problem"], id=f"{item['id']}-error", class_name="field-error", role="alert"),
        ),
        class_name=rx.cond(item["is_apart"], "field is-apart", "field"),
        custom_attrs={"data-setting": item["name"], "data-kind": item["kind"]},
        key=item["name"],
    )


def _lane_button(mark: str, label: Any, what: str, lane: Any, **props: Any) -> rx.Component:
    return rx.el.button(
        icon(mark),
        type="button",
        on_click=Designer.lane(what, lane["lot"], lane["at"]),
        class_name="icon-button",
        title=label,
        custom_attrs={"aria-label": label},
        **props,
    )


def _lane(lane: Any) -> rx.Component:
    label = lane["label"].to(str)
    return rx.cond(
        lane["at"].to(int) < 0,
        rx.el.li(
            rx.el.button(
                icon("plus"),
                label,
                type="button",
                on_click=Designer.lane("add", lane["lot"], lane["at"]),
                class_name="button",
            ),
            key=lane["key"],
        ),
        rx.el.li(
            rx.el.span(label),
            _lane_button("arrow-up", f"Move {label} earlier", "earlier", lane, disabled=lane["at"].to(int) == 0),
            _lane_button("arrow-down", f"Move {label} later", "later", lane, disabled=lane["is_last"].to(bool)),
            _lane_button("trash-2", f"Remove {label} with what is in it", "remove", lane),
            class_name="lane-line",
            key=lane["key"],
        ),
    )


def settings_form() -> rx.Component:
    panel: Any = Designer.panel
    return rx.el.form(
        Autosave.create(),
        rx.foreach(Designer.inputs, _setting),
        on_submit=lambda form: Designer.save(form, panel["about"]),
        key=panel["key"],
        class_name="builder-form",
        custom_attrs={"noValidate": True},
    )


def step_panel() -> rx.Component:
    panel: Any = Designer.panel
    return rx.el.aside(
        rx.el.header(
            rx.el.span(icon(panel["icon"]), class_name=panel["css"]),
            rx.el.div(rx.el.h2(panel["title"]), rx.el.p(panel["note"], class_name="quiet")),
            class_name="side-head",
        ),
        rx.cond(
            panel["problems"].to(list[str]).length() > 0,
            rx.el.ul(
                rx.foreach(panel["problems"].to(list[str]), lambda text: rx.el.li(text, class_name="field-error")),
                class_name="panel-problems",
                role="alert",
            ),
        ),
        settings_form(),
        entrance_part(),
        rx.cond(
            panel["lanes"].to(list[LaneTool]).length() > 0,
            rx.el.section(
                rx.el.h3(panel["lanes_title"]),
                rx.el.ul(rx.foreach(panel["lanes"].to(list[LaneTool]), _lane), class_name="lane-lines"),
                class_name="side-foot",
            ),
        ),
        id="step-panel",
        class_name="builder-side designer-side",
        custom_attrs={"aria-label": "What is chosen", "data-mode": "step"},
    )
