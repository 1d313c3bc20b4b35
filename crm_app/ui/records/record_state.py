from typing import Any

import reflex as rx

from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import records
from crm_app.services.records import consequences_of
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, list_path, path_parts
from crm_app.ui.door import enter
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
from crm_app.ui.refusals import attempt, sentence
from crm_app.ui.shell_state import complaint, focus, notice, set_title, visit

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

    delete_detail: str = DELETED_DETAIL
    is_kept: bool = False

    _version: int = 0
    _pipeline: str = ""

    @rx.event
    async def open(self) -> None:
        parts = path_parts(self.router.url.path)
        data = await visit(self, lambda work: record_data(work, require_ref(parts)))
        if data:
            self._show(data)
            self.shown_at = here(self.router.url)
            await set_title(self, data.head["title"])

    @rx.event
    async def move(self, stage: str) -> Any:
        """To another stage, unless somebody saved the record since it was shown here."""
        parts = path_parts(self.router.url.path)
        ref = require_ref(parts)
        wish = Wish.of(ref.object, ref.id, self._pipeline, stage, self._version)
        answer: Any = None
        try:
            await enter(self, lambda work: moved(work, wish))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            dialog = await self.get_state(MoveDialog)
            is_asked = await dialog._ask(wish, refusal)  # noqa: SLF001 - the page's own dialog
            answer = None if is_asked else complaint(sentence(refusal))
        self._show(await enter(self, lambda work: record_data(work, ref)))
        return answer

    @rx.event
    async def finish(self, form: dict[str, Any]) -> Any:
        """The move, with what its dialog asked for."""
        ref = require_ref(path_parts(self.router.url.path))
        dialog = await self.get_state(MoveDialog)
        said, answer = await dialog._finish(form)  # noqa: SLF001 - likewise
        if not dialog.is_open:
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
        self._show(await enter(self, lambda work: record_data(work, ref)))
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
        self.delete_detail, self.is_kept = DELETED_DETAIL, False
        self._version, self._pipeline = data.version, data.path.pipeline
