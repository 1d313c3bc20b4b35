from collections.abc import Callable
from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import records
from crm_app.services.records import consequences_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, list_path, path_parts
from crm_app.ui.door import enter
from crm_app.ui.inbox.question_data import answer_with, hand_on_with
from crm_app.ui.records.access_state import AccessDialog, asked_why
from crm_app.ui.records.asked_data import NOTHING_ASKED, AskedShown
from crm_app.ui.records.done import set_done
from crm_app.ui.records.link_data import list_id, taken_out
from crm_app.ui.records.link_state import LinkDialog
from crm_app.ui.records.move_data import Wish, moved
from crm_app.ui.records.move_state import MoveDialog
from crm_app.ui.records.record_data import (
    Item,
    RecordData,
    RecordHead,
    TabLabel,
    TabShown,
    record_data,
    require_ref,
)
from crm_app.ui.records.related_data import NewActivity
from crm_app.ui.records.stage_data import StageShown
from crm_app.ui.records.start_part import StartChoice, started
from crm_app.ui.records.timeline_data import Entry
from crm_app.ui.refusals import attempt, refused, sentence
from crm_app.ui.shell_state import focus, notice, recount, set_title, visit

_ask_why: Any = AccessDialog.ask
_LOOKS = 8
DELETED_DETAIL = "It disappears from lists and boards for everybody, and can be restored from Recently deleted."
NO_HEAD = RecordHead(
    id="",
    object="",
    title="",
    label="",
    plural="",
    icon="box",
    list_href="",
    edit_href="",
    can_delete=False,
    can_share=False,
    can_move=False,
    done="",
    done_text="",
)


