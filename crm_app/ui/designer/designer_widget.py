"""The designer's React component, in a module of its own so that only its page loads what the canvas needs."""

from typing import Any

import reflex as rx

from crm_app.ui.rules.widget import AtDesk

CANVAS = "@xyflow/react@12.12.1"


def _key(key: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (key,)


def _spot(owner: rx.Var[str], place: rx.Var[str], index: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int]]:
    return (owner, place, index)


def _add(
    owner: rx.Var[str], place: rx.Var[str], index: rx.Var[int], type_name: rx.Var[str]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int], rx.Var[str]]:
    return (owner, place, index, type_name)


def _move(
    key: rx.Var[str], owner: rx.Var[str], place: rx.Var[str], index: rx.Var[int]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str], rx.Var[int]]:
    return (key, owner, place, index)


class DesignerTree(rx.Component):
    """The canvas and the outline of one tree. `settled` grows with every answer."""

    library = "$/public/ui/designer.jsx"
    tag = "Designer"
    lib_dependencies: list[str] = [CANVAS]  # noqa: RUF012 - how Reflex wants it

    tree: rx.Var[Any]
    chosen: rx.Var[Any]
    settled: rx.Var[Any]
    types: rx.Var[Any]
    can_paste: rx.Var[Any]
    undo_label: rx.Var[Any]
    redo_label: rx.Var[Any]
    on_choose: rx.EventHandler[_key]
    on_add: rx.EventHandler[_add]
    on_move: rx.EventHandler[_move]
    on_remove: rx.EventHandler[_key]
    on_copy: rx.EventHandler[_key]
    on_paste: rx.EventHandler[_spot]
    on_undo: rx.EventHandler[rx.event.no_args_event_spec]
    on_redo: rx.EventHandler[rx.event.no_args_event_spec]


class DurationInput(AtDesk):
    """A number and its unit, or a rule that gives how long; `is_plain`: it can't be a rule."""

    library = "$/public/ui/duration_input.jsx"
    tag = "DurationInput"

    name: rx.Var[Any]
    input_id: rx.Var[Any]
    value: rx.Var[Any]
    label: rx.Var[Any]
    required: rx.Var[Any]
    invalid: rx.Var[Any]
    problem: rx.Var[Any]
    described_by: rx.Var[Any]
    is_plain: rx.Var[Any]
    data: rx.Var[Any]


class RowsInput(rx.Component):
    """Small parts of one shape; the hidden input `name` holds them as a JSON list of rows."""

    library = "$/public/ui/rows_input.jsx"
    tag = "RowsInput"

    name: rx.Var[Any]
    input_id: rx.Var[Any]
    value: rx.Var[Any]
    label: rx.Var[Any]
    columns: rx.Var[Any]
    is_list: rx.Var[Any]
    problem: rx.Var[Any]


class ValueMap(AtDesk):
    """Fields and the expression that each is set to; the hidden input `name` holds them as JSON. `choices` are the
    fields there are (without any, names are typed), and `data` what can be picked.
    """

    library = "$/public/ui/value_map.jsx"
    tag = "ValueMap"

    name: rx.Var[Any]
    input_id: rx.Var[Any]
    value: rx.Var[Any]
    label: rx.Var[Any]
    choices: rx.Var[Any]
    problem: rx.Var[Any]
    data: rx.Var[Any]
