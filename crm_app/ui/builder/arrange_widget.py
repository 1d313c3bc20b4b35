"""Putting things in order, in a module of its own so that only the builder loads what dragging needs."""

from typing import Any

import reflex as rx

from crm_app.ui.dragging import DRAGGING


def _moved(thing: rx.Var[str], group: rx.Var[str], index: rx.Var[int]) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int]]:
    return (thing, group, index)


def _thing(thing: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (thing,)


class Arrange(rx.Component):
    """`place` keeps two arrangements on one page apart."""

    library = "$/public/ui/arrange.jsx"
    tag = "Arrange"
    lib_dependencies: list[str] = [DRAGGING]  # noqa: RUF012 - how Reflex wants it

    groups: rx.Var[Any]
    things: rx.Var[Any]
    chosen: rx.Var[Any]
    settled: rx.Var[Any]
    place: rx.Var[Any]
    on_choose: rx.EventHandler[_thing]
    on_move: rx.EventHandler[_moved]