class RecordPage(rx.State):
    """`looks` are left after something was done here: workflows that it set off end a moment later."""

    shown_at: str = ""
    head: RecordHead = NO_HEAD
    highlights: rx.Field[list[Item]] = rx.field(default_factory=list)
    stages: rx.Field[list[StageShown]] = rx.field(default_factory=list)
    tabs: rx.Field[list[TabShown]] = rx.field(default_factory=list)
    tab_labels: rx.Field[list[TabLabel]] = rx.field(default_factory=list)
    timeline: str = "side"
    new_activities: rx.Field[list[NewActivity]] = rx.field(default_factory=list)
    entries: rx.Field[list[Entry]] = rx.field(default_factory=list)
    startable: rx.Field[list[StartChoice]] = rx.field(default_factory=list)

    asked: AskedShown = NOTHING_ASKED

    looks: int = 0
    delete_detail: str = DELETED_DETAIL
    is_kept: bool = False

    _version: int = 0
    _pipeline: str = ""

    @rx.event
    async def open(self) -> Any:
        parts = path_parts(self.router.url.path)
        data = await visit(self, lambda work: record_data(work, require_ref(parts)))
        if data is None:
            return None
        self._show(data)
        self.looks = 0
        self.shown_at = here(self.router.url)
        await set_title(self, data.head["title"])
        return _ask_why if asked_why(self.router.url.query) else None

    @rx.event
    async def look(self) -> None:
        """Shows what workflows have made of the record since somebody did something here."""
        self.looks = max(self.looks - 1, 0)
        parts = path_parts(self.router.url.path)
        data, _ = await attempt(self, lambda work: record_data(work, require_ref(parts)))
        if data is None:
            self.looks = 0
        elif (data.version, data.entries, data.asked) != (self._version, self.entries, self.asked):
            self._show(data)
            await recount(self)

    @rx.event
    async def move(self, stage: str) -> Any:
        """To another stage, unless somebody saved the record since it was shown here."""
        parts = path_parts(self.router.url.path)
        ref = require_ref(parts)
        self.looks = _LOOKS
        wish = Wish.of(ref.object, ref.id, self._pipeline, stage, self._version)
        answer: Any = None
        try:
            await enter(self, lambda work: moved(work, wish))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            dialog = await self.get_state(MoveDialog)
            is_asked = await dialog._ask(wish, refusal)  # noqa: SLF001 - the page's own dialog
            answer = None if is_asked else refused(refusal)
        self._show(await enter(self, lambda work: record_data(work, ref)))
        return answer

    @rx.event
    async def finish(self, form: dict[str, Any]) -> Any:
        """The move, with what its dialog asked for."""
        ref = require_ref(path_parts(self.router.url.path))
        dialog = await self.get_state(MoveDialog)
        said, answer = await dialog._finish(form)  # noqa: SLF001 - likewise
        if not dialog.is_open:
            self.looks = _LOOKS
            self._show(await enter(self, lambda work: record_data(work, ref)))
        return notice(said) if said else answer

    @rx.event
    async def mark(self, object_name: str, record: str, is_done: bool) -> Any:
        """Ticks off this record, or an activity on its timeline."""
        parts = path_parts(self.router.url.path)

        def marked(work: UnitOfWork) -> tuple[str, RecordData]:
            return set_done(work, object_name, record, is_done), record_data(work, require_ref(parts))

        done, refusal = await attempt(self, marked)
        if done is None:
            return refusal
        said, data = done
        self.looks = _LOOKS
        self._show(data)
        return notice(said)

    @rx.event
    async def weigh(self) -> None:
        """What deleting would bring about, while the dialog asks."""
        ref = require_ref(path_parts(self.router.url.path))
        try:
            more = await enter(self, lambda work: consequences_of(work, ref).sentence(work))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.delete_detail, self.is_kept = sentence(refusal), True
        else:
            self.delete_detail, self.is_kept = f"{DELETED_DETAIL} {more}".strip(), False

    @rx.event
    async def link(self, form: dict[str, Any]) -> Any:
        """Puts the record that the dialog chose into the list that it was opened for."""
        ref = require_ref(path_parts(self.router.url.path))
        dialog = await self.get_state(LinkDialog)
        answer = await dialog._finish(ref, form)  # noqa: SLF001 - the page's own dialog
        if not dialog.is_open:
            self._show(await enter(self, lambda work: record_data(work, ref)))
        return answer

    @rx.event
    async def unlink(self, name: str, record: str) -> Any:
        ref = require_ref(path_parts(self.router.url.path))

        def unlinked(work: UnitOfWork) -> tuple[str, RecordData]:
            return taken_out(work, ref, name, record), record_data(work, ref)

        done, refusal = await attempt(self, unlinked)
        if done is None:
            return refusal
        said, data = done
        self._show(data)
        return [notice(said), focus(list_id(str(name)))]

    @rx.event
    async def start(self, automation: str) -> Any:
        """Starts an automation about this record, as this person."""
        ref, name = require_ref(path_parts(self.router.url.path)), str(automation)

        def begun(work: UnitOfWork) -> str:
            return started(work, ref, name)

        said, refusal = await attempt(self, begun)
        if said is None:
            return refusal
        self.looks = _LOOKS
        self._show(await enter(self, lambda work: record_data(work, ref)))
        return notice(said)

    @rx.event
    async def answer(self, form: dict[str, Any]) -> Any:
        """A question about this record."""
        given = dict(form)
        return await self._ask(lambda work: answer_with(work, given), "Answered.")

    @rx.event
    async def hand_on(self, form: dict[str, Any]) -> Any:
        given = dict(form)
        return await self._ask(lambda work: hand_on_with(work, given), "Handed on.")

    async def _ask(self, act: Callable[[UnitOfWork], None], said: str) -> Any:
        ref = require_ref(path_parts(self.router.url.path))
        data, refusal = await attempt(self, lambda work: (act(work), record_data(work, ref))[1])
        if data is None:
            return refusal
        self.looks = _LOOKS
        self._show(data)
        await recount(self)
        return notice(said)

    @rx.event
    async def delete(self) -> Any:
        parts, seen = path_parts(self.router.url.path), self._version

        def deleted(work: UnitOfWork) -> str:
            ref = require_ref(parts)
            records.delete_record(work, ref, seen)
            return list_path(ref.object)

        path, refusal = await attempt(self, deleted)
        if path is None:
            return refusal
        return [rx.redirect(path), notice(f"{self.head['label']} deleted.")]

    def _show(self, data: RecordData) -> None:
        self.head, self.highlights, self.stages = data.head, data.highlights, data.path.stages
        self.tabs, self.tab_labels, self.timeline = data.tabs, data.tab_labels, data.timeline
        self.new_activities, self.entries = data.new_activities, data.entries
        if self.startable != data.startable:
            self.startable = data.startable
        if self.asked != data.asked:
            self.asked = data.asked
        self.delete_detail, self.is_kept = DELETED_DETAIL, False
        self._version, self._pipeline = data.version, data.path.pipeline
