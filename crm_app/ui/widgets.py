"""Our own React components in `assets/ui`, each in the browser bundle only where a page uses it."""

from typing import Any

import reflex as rx


def _values(values: rx.Var[dict[str, str]]) -> tuple[rx.Var[dict[str, str]]]:
    return (values,)


def _text(text: rx.Var[str]) -> tuple[rx.Var[str]]:
    return (text,)


class PageTitle(rx.Component):
    library = "$/public/ui/shell.jsx"
    tag = "PageTitle"

    text: rx.Var[Any]


class Behaviours(rx.Component):
    library = "$/public/ui/shell.jsx"
    tag = "Behaviours"


class Notices(rx.Component):
    """What just happened, for a few seconds; and where the keyboard goes next."""

    library = "$/public/ui/notices.jsx"
    tag = "Notices"

    notice: rx.Var[Any]
    focus: rx.Var[Any]


class Palette(rx.Component):
    """Search over everything. `places` are the lists; `found` answers `found_for`."""

    library = "$/public/ui/shell.jsx"
    tag = "Palette"

    places: rx.Var[Any]
    found: rx.Var[Any]
    found_for: rx.Var[Any]
    on_search: rx.EventHandler[_text]


class _OwnInput(rx.Component):
    """An input of a form: its `name` there, and what it says of itself to a screen reader."""

    name: rx.Var[Any]
    input_id: rx.Var[Any]
    label: rx.Var[Any]
    required: rx.Var[Any]
    invalid: rx.Var[Any]
    described_by: rx.Var[Any]


class Combobox(_OwnInput):
    """A relation's input: the hidden field `name` carries the chosen record's id."""

    library = "$/public/ui/combobox.jsx"
    tag = "Combobox"

    value: rx.Var[Any]
    suggestions: rx.Var[Any]
    placeholder: rx.Var[Any]
    input_label: rx.Var[Any]
    on_search: rx.EventHandler[_text]


class ColorInput(_OwnInput):
    """A color as text, and the browser's own picker beside it; the text is what the form sends, so it may be empty."""

    library = "$/public/ui/color_input.jsx"
    tag = "ColorInput"

    value: rx.Var[Any]


class RichText(_OwnInput):
    """An editor of formatted text; its `value` is HTML that the server has made harmless."""

    library = "$/public/ui/rich_text.jsx"
    tag = "RichText"

    value: rx.Var[Any]


class FilePicker(_OwnInput):
    """Sends files as they are chosen or dropped; the hidden field `name` carries their ids. `pick` is a `FilePick`."""

    library = "$/public/ui/file_picker.jsx"
    tag = "FilePicker"

    pick: rx.Var[Any]


class Chips(_OwnInput):
    """The input of a field that links to many records: `chosen` are chips; the hidden `name` carries their ids."""

    library = "$/public/ui/chips.jsx"
    tag = "Chips"

    chosen: rx.Var[Any]
    suggestions: rx.Var[Any]
    placeholder: rx.Var[Any]
    on_search: rx.EventHandler[_text]


class SearchBox(rx.Component):
    """A search as one types. Its text follows the address, except while somebody is typing."""

    library = "$/public/ui/search_box.jsx"
    tag = "SearchBox"

    text: rx.Var[Any]
    label: rx.Var[Any]
    on_search: rx.EventHandler[_text]


class Arrived(rx.Component):
    """Its children, once the address in the browser is the one that they were loaded for; until then the fallback."""

    library = "$/public/ui/arrived.jsx"
    tag = "Arrived"

    shown_at: rx.Var[Any]
    fallback: rx.Var[rx.Component]


class Confirm(rx.Component):
    """A button that asks before it acts. On `on_ask` the server may say more in `detail`, and bar it."""

    library = "$/public/ui/confirm.jsx"
    tag = "Confirm"

    label: rx.Var[Any]
    question: rx.Var[Any]
    detail: rx.Var[Any]
    confirm_label: rx.Var[Any]
    icon: rx.Var[Any]
    is_barred: rx.Var[Any]
    on_ask: rx.EventHandler[rx.event.no_args_event_spec]
    on_confirm: rx.EventHandler[rx.event.no_args_event_spec]


class Dialog(rx.Component):
    """Opened and closed by the server; its children are there while it is open."""

    library = "$/public/ui/dialog.jsx"
    tag = "Dialog"

    is_open: rx.Var[Any]
    label: rx.Var[Any]
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class Tabs(rx.Component):
    """A tablist over the `TabPanel`s among its children. `tabs` have a `key` and a `label`; one alone shows no tablist.
    What somebody typed in a panel stays when another one shows.
    """

    library = "$/public/ui/tabs.jsx"
    tag = "Tabs"

    tabs: rx.Var[Any]
    label: rx.Var[Any]


class TabPanel(rx.Component):
    library = "$/public/ui/tabs.jsx"
    tag = "TabPanel"

    tab_key: rx.Var[Any]


class LiveFields(rx.Component):
    """Around the inputs of a form: tells what all of them hold when one of the `watched` fields changes."""

    library = "$/public/ui/live_fields.jsx"
    tag = "LiveFields"

    watched: rx.Var[Any]
    is_typed: rx.Var[Any]
    on_look: rx.EventHandler[_values]


class CopyText(rx.Component):
    """What is shown once; a path becomes a whole address."""

    library = "$/public/ui/copy_text.jsx"
    tag = "CopyText"

    text: rx.Var[Any]
    label: rx.Var[Any]


class Refresh(rx.Component):
    """Calls `on_tick` once a second while `is_on` and somebody looks at the page."""

    library = "$/public/ui/refresh.jsx"
    tag = "Refresh"

    is_on: rx.Var[Any]
    on_tick: rx.EventHandler[rx.event.no_args_event_spec]
