"""The React component of a role's page."""

from typing import Any

import reflex as rx


def _cell(name: rx.Var[str], action: rx.Var[str], scope: rx.Var[str]) -> tuple[rx.Var[str], rx.Var[str], rx.Var[str]]:
    return (name, action, scope)


def _name(name: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (name,)


class RoleMatrix(rx.Component):
    """Shows a choice at once; `lines` sent anew say what holds."""

    library = "$/public/ui/role_matrix.jsx"
    tag = "RoleMatrix"

    lines: rx.Var[Any]
    actions: rx.Var[Any]
    scopes: rx.Var[Any]
    is_read_only: rx.Var[Any]
    on_set: rx.EventHandler[_cell]
    on_open: rx.EventHandler[_name]
