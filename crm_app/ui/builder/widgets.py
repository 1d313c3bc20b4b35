"""React components of the builder's forms."""

from typing import Any

import reflex as rx


class DialogButton(rx.Component):
    """A button and the dialog that it opens; closes when `done` grows."""

    library = "$/public/ui/dialog_button.jsx"
    tag = "DialogButton"

    label: rx.Var[Any]
    icon: rx.Var[Any]
    kind: rx.Var[Any]
    title: rx.Var[Any]
    done: rx.Var[Any]
    disabled: rx.Var[Any]


class Naming(rx.Component):
    """Inputs for label and API name, and for the plural where there is one; `errors` by input."""

    library = "$/public/ui/naming.jsx"
    tag = "Naming"

    prefix: rx.Var[Any]
    with_plural: rx.Var[Any]
    errors: rx.Var[Any]


class Options(rx.Component):
    library = "$/public/ui/options.jsx"
    tag = "Options"

    name: rx.Var[Any]
    value: rx.Var[Any]
    colors: rx.Var[Any]
    label: rx.Var[Any]


class Autosave(rx.Component):
    """Sends the form that it stands in whenever something in it has changed."""

    library = "$/public/ui/autosave.jsx"
    tag = "Autosave"


class IconPicker(rx.Component):
    library = "$/public/ui/icon_picker.jsx"
    tag = "IconPicker"

    name: rx.Var[Any]
    value: rx.Var[Any]
    icons: rx.Var[Any]


class SheetKeys(rx.Component):
    """Arrow keys between the rows of the form that it stands in."""

    library = "$/public/ui/sheet_keys.jsx"
    tag = "SheetKeys"
