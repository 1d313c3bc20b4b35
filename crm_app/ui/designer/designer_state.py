"""What the designer shows of one automation. Every change is a step of the administrator's draft."""

from collections.abc import Callable
from typing import Any, cast

import reflex as rx

from crm_app.automation import drafting, tree_edits
from crm_app.automation.slots import Body
from crm_app.automation.tree_edits import Spot
from crm_app.kernel.errors import Invalid, NotFound, TrellisError, Unauthenticated
from crm_app.services import drafts
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import AUTOMATIONS, here, path_parts
from crm_app.ui.builder.builder_data import BuilderTab, ProblemLine
from crm_app.ui.designer.addresses import TABS, TabName
from crm_app.ui.designer.data_menu import Datum
from crm_app.ui.designer.designer_data import NO_HEAD, DesignerHead, Looking, Shown, nothing, shown
from crm_app.ui.designer.entrance_data import NO_ENTRANCE, Entrance
from crm_app.ui.designer.panel_data import NO_PANEL, SETTINGS, TRIGGER, StepPanel, saved
from crm_app.ui.designer.panel_inputs import PanelInput
from crm_app.ui.designer.publish_data import NO_PUBLISH, PublishReport
from crm_app.ui.designer.tree_data import Drawing, palette
from crm_app.ui.designer.versions_data import NO_VERSIONS, Versions
from crm_app.ui.door import enter
from crm_app.ui.refusals import sentence
from crm_app.ui.shell_state import complaint, set_title, visit

_TAB_NAMES = frozenset(name for name, _ in TABS)
_MOST_CHARACTERS = 200
Act = Callable[[UnitOfWork], Any]


