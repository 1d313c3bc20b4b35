"""What the builder shows of one object. The tabs' own handlers stand beside their tabs; all of them end in `_show`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import reflex as rx

from crm_app.kernel.errors import NotFound, TrellisError, Unauthenticated
from crm_app.services import drafts
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import here, path_parts
from crm_app.ui.builder.addresses import OBJECTS, TABS, TabName, builder_path
from crm_app.ui.builder.builder_data import (
    NO_HEAD,
    BuilderData,
    BuilderTab,
    Head,
    Order,
    ProblemLine,
    Thing,
    View,
    builder_data,
    scene_of,
)
from crm_app.ui.builder.fields_data import (
    NO_PANEL,
    FieldPanel,
    TypeChoice,
    type_choices,
)
from crm_app.ui.builder.inputs_data import SettingInput
from crm_app.ui.builder.part_data import NO_PART, PartPanel, Tool
from crm_app.ui.builder.preview_data import NO_PREVIEW, PreviewData
from crm_app.ui.builder.publish_data import NO_PUBLISH, PublishData
from crm_app.ui.builder.tab_data import tab_vars
from crm_app.ui.door import enter
from crm_app.ui.refusals import sentence
from crm_app.ui.shell_state import complaint, set_title, visit

_TAB_NAMES = frozenset(name for name, _ in TABS)
Step = Callable[[UnitOfWork], Draft]


@dataclass(frozen=True)
class Shown:
    """`content` is the open tab's, by var."""

    common: BuilderData
    content: Mapping[str, Any]


class Builder(rx.State):
    shown_at: str = ""
    tab: str = ""
    head: Head = NO_HEAD
    tabs: rx.Field[list[BuilderTab]] = rx.field(default_factory=list)
    problems: rx.Field[list[ProblemLine]] = rx.field(default_factory=list)
    types: rx.Field[list[TypeChoice]] = rx.field(default_factory=list)
    groups: rx.Field[list[Order]] = rx.field(default_factory=list)
    things: rx.Field[dict[str, dict[str, Any]]] = rx.field(default_factory=dict)
    archived: rx.Field[list[Thing]] = rx.field(default_factory=list)
    chosen: str = ""
    highlight: str = ""
    added: int = 0
    settled: int = 0
    panel: FieldPanel = NO_PANEL
    inputs: rx.Field[list[SettingInput]] = rx.field(default_factory=list)
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    publish: PublishData = NO_PUBLISH
    part: PartPanel = NO_PART
    parts: rx.Field[list[Tool]] = rx.field(default_factory=list)
    tools: rx.Field[list[Tool]] = rx.field(default_factory=list)
    preview: PreviewData = NO_PREVIEW
    json_text: str = ""

    _mode: str = ""
    _over: str = ""
    _turn: int = 0
    _object: str = ""
    _stored: str = ""

    @rx.event
    async def open(self) -> Any:
        return await self._visit()

    async def _visit(self) -> Any:
        """The page from anew, with what surrounds it."""
        view = self._view()
        if (self._object, self.tab) != (view.name, view.tab):
            self._mode, self.chosen, self.errors, self._stored = "", "", {}, ""
            view = self._view()
        data = await visit(self, lambda work: shown(work, drafts.read_draft(work), view))
        if data is None:
            return None
        if not self.types:
            self.types = type_choices()
        if data.common.head["name"] != view.name:
            return rx.redirect(builder_path(data.common.head["name"], view.tab))
        self._object, self.tab, self._stored = view.name, view.tab, data.common.stored
        self._show(data)
        self.shown_at = here(self.router.url)
        await set_title(self, f"{data.common.head['label']} · Objects")
        return None

    @rx.event
    async def undo(self) -> Any:
        return await self._take(drafts.undo)

    @rx.event
    async def redo(self) -> Any:
        return await self._take(drafts.redo)

    @rx.event
    async def discard(self) -> Any:
        """The whole draft, of all objects; one that was never published is gone with it."""
        name = self._view().name

        def discarded(work: UnitOfWork) -> bool:
            drafts.discard_draft(work)
            return name in work.catalog.by_name

        if not await enter(self, discarded):
            return rx.redirect("/settings/objects")
        return await self._take(drafts.read_draft)

    async def _take(self, step: Step) -> Any:
        """A step that changes what inputs hold, without anybody having typed it."""
        self._turn += 1
        self.errors = {}
        return await self._step(step)

    async def _step(self, step: Step) -> Any:
        """Does it and shows what came of it. A refusal changes nothing: it is told at its input where there is one."""
        view = self._view()
        try:
            data = await enter(self, lambda work: _after(work, step(work), view))
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.settled += 1
            return self._told(refusal)
        self.settled += 1
        if self.errors:
            self.errors = {}
        if data is None:
            return rx.redirect(OBJECTS)
        if data.common.head["name"] != view.name:
            return rx.redirect(builder_path(data.common.head["name"], view.tab))
        self._show(data)
        return None

    def _told(self, refusal: TrellisError) -> Any:
        known = {"label", "name", *(each["name"] for each in self.inputs)}
        self.errors = {p.path: p.message for p in reversed(refusal.problems) if p.path in known}
        return None if self.errors else complaint(sentence(refusal))

    async def _look(self) -> None:
        """Shows what was chosen; the draft stays."""
        await self._step(drafts.read_draft)

    def _choose(self, mode: str, chosen: str) -> None:
        self._mode, self.chosen, self.errors, self._over = mode, chosen, {}, ""

    def _view(self) -> View:
        url = self.router.url
        parts = path_parts(url.path)
        asked = dict(url.query_parameters).get("tab", "fields")
        tab = cast("TabName", asked if asked in _TAB_NAMES else "fields")
        name = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004
        return View(name, tab, self._mode, self.chosen, self._turn, self._stored, self._over)

    def _show(self, data: Shown) -> None:
        """Assigns only what differs: an unchanged var is not sent again."""
        common = {"head": data.common.head, "tabs": data.common.tabs, "problems": data.common.problems}
        for name, value in {**_nothing(), **data.content, **common}.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _nothing() -> dict[str, Any]:
    """What a tab does not give."""
    return {
        "groups": [],
        "things": {},
        "highlight": "",
        "archived": [],
        "panel": NO_PANEL,
        "inputs": [],
        "publish": NO_PUBLISH,
        "part": NO_PART,
        "parts": [],
        "tools": [],
        "preview": NO_PREVIEW,
        "json_text": "",
    }


def shown(work: UnitOfWork, draft: Draft, view: View) -> Shown:
    scene = scene_of(work, draft, view.name, view.stored)
    return Shown(builder_data(scene, view.tab), tab_vars(scene, view))


def _after(work: UnitOfWork, draft: Draft, view: View) -> Shown | None:
    """What a step leaves of the object; nothing where it took back that there is one."""
    try:
        return shown(work, draft, view)
    except NotFound:
        return None
