"""What the events of pages show and do: the handlers that a browser calls, with a session's cookie and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from crm_app.kernel.errors import TrellisError
from crm_app.kernel.ids import new_id
from crm_app.services.records import get_record
from crm_app.services.sessions import Visitor, open_session
from crm_app.ui.address import record_path
from crm_app.ui.door import DOOR
from crm_app.ui.records.access_state import AccessDialog
from crm_app.ui.records.board_state import BoardPage
from crm_app.ui.records.form_state import RecordForm
from crm_app.ui.records.link_state import LinkDialog
from crm_app.ui.records.list_state import ListPage
from crm_app.ui.records.past_part import FieldPast
from crm_app.ui.records.record_state import RecordPage
from crm_app.ui.records.share_state import ShareDialog
from crm_app.ui.shell_state import Shell
from tests.access.decisions import Both, Decision, ref_of
from tests.access.facts import Person, Record, Values
from tests.access.reference import MASKED
from tests.access.worlds import OBJECTS, STAGES
from tests.events import Delta, Fire, firing


@dataclass
class Tab:
    """One tab of one person's browser."""

    fire: Fire
    secret: str
    token: str

    async def send(self, handler: Any, path: str, **payload: Any) -> Delta:
        """A refusal that the handler leaves to the application becomes a notice."""
        try:
            return await self.fire(handler, path, self.secret, self.token, **payload)
        except TrellisError as refusal:
            return {"notice": {"text": str(refusal)}}


class Screens(Both):
    """Everything that comes to the browser is searched for what this person must not be told."""

    async def decisions(self) -> AsyncIterator[Decision]:
        DOOR.connect(lambda: self.crm.workspace)
        async with firing() as fire:
            for me in self.model.world.people.values():
                with self.crm.work() as work:
                    secret = open_session(work.connection, me.id, Visitor(), "password")
                tab = Tab(fire, secret, str(new_id()))
                for found in (self._lists(tab, me), self._records(tab, me), self._writes(tab, me)):
                    async for each in found:
                        yield each

    async def _lists(self, tab: Tab, me: Person) -> AsyncIterator[Decision]:
        for name in OBJECTS:
            page = await tab.send(ListPage.open, f"/o/{name}")
            shown = {line["name"] for line in page.get("list_page", {}).get("lines", ())}
            for record in self.model.world.of(name):
                called, is_seen = record.values["name"], self.model.can(me, "read", record)
                yield Decision("page of a list", me, called, is_seen, called in shown)
            yield self._tells_nothing(me, f"list of {name}", page)
            found = (await tab.send(Shell.search, f"/o/{name}", text=name)).get("shell", {}).get("found", ())
            named = [record.values["name"] for record in self.model.seen(me, name)]
            yield Decision("search on a page", me, name, 0, len({each["label"] for each in found} - set(named)))
        page = await tab.send(BoardPage.open, "/o/deal/board")
        cards = {card["title"] for each in page.get("board_page", {}).get("columns", ()) for card in each["cards"]}
        is_open = self.model.level(me, "deal", "stage") > MASKED
        for deal in self.model.world.of("deal"):
            expected = is_open and deal.values["stage"] is not None and self.model.can(me, "read", deal)
            yield Decision("page of a board", me, deal.values["name"], expected, deal.values["name"] in cards)
        yield self._tells_nothing(me, "board", page)

    async def _records(self, tab: Tab, me: Person) -> AsyncIterator[Decision]:
        for record in self.rng.sample(list(self.model.world.records.values()), 6):
            called, path = record.values["name"], record_path(record.object, record.id)
            is_seen = self.model.can(me, "read", record)
            page = await tab.send(RecordPage.open, path)
            title = page.get("record_page", {}).get("head", {}).get("title", "")
            yield Decision("page of a record", me, called, called if is_seen else "", title)
            if record.object == "deal" and record.values["secret"]:
                is_told = is_seen and self.model.level(me, "deal", "secret") > MASKED
                yield Decision("field on a page", me, called, is_told, record.values["secret"] in str(page))
            yield self._tells_nothing(me, called, page)
            asked: list[tuple[Any, str, Values]] = [
                (AccessDialog.ask, path, {}),
                (ShareDialog.ask, path, {}),
                (ShareDialog.suggest, path, {"text": "P"}),
                (RecordPage.weigh, path, {}),
                (LinkDialog.ask, path, {"name": "deal_partners"}),
                (LinkDialog.suggest, path, {"text": "deal"}),
                (RecordForm.open_edit, f"{path}/edit", {}),
                (RecordForm.suggest, f"{path}/edit", {"field": "company", "text": ""}),
                (FieldPast.ask, path, {"field": self.rng.choice(["size", "company", "secret", "name"])}),
            ]
            for handler, at, payload in asked:
                yield self._tells_nothing(me, f"{handler} of {called}", await tab.send(handler, at, **payload))

    def _tells_nothing(self, me: Person, what: str, page: Delta) -> Decision:
        """Neither the name of what this person can't see, nor what is in a field that is closed to them."""
        told, model = str(page), self.model
        is_closed = model.level(me, "deal", "secret") <= MASKED
        names = {r.values["name"] for r in model.world.records.values() if not model.can(me, "read", r)}
        for deal in model.world.of("deal"):
            if deal.values["secret"] and (is_closed or not model.can(me, "read", deal)):
                names.add(deal.values["secret"])
        return Decision("untold", me, what, set(), {name for name in names if name in told})

    async def _writes(self, tab: Tab, me: Person) -> AsyncIterator[Decision]:
        """Which last, so the model's world goes along."""
        for _ in range(2):
            deal, stage = self.rng.choice(list(self.model.world.of("deal"))), self.rng.choice(STAGES)
            await tab.send(BoardPage.open, "/o/deal/board")
            payload = {"record": str(deal.id), "stage": stage, "version": self._kept(deal)[0]}
            await tab.send(BoardPage.move, "/o/deal/board", **payload)
            yield self._followed("move on a board", me, deal, {"stage": stage})
            deal = self.rng.choice(list(self.model.world.of("deal")))
            path, form = f"{record_path('deal', deal.id)}/edit", {"has::size": "1", "size": "12"}
            await tab.send(RecordForm.open_edit, path)
            await tab.send(RecordForm.save, path, form=form)
            yield self._followed("form", me, deal, {"size": 12})

    def _followed(self, surface: str, me: Person, deal: Record, changes: Values) -> Decision:
        (name,) = changes
        is_done = self.model.has(me, "read", "deal") and self.model.change(me, deal, changes) == "done"
        expected = {**deal.values, **changes}[name] if is_done else deal.values[name]
        found = self._kept(deal)[1][name]
        self.model.world.records[deal.id] = replace(deal, values={**deal.values, name: found})
        return Decision(surface, me, f"{deal.values['name']} {changes}", expected, found)

    def _kept(self, deal: Record) -> tuple[int, Any]:
        with self.crm.work() as work:
            found = get_record(work, ref_of(deal))
        return found.version, found.values
