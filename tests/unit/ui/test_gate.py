from typing import Any

import pytest

from crm_app.kernel.ids import new_id
from crm_app.services.log_in import log_out
from crm_app.ui.gate import UnclassifiedHandler, registered_handlers, require_classified, short_name
from crm_app.ui.handlers import HANDLERS, Access
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.shell_state import Shell
from tests.unit.ui.conftest import Crm, Send

_ROOT = "reflex___state____state"


def test_every_registered_handler_is_in_the_table_once() -> None:
    names = [short_name(name) for name in registered_handlers() if not name.endswith(".setvar")]
    assert sorted(names) == sorted(HANDLERS)


def test_the_server_refuses_to_start_with_an_unclassified_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(HANDLERS, "list_page.open")
    with pytest.raises(UnclassifiedHandler, match=r"list_page\.open is not in the table"):
        require_classified()


def test_only_the_pages_before_the_door_and_the_framework_are_public() -> None:
    public = {name for name, access in HANDLERS.items() if access is Access.PUBLIC}
    assert {name.split(".")[0] for name in public} == {
        "state",
        "on_load_internal_state",
        "update_vars_internal_state",
        "login_page",
        "welcome_page",
        "first_page",
        "code_page",
        "set_up_page",
    }


async def test_an_anonymous_token_gets_nothing_from_any_handler(crm: Crm, send: Send) -> None:
    """Each handler is fired by a tab of its own."""
    crm.create("company", name="Secret Works")
    for name in registered_handlers():
        if not name.endswith("hydrate"):
            found = await send(name, "/o/company", who="", token=str(new_id()), **_arguments(name))
            assert "Secret Works" not in str(found), name
            assert "Ada Admin" not in str(found), name
            assert not found.get("list_page", {}).get("lines"), name
            assert not found.get("shell", {}).get("navigation"), name


def _arguments(name: str) -> dict[str, Any]:
    given: dict[str, dict[str, Any]] = {
        "search": {"text": "Secret"},
        "suggest": {"text": "Secret"},
        "create": {"form": {"name": "Made by nobody"}},
        "note": {"text": "x", "kind": "good"},
        "focus_on": {"element": "x"},
        "move": {"record": "x", "stage": "won", "version": 1},
        "show_more": {"stage": "won"},
        "choose_field": {"field": "name"},
        "add": {"form": {}},
        "mark": {"record": "x"} | ({} if "home_page" in name else {"is_done": True}) | _marked_object(name),
        "save": {"form": {}},
        "resolve": {"keep": {}},
        "set_is_hydrated": {"value": True},
        "update_vars_internal": {"vars": {}},
        "setvar": {"var_name": "person", "value": "Ada Admin"},
    }
    return given.get(name.rsplit(".", maxsplit=1)[-1], {})


def _marked_object(name: str) -> dict[str, str]:
    return {} if "list_page" in name else {"object_name": "task"}


async def test_an_anonymous_create_creates_nothing(send: Send) -> None:
    await send(RecordForm.create, "/o/company/new", who="", form={"has::name": "1", "name": "Made by nobody"})
    found = await send(ListPage.open, "/o/company")
    assert found["list_page"]["lines"] == []


async def test_a_made_up_cookie_is_nobody(crm: Crm, send: Send) -> None:
    crm.secrets["nobody"] = "guessed"
    assert "list_page" not in await send(ListPage.open, "/o/company", who="nobody", token="t")


async def test_a_session_that_was_ended_is_refused_at_the_next_event(crm: Crm, send: Send) -> None:
    assert "list_page" in await send(ListPage.open, "/o/company", who="rita")
    log_out(crm.workspace, crm.secrets["rita"])
    found = await send(ListPage.open, "/o/company", who="rita")
    assert not found.get("list_page", {}).get("lines")
    assert "Rita" not in str(found)


async def test_another_persons_token_shows_nothing_of_theirs(crm: Crm, send: Send) -> None:
    crm.create("deal", owner="rita", name="Rita's deal")
    await send(ListPage.open, "/o/deal", who="rita", token="shared")
    found = await send(Shell.search, "/o/deal", who="ravi", token="shared", text="zzz")
    assert "Rita" not in str(found)
    assert found["list_page"]["lines"] == []


async def test_setvar_is_never_let_through(send: Send) -> None:
    name = next(name for name in registered_handlers() if name.endswith("shell.setvar"))
    await send(name, "/", var_name="person", value="Mallory")
    found = await send(Shell.search, "/", text="")
    assert "Mallory" not in str(found)
