"""What surrounds every page: the person, the navigation, search, and why a page can't be shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar

import reflex as rx

from crm_app.kernel import clock
from crm_app.kernel.errors import TrellisError, Unauthenticated
from crm_app.services import lists, objects
from crm_app.services.in_person import is_administrator
from crm_app.services.inbox import question_count
from crm_app.services.modes import stop_mode
from crm_app.services.notifications import unread_count
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import HOME, list_path, path_parts, record_path, safe_path, why_path
from crm_app.ui.door import enter, enter_oneself
from crm_app.ui.elements import icon_name
from crm_app.ui.mode_shown import NO_MODE, ModeShown, mode_shown
from crm_app.ui.unseen import reason_unseen

_FOUND_PER_OBJECT = 5
_MAX_SEARCH = 100
PageData = TypeVar("PageData")


class NavigationItem(TypedDict):
    name: str
    label: str
    icon: str
    href: str


class Found(TypedDict):
    id: str
    label: str
    note: str
    icon: str
    href: str


class Notice(TypedDict):
    """A sentence about what just happened; `turn` makes the same sentence new again, also to a tab that was told others
    before the server forgot it.
    """

    text: str
    kind: str
    turn: int
    why: str


class Focus(TypedDict):
    id: str
    turn: int


@dataclass(frozen=True)
class Surroundings:
    name: str
    email: str
    is_admin: bool
    navigation: list[NavigationItem]
    current: str
    unread: int
    mode: ModeShown
    asked: int


def surroundings(work: UnitOfWork, current: str) -> Surroundings:
    items = [
        NavigationItem(
            name=definition.name,
            label=definition.plural,
            icon=icon_name(definition.icon),
            href=list_path(definition.name),
        )
        for definition in objects.visible_objects(work)
        if definition.in_navigation
    ]
    who, asked = work.who, question_count(work)
    return Surroundings(
        who.name, who.email, is_administrator(work), items, current, unread_count(work), mode_shown(work), asked
    )


def found_names(work: UnitOfWork, text: str) -> list[Found]:
    """Names over every object that this person sees."""
    return [
        Found(
            id=str(reference.id),
            label=reference.name,
            note=definition.label,
            icon=icon_name(definition.icon),
            href=record_path(definition.name, reference.id),
        )
        for definition in objects.visible_objects(work)
        if definition.in_navigation
        for reference in lists.search_names(work, definition.name, text, _FOUND_PER_OBJECT)
    ]


def initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _turn_after(turn: int) -> int:
    return max(turn + 1, int(clock.now().timestamp() * 1000))


class Shell(rx.State):
    person: str = ""
    email: str = ""
    initials: str = ""
    is_admin: bool = False
    unread: int = 0
    mode: ModeShown = NO_MODE
    asked: int = 0
    navigation: rx.Field[list[NavigationItem]] = rx.field(default_factory=list)
    current: str = ""
    title: str = "Trellis"
    problem: str = ""
    problem_text: str = ""
    problem_why: str = ""
    problem_reason: str = ""
    found: rx.Field[list[Found]] = rx.field(default_factory=list)
    found_for: str = ""
    notice: Notice = Notice(text="", kind="", turn=0, why="")
    focus: Focus = Focus(id="", turn=0)

    _user_id: str = ""

    @rx.event
    async def search(self, text: str) -> None:
        wanted = str(text).strip()[:_MAX_SEARCH]
        self.found = await enter(self, lambda work: found_names(work, wanted)) if wanted else []
        self.found_for = str(text)

    @rx.event
    def note(self, text: str, kind: str, why: str = "") -> None:
        """Shows a notice. Reflex's own toasts and scripts need `eval`, which our content policy forbids."""
        turn, place = _turn_after(self.notice["turn"]), safe_path(str(why)) if why else ""
        self.notice = Notice(text=str(text), kind=str(kind), turn=turn, why=place)

    @rx.event
    def focus_on(self, element: str) -> None:
        self.focus = Focus(id=str(element), turn=_turn_after(self.focus["turn"]))

    @rx.event
    async def stop_mode(self) -> Any:
        """Back to being oneself, by one's own rights."""
        await enter_oneself(self, stop_mode)
        self.mode = NO_MODE
        return rx.redirect(HOME)

    def _show(self, around: Surroundings) -> None:
        """Assigns only what differs: an unchanged var is not sent again."""
        if self.person != around.name or self.email != around.email:
            self.person, self.email, self.initials = around.name, around.email, initials(around.name)
        if self.is_admin != around.is_admin:
            self.is_admin = around.is_admin
        if self.unread != around.unread:
            self.unread = around.unread
        if self.mode != around.mode:
            self.mode = around.mode
        if self.asked != around.asked:
            self.asked = around.asked
        if self.navigation != around.navigation:
            self.navigation = around.navigation
        if self.current != around.current:
            self.current = around.current
        self._refuse("", "", "", "")

    def _refuse(self, code: str, text: str, why: str, reason: str) -> None:
        """`why` is an address, and `reason` a text where there is none: of a record that is out of sight."""
        if (self.problem, self.problem_text, self.problem_why, self.problem_reason) != (code, text, why, reason):
            self.problem, self.problem_text, self.problem_why, self.problem_reason = code, text, why, reason


def notice(text: str) -> Any:
    """For a handler to return: what was done."""
    return _note(text, "good", "")


def complaint(text: str, why: str = "") -> Any:
    """For a handler to return: why it was not done. `why` is where somebody is told what would let them."""
    return _note(text, "bad", why)


def focus(element: str) -> Any:
    """For a handler to return: where the keyboard should be."""
    return _focus_on(element)


_note: Any = Shell.note  # Reflex turns a state's methods into event handlers
_focus_on: Any = Shell.focus_on


async def visit(state: rx.State, build: Callable[[UnitOfWork], PageData]) -> PageData | None:
    """A page load: the page's data and its surroundings in one unit of work. A refusal becomes the page's content."""
    parts = path_parts(state.router.url.path)
    current = parts[1] if len(parts) > 1 else ""
    shell = await state.get_state(Shell)
    try:
        around, data = await enter(state, lambda work: (surroundings(work, current), build(work)))
    except Unauthenticated:
        raise
    except TrellisError as refusal:
        failed = refusal
        around, reason = await enter(
            state, lambda work: (surroundings(work, current), reason_unseen(work, parts, failed))
        )
        shell._show(around)  # noqa: SLF001
        shell._refuse(refusal.code, refusal.message, why_path(refusal), reason)  # noqa: SLF001
        shell.title = refusal.message
        return None
    shell._show(around)  # noqa: SLF001
    return data


async def recount(state: rx.State) -> None:
    """What the person is asked and told, while the page stays."""
    shell = await state.get_state(Shell)
    asked, unread = await enter(state, lambda work: (question_count(work), unread_count(work)))
    if shell.asked != asked:
        shell.asked = asked
    if shell.unread != unread:
        shell.unread = unread


async def set_title(state: rx.State, title: str) -> None:
    shell = await state.get_state(Shell)
    if shell.title != title:
        shell.title = title