class Designer(rx.State):
    shown_at: str = ""
    tab: str = ""
    head: DesignerHead = NO_HEAD
    tabs: rx.Field[list[BuilderTab]] = rx.field(default_factory=list)
    problems: rx.Field[list[ProblemLine]] = rx.field(default_factory=list)
    types: rx.Field[list[dict[str, str]]] = rx.field(default_factory=list)
    tree: rx.Field[dict[str, Any]] = rx.field(default_factory=dict)
    chosen: str = TRIGGER
    settled: int = 0
    can_paste: bool = False
    panel: StepPanel = NO_PANEL
    inputs: rx.Field[list[PanelInput]] = rx.field(default_factory=list)
    data: rx.Field[list[Datum]] = rx.field(default_factory=list)
    entrance: Entrance = NO_ENTRANCE
    errors: rx.Field[dict[str, str]] = rx.field(default_factory=dict)
    json_text: str = ""
    publish: PublishReport = NO_PUBLISH
    versions: Versions = NO_VERSIONS

    _turn: int = 0
    _name: str = ""
    _copied: rx.Field[list[dict[str, Any]]] = rx.field(default_factory=list)
    _before: int = 0
    _after: int = 0

    @rx.event
    async def open(self) -> Any:
        return await self._visit()

    async def _visit(self) -> Any:
        """The page from anew, with what surrounds it."""
        looking = self._looking()
        if self._name != looking.name:
            self.chosen, self._before, self._after = TRIGGER, 0, 0
        self.errors = {}
        looking = self._looking()
        data = await visit(self, lambda work: shown(work, drafts.read_draft(work), looking))
        if data is None:
            return
        if not self.types:
            self.types = palette()
        self._name, self.tab = looking.name, looking.tab
        self._show(data)
        self.shown_at = here(self.router.url)
        await set_title(self, f"{data.head['label']} · Workflows")

    @rx.event
    async def choose(self, key: str) -> Any:
        self._choose(_text(key) or TRIGGER)
        return await self._act(drafts.read_draft)

    @rx.event
    async def add(self, owner: str, place: str, index: int, type_name: str) -> Any:
        spot, kind = _spot(owner, place, index), _text(type_name)
        return await self._make(lambda work, name: drafting.add_step(work, name, kind, spot))

    @rx.event
    async def paste(self, owner: str, place: str, index: int) -> Any:
        if not self._copied:
            return None
        spot, steps = _spot(owner, place, index), list(self._copied)
        return await self._make(lambda work, name: drafting.paste_steps(work, name, steps, spot))

    @rx.event
    async def copy_step(self, key: str) -> Any:
        """Kept with the session, so that it can be pasted into another automation."""
        step, name, found = _text(key), self._looking().name, list[Body]()
        said = await self._act(lambda work: found.append(drafting.copied(work, name, step)))
        if found:
            self._copied, self.can_paste = found, True
        return said

    @rx.event
    async def move(self, key: str, owner: str, place: str, index: int) -> Any:
        step, spot = _text(key), _spot(owner, place, index)
        return await self._edit(f"Move {step}", lambda body: tree_edits.moved(body, step, spot))

    @rx.event
    async def remove(self, key: str) -> Any:
        step = _text(key)
        self._choose(TRIGGER)
        return await self._edit(f"Delete {step}", lambda body: tree_edits.removed(body, step))

    @rx.event
    async def lane(self, what: str, lot: str, at: int) -> Any:
        """Adds, moves or takes away one of the lanes of the step that is chosen."""
        step, many, number = self.chosen, _text(lot), at if isinstance(at, int) else -1
        edits: dict[str, Callable[[Body], Body]] = {
            "add": lambda body: tree_edits.with_lane(body, step, many),
            "remove": lambda body: tree_edits.without_lane(body, step, many, number),
            "earlier": lambda body: tree_edits.lane_moved(body, step, many, number, number - 1),
            "later": lambda body: tree_edits.lane_moved(body, step, many, number, number + 1),
        }
        if _text(what) not in edits:
            return None
        self._turn += 1
        return await self._edit(f"Change {step}", edits[what])

    @rx.event
    async def save(self, form: dict[str, Any], about: str = "") -> Any:
        """Every change of the panel arrives here at once. `about` is what the panel was of: another step may have been
        chosen since.
        """
        looking, given = self._looking(), dict(form)
        chosen = _text(about) or (SETTINGS if looking.tab == "settings" else self.chosen)
        renamed = str(given.get("id", chosen)).strip() or chosen

        def kept(work: UnitOfWork) -> None:
            scene = drafting.scene_of(work, drafts.read_draft(work), looking.name)
            after, wrong = saved(Drawing(scene, scene.examined()), chosen, given)
            if wrong:
                raise Invalid("Not everything could be read.", wrong)
            drafting.edit(work, looking.name, f"Change {self.panel['title']}", lambda _body: after)

        if chosen in (SETTINGS, TRIGGER) or chosen != self.chosen or renamed == chosen:
            return await self._act(kept)
        self.chosen = renamed
        said = await self._act(kept)
        if said is not None or self.errors:
            self.chosen = chosen
        return said

    @rx.event
    async def undo(self) -> Any:
        return await self._take(drafts.undo)

    @rx.event
    async def redo(self) -> Any:
        return await self._take(drafts.redo)

    @rx.event
    async def discard(self) -> Any:
        """The whole draft; an automation that was never published is gone with it."""
        return await self._take(drafts.discard_draft)

    async def _take(self, step: Callable[[UnitOfWork], Draft]) -> Any:
        """A step that changes what inputs hold, without anybody having typed it."""
        self._turn += 1
        return await self._act(step)

    async def _edit(self, label: str, edit: Callable[[Body], Body]) -> Any:
        name = self._looking().name
        return await self._act(lambda work: drafting.edit(work, name, label, edit))

    async def _make(self, make: Callable[[UnitOfWork, str], str]) -> Any:
        """A step that gives the id of another one, which is chosen then."""
        name, made = self._looking().name, list[str]()
        said = await self._act(lambda work: made.append(make(work, name)))
        if not made:
            return said
        self._choose(made[0])
        return await self._act(drafts.read_draft)

    async def _act(self, act: Act) -> Any:
        """Does it and shows what came of it. A refusal changes nothing: it is told at its input where there is one."""
        looking = self._looking()

        def acted(work: UnitOfWork) -> Shown | None:
            act(work)
            try:
                return shown(work, drafts.read_draft(work), looking)
            except NotFound:
                return None

        try:
            data = await enter(self, acted)
        except Unauthenticated:
            raise
        except TrellisError as refusal:
            self.settled += 1
            return self._told(refusal)
        self.settled += 1
        if data is None:
            return rx.redirect(AUTOMATIONS)
        if self.errors:
            self.errors = {}
        self._show(data)
        return None

    def _told(self, refusal: TrellisError) -> Any:
        known = {each["name"] for each in self.inputs}
        self.errors = {p.path: p.message for p in reversed(refusal.problems) if p.path in known}
        return None if self.errors else complaint(sentence(refusal))

    def _choose(self, key: str) -> None:
        self.chosen, self.errors = key, {}

    def _looking(self) -> Looking:
        url = self.router.url
        parts = path_parts(url.path)
        asked = dict(url.query_parameters).get("tab", "steps")
        tab = cast("TabName", asked if asked in _TAB_NAMES else "steps")
        name = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - /settings/automations/name
        return Looking(name, tab, self.chosen, self._turn, self._before, self._after)

    def _show(self, data: Shown) -> None:
        """Assigns only what differs: an unchanged var is not sent again."""
        common = {"head": data.head, "tabs": data.tabs, "problems": data.problems}
        for name, value in {**nothing(), **data.content, **common}.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _text(given: object) -> str:
    return given[:_MOST_CHARACTERS] if isinstance(given, str) else ""


def _spot(owner: object, place: object, index: object) -> Spot:
    return Spot(_text(owner), _text(place), index if isinstance(index, int) else 0)
