"""The canvas of a run, in a module of its own so that only pages that show one load what it needs."""

from typing import Any

import reflex as rx

from crm_app.ui.designer.designer_widget import CANVAS


def _key(key: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (key,)


class RunCanvas(rx.Component):
    """The designer's canvas and outline of a tree that can't be changed, coloured by the states in it."""

    library = "$/public/ui/run_canvas.jsx"
    tag = "RunCanvas"
    lib_dependencies: list[str] = [CANVAS]  # noqa: RUF012 - how Reflex wants it

    tree: rx.Var[Any]
    chosen: rx.Var[Any]
    on_choose: rx.EventHandler[_key]
