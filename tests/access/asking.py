"""Everything that one person can ask, and what is said, as bytes."""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
import orjson
from starlette.applications import Starlette
from starlette.routing import Mount

from crm_app.api.app import create_api
from crm_app.automation.messages import Block
from crm_app.kernel.actor import AutomationActor, UserActor
from crm_app.kernel.errors import TrellisError
from crm_app.kernel.events import RecordRef
from crm_app.kernel.ids import new_id
from crm_app.rules.errors import RuleError
from crm_app.services.api_keys import KeyWish, create_key
from crm_app.services.bulk_edit import Chosen, edit_records
from crm_app.services.exports import CsvExport, csv_stream
from crm_app.services.field_history import field_history
from crm_app.services.linking import link_here, unlink_here
from crm_app.services.lists import aggregate_records, count_records, list_records, search_names
from crm_app.services.record_query import RecordQuery, Sort
from crm_app.services.records import create_record, delete_record, get_record, update_record
from crm_app.services.sessions import Visitor, open_session
from crm_app.services.shares import share_record
from crm_app.services.timeline import related_records, timeline
from crm_app.services.trash import deleted_records
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.services.why import why_not
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.link_state import LinkDialog
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.records.past_part import FieldPast
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.shell_state import Shell
from tests.access.automating import performed, told_to
from tests.access.facts import Person, Record
from tests.access.worlds import OBJECTS
from tests.builders import Crm
from tests.events import Fire
from tests.integration.api_client import InProcess

SORTS = {"company": ("total", "city"), "deal": ("size", "double", "company"), "note": ("deal", "name")}
RULES = {
    "company": ("any(deal_company where size > 5)", "count(deal_company) > 1", "total > 5"),
    "deal": ("company.city = 'Oslo'", "size > 5", "any(note_deal)", "secret is empty", "company is empty"),
    "note": ("deal.size > 5", "deal is empty", "deal.company.city = 'Oslo'"),
}


PAGES = 2
_AGES = re.compile(r"'(?:age|age_title|spent)': '[^']*'")  # they grow while we ask
_NO_COMPANY = RecordRef("company", UUID(int=0))


