"""The one table of what a browser may call. A handler that is missing here stops the server from starting."""

from enum import Enum


class Access(Enum):
    """`SIGNED_IN` needs a live session; what its person may do then is the services' decision."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


_FRAMEWORK = {
    "state.hydrate": Access.PUBLIC,
    "state.hydrate_and_load": Access.PUBLIC,
    "state.set_is_hydrated": Access.PUBLIC,
    "on_load_internal_state.on_load_internal": Access.PUBLIC,
    "on_load_internal_state.set_is_hydrated": Access.PUBLIC,
    "update_vars_internal_state.update_vars_internal": Access.PUBLIC,
    "frontend_event_exception_state.handle_frontend_exception": Access.SIGNED_IN,
}

HANDLERS: dict[str, Access] = {
    **_FRAMEWORK,
    "login_page.open": Access.PUBLIC,
    "shell.search": Access.SIGNED_IN,
    "shell.note": Access.SIGNED_IN,
    "shell.focus_on": Access.SIGNED_IN,
    "nowhere.open": Access.SIGNED_IN,
    "home_page.open": Access.SIGNED_IN,
    "home_page.mark": Access.SIGNED_IN,
    "list_page.open": Access.SIGNED_IN,
    "list_page.search": Access.SIGNED_IN,
    "list_page.count_exactly": Access.SIGNED_IN,
    "list_page.mark": Access.SIGNED_IN,
    "filter_menu.choose_field": Access.SIGNED_IN,
    "filter_menu.suggest": Access.SIGNED_IN,
    "filter_menu.add": Access.SIGNED_IN,
    "board_page.open": Access.SIGNED_IN,
    "board_page.search": Access.SIGNED_IN,
    "board_page.show_more": Access.SIGNED_IN,
    "board_page.move": Access.SIGNED_IN,
    "board_page.finish": Access.SIGNED_IN,
    "move_dialog.cancel": Access.SIGNED_IN,
    "record_page.open": Access.SIGNED_IN,
    "record_page.move": Access.SIGNED_IN,
    "record_page.finish": Access.SIGNED_IN,
    "record_page.mark": Access.SIGNED_IN,
    "record_page.delete": Access.SIGNED_IN,
    "record_form.open_new": Access.SIGNED_IN,
    "record_form.open_edit": Access.SIGNED_IN,
    "record_form.reconsider": Access.SIGNED_IN,
    "record_form.suggest": Access.SIGNED_IN,
    "record_form.create": Access.SIGNED_IN,
    "record_form.save": Access.SIGNED_IN,
    "record_form.resolve": Access.SIGNED_IN,
    "objects_page.open": Access.SIGNED_IN,
    "objects_page.create": Access.SIGNED_IN,
    "builder.open": Access.SIGNED_IN,
    "builder.undo": Access.SIGNED_IN,
    "builder.redo": Access.SIGNED_IN,
    "builder.discard": Access.SIGNED_IN,
    "fields_tab.choose": Access.SIGNED_IN,
    "fields_tab.open_palette": Access.SIGNED_IN,
    "fields_tab.choose_type": Access.SIGNED_IN,
    "fields_tab.close": Access.SIGNED_IN,
    "fields_tab.create": Access.SIGNED_IN,
    "fields_tab.save": Access.SIGNED_IN,
    "fields_tab.move": Access.SIGNED_IN,
    "fields_tab.remove": Access.SIGNED_IN,
    "fields_tab.restore": Access.SIGNED_IN,
    "parts_tab.choose": Access.SIGNED_IN,
    "parts_tab.move": Access.SIGNED_IN,
    "parts_tab.save": Access.SIGNED_IN,
    "parts_tab.act": Access.SIGNED_IN,
    "parts_tab.add_stage": Access.SIGNED_IN,
    "json_tab.save": Access.SIGNED_IN,
    "publish_tab.publish": Access.SIGNED_IN,
    "publish_tab.rebase": Access.SIGNED_IN,
    "indexes_page.open": Access.SIGNED_IN,
    "published.reload": Access.SIGNED_IN,
}
