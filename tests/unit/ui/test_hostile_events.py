"""Every handler, called with what no page of ours would send, by everybody who can reach the socket."""

import inspect
from contextlib import suppress
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

from crm_app.kernel.actor import SystemActor
from crm_app.kernel.errors import TrellisError
from crm_app.services.role_people import give_role
from crm_app.storage.engine import opened_to_records
from crm_app.ui.gate import registered_handlers, short_name
from crm_app.ui.handlers import HANDLERS, Access
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.settings.special_access_page import SpecialAccessPage
from tests.unit.ui.conftest import Crm, Send

_HOSTILE: tuple[Any, ...] = (
    None,
    7,
    -1,
    True,
    1e400,
    "",
    "\x00",
    "\ud800",
    "../../etc/passwd",
    "'; DROP TABLE crm.draft; --",
    "<svg onload=alert(1)>",
    "x" * 100_000,
    "[" * 50_000,
    [],
    [[[]]],
    {},
    {"$ne": 1},
    {"name": {"a": 1}, "label": ["x"], "json": {"x": 1}, "has::name": [], "config/options": {}},
    {"name": None, "label": None, "json": None, "has::name": None},
)
_PATHS = {
    "objects_page": "/settings/objects",
    "builder": "/settings/objects/task",
    "fields_tab": "/settings/objects/task",
    "parts_tab": "/settings/objects/task?tab=pipelines",
    "json_tab": "/settings/objects/task?tab=json",
    "rule_desk": "/settings/objects/task",
    "publish_tab": "/settings/objects/task?tab=publish",
    "record_form": "/o/task/new",
    "board_page": "/o/deal/board",
}
_SIGNED_IN = [
    name
    for name in registered_handlers()
    if HANDLERS.get(short_name(name)) is Access.SIGNED_IN and "frontend_event" not in name
]


def arguments(name: str) -> list[str]:
    found = RegistrationContext.ensure_context().event_handlers[name]
    return list(inspect.signature(found.handler.fn).parameters)[1:]


def kept(crm: Crm) -> list[Any]:
    tables = ("crm.draft", "crm.draft_step", "crm.definition", "crm.audit", "crm.outbox", "data.deal", "data.task")
    tables += ("crm.app_user", "crm.user_role", "crm.api_key", "crm.account_link", "crm.sign_in", "crm.connection")
    hashed = "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t"
    with opened_to_records(crm.workspace.engine.connect()) as connection:
        return [connection.exec_driver_sql(hashed.format(table)).scalar_one() for table in tables]


@pytest.mark.parametrize("who", ["rita", ""])
async def test_nothing_hostile_changes_anything_or_ends_in_a_bug(crm: Crm, send: Send, who: str) -> None:
    crm.create("deal", name="A deal", owner="ravi")
    before = kept(crm)
    bugs: list[str] = []
    for name in _SIGNED_IN:
        path = _PATHS.get(short_name(name).partition(".")[0], "/o/deal")
        for value in _HOSTILE:
            try:
                await send(name, path, who=who, **dict.fromkeys(arguments(name), value))
            except TrellisError:
                pass
            except Exception as bug:  # noqa: BLE001 - whatever it is, it is named
                bugs.append(f"{short_name(name)} {str(value)[:30]!r}: {bug!r}"[:200])
            if not arguments(name):
                break
    assert not bugs, "\n".join(bugs)
    assert kept(crm) == before


async def test_who_looks_as_somebody_changes_nothing_by_any_handler(crm: Crm, send: Send) -> None:
    """Not even what both may do: an administrator who looks as another one."""
    deal = crm.create("deal", name="A deal", owner="ravi")
    with crm.workspace.work(SystemActor("test")) as work:
        give_role(work, "admin", crm.people["rita"])
    form = {"user": str(crm.people["rita"]), "reason": "Why", "minutes": "5"}
    await send(SpecialAccessPage.look, "/settings/special-access", form=form)
    before = kept(crm)
    names = {"name": "x", "label": "x", "email": "x@example.com", "days": "1", "heir": str(crm.people["ravi"])}
    for name in _SIGNED_IN:
        path = _PATHS.get(short_name(name).partition(".")[0], f"/o/deal/{deal.ref.id}")
        for value in (names, str(crm.people["ravi"]), str(deal.ref.id)):
            if short_name(name) != "shell.stop_mode":
                with suppress(TrellisError):
                    await send(name, path, **dict.fromkeys(arguments(name), value))
    shown = await send(ListPage.open, "/o/deal", token="another tab")
    assert shown["shell"]["mode"]["text"].startswith("You are looking as Rita Rep")
    assert kept(crm) == before
