"""The board's React component, in a module of its own so that only boards load what dragging needs."""

from typing import Any

import reflex as rx

from crm_app.ui.dragging import DRAGGING


def _move(
    record: rx.Var[str], stage: rx.Var[str], version: rx.Var[int]
) -> tuple[rx.Var[str], rx.Var[str], rx.Var[int]]:
    return (record, stage, version)


def _stage(stage: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (stage,)


class Board(rx.Component):
    library = "$/public/ui/board.jsx"
    tag = "Board"
    lib_dependencies: list[str] = [DRAGGING]  # noqa: RUF012 - how Reflex wants it

    columns: rx.Var[Any]
    settled: rx.Var[Any]
    can_move: rx.Var[Any]
    on_move: rx.EventHandler[_move]
    on_more: rx.EventHandler[_stage]