class Asker:
    """Asks as one person on every surface, and keeps each answer as bytes."""

    def __init__(self, crm: Crm, fire: Fire, me: Person, some: list[Record], blocks: dict[str, Block]) -> None:
        self._crm, self._fire, self._me, self._some, self._blocks = crm, fire, me, some, blocks
        self._version = crm.vouch("teller")
        with crm.work() as work:
            key = create_key(work, f"{me.id}@example.com", KeyWish()).key
            self._secret = open_session(work.connection, me.id, Visitor(), "password")
        app = Starlette(routes=[Mount("/api", create_api(lambda: crm.workspace))])
        headers = {"authorization": f"Bearer {key}"}
        self._client = httpx.Client(transport=InProcess(app), base_url="http://trellis", headers=headers)

    async def everything(self) -> dict[str, bytes]:
        """In a thread, because the program beside it has a loop of its own."""
        return {**await asyncio.to_thread(self._services), **await self._pages()}

    def _services(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        with self._crm.workspace.reading(UserActor(self._me.id)) as work:
            for name in OBJECTS:
                for key, ask in self._questions(work, name).items():
                    found[f"{name}: {key}"] = _said(ask)
        for record in self._some:
            ref = RecordRef(record.object, record.id)
            for key, act in self._acts(ref).items():
                found[f"{record.values['owner']} {ref} {key}"] = self._undone(act)
            if record.object == "deal":
                for key, act in self._steps(record).items():
                    actor = AutomationActor("teller", new_id(), self._me.id, 0, self._version)
                    found[f"{record.values['owner']} {ref} automation {key}"] = self._undone(act, actor)
        return {**found, **self._as_program()}

    def _as_program(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for name in OBJECTS:
            asked = CsvExport(RecordQuery(name, sort=(Sort("created_at"),), fields=("name",)))
            found[f"{name}: export"] = _said(
                lambda asked=asked: b"".join(csv_stream(self._crm.workspace, UserActor(self._me.id), lambda _w: asked))
            )
            for path in ("", "/count", "/aggregate?group_by=owner", "/deleted", "?expand=owner&limit=100"):
                found[f"{name}: GET {path}"] = self._client.get(f"/api/v1/objects/{name}/records{path}").content
        for path in ("search?q=1", "objects", "notifications", "inbox", "users"):
            found[f"GET {path}"] = self._client.get(f"/api/v1/{path}").content
        return found

    async def _pages(self) -> dict[str, bytes]:
        """In a tab of its own, because a page is sent what is new in it."""
        found: dict[str, bytes] = {}
        token = str(new_id())
        asked: list[tuple[Any, str, dict[str, Any]]] = [(BoardPage.open, "/o/deal/board", {})]
        for name in OBJECTS:
            asked += [(ListPage.open, f"/o/{name}", {}), (Shell.search, f"/o/{name}", {"text": name[:3]})]
        for record in self._some[:PAGES]:
            path = f"/o/{record.object}/{record.id}"
            asked += [
                (RecordPage.open, path, {}),
                (RecordPage.weigh, path, {}),
                (FieldPast.ask, path, {"field": "name"}),
            ]
            asked += [(LinkDialog.ask, path, {"name": "deal_partners"}), (LinkDialog.suggest, path, {"text": ""})]
            asked += [(RecordForm.open_edit, f"{path}/edit", {})]
        for handler, path, payload in asked:
            try:
                told = await self._fire(handler, path, self._secret, token, **payload)
                said = repr([(state, sorted(told[state].items())) for state in sorted(told)])
            except TrellisError as refusal:
                said = str(refusal)
            found[f"page {path} {handler.fn.__qualname__}"] = _AGES.sub("", said).encode()
        return found

    def _questions(self, work: UnitOfWork, name: str) -> dict[str, Callable[[], Any]]:
        query = RecordQuery(name, sort=(Sort("created_at"),), limit=100)
        found: dict[str, Callable[[], Any]] = {
            "list": lambda: list_records(work, query),
            "count": lambda: count_records(work, query),
            "search": lambda: search_names(work, name, "", 50),
            "changed": lambda: search_names(work, name, "chang", 50),
            "trash": lambda: deleted_records(work, name),
        }
        for field in SORTS[name]:
            found[f"sort {field}"] = lambda field=field: list_records(work, RecordQuery(name, sort=(Sort(field),)))
            found[f"group {field}"] = lambda field=field: aggregate_records(work, query, field)
        for rule in RULES[name]:
            found[f"rule {rule}"] = lambda rule=rule: list_records(work, RecordQuery(name, rule=rule))
        for record in (each for each in self._some if each.object == name):
            ref = RecordRef(name, record.id)
            found[f"get {record.id}"] = lambda ref=ref: get_record(work, ref)
            found[f"timeline {record.id}"] = lambda ref=ref: timeline(work, ref)
            for field in ("name", "company", "size"):
                found[f"past {field} {record.id}"] = lambda ref=ref, field=field: field_history(work, ref, field)
            found[f"related {record.id}"] = lambda ref=ref: (get_record(work, ref), related_records(work, ref))[1]
            for action in ("edit", "delete") if record in self._some[:PAGES] else ():
                found[f"why {action} {record.id}"] = lambda ref=ref, action=action: why_not(work, ref, action)
        return found

    def _acts(self, ref: RecordRef) -> dict[str, Callable[[UnitOfWork], Any]]:
        """Which are undone; a refusal must not tell either."""
        return {
            "edit": lambda work: _plain(update_record(work, ref, {"name": "Changed"}).values),
            "delete": lambda work: delete_record(work, ref),
            "bulk": lambda work: edit_records(work, ref.object, [Chosen(ref.id)], {"name": "Many"}),
            "share": lambda work: share_record(work, ref, "role", "r0").level,
            "move": lambda work: _plain(update_record(work, ref, {"stage": "won"}).values),
            "link": lambda work: link_here(work, self._company(), "deal_partners", ref.id).version,
            "unlink": lambda work: unlink_here(work, self._company(), "deal_partners", ref.id).version,
            "point at it": lambda work: _plain(create_record(work, *pointing(ref)).values),
        }

    def _company(self) -> RecordRef:
        return next((RecordRef("company", each.id) for each in self._some if each.object == "company"), _NO_COMPANY)

    def _steps(self, deal: Record) -> dict[str, Callable[[UnitOfWork], Any]]:
        me, blocks = self._me, self._blocks
        found: dict[str, Callable[[UnitOfWork], Any]] = {
            name: lambda work, name=name: performed(work, blocks[name], me, deal) for name in ("sum", "find")
        }
        return {**found, "tell": lambda work: told_to(work, blocks["tell"], me, deal)}

    def _undone(self, act: Callable[[UnitOfWork], Any], actor: AutomationActor | None = None) -> bytes:
        found = b""
        with suppress(_Undo), self._crm.workspace.work(actor or UserActor(self._me.id)) as work:
            found = _said(lambda: act(work))
            raise _Undo
        return found


class _Undo(Exception):
    pass


def pointing(ref: RecordRef) -> tuple[str, dict[str, Any]]:
    relation = {"company": ("deal", "company"), "deal": ("note", "deal"), "note": ("note", "deal")}
    name, field = relation[ref.object]
    return name, {"name": "New", field: str(ref.id)}


def _plain(values: Any) -> dict[str, Any]:
    """Without what differs between any two moments."""
    return {key: value for key, value in values.items() if key not in ("created_at", "updated_at", "stage_since")}


def _said(ask: Callable[[], Any]) -> bytes:
    try:
        answer = ask()
    except (TrellisError, RuleError) as error:
        return f"{type(error).__name__}: {error}".encode()
    return answer if isinstance(answer, bytes) else orjson.dumps(repr(answer))
