"""One object of the draft as the builder shows it: the head, what is wrong, and the content of the tab that is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict

from crm_app.automation.checks import check as automations_fit
from crm_app.definitions.check import Check
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import NotFound, Problem
from crm_app.services import drafts
from crm_app.services.drafts import Draft
from crm_app.services.field_infos import FieldInfos, object_with_results
from crm_app.services.place_words import place_words
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.address import list_path
from crm_app.ui.builder.addresses import TABS, TabName, builder_path
from crm_app.ui.builder.type_icons import type_icon
from crm_app.ui.elements import icon_name

MORE_CHECKS: tuple[Check, ...] = (automations_fit,)


class Head(TypedDict):
    """`undo` and `redo` say what they would take back or do again."""

    name: str
    label: str
    icon: str
    css: str
    state: str
    list_href: str
    undo: str
    redo: str
    changes: int


class BuilderTab(TypedDict):
    name: str
    label: str
    href: str
    is_current: bool
    mark: str


class Thing(TypedDict):
    """Something that is put in order."""

    id: str
    label: str
    note: str
    icon: str
    problem: str
    badges: list[str]
    faded: bool


class ThingGroup(TypedDict):
    """`empty` is said where nothing is; a `choosable` group has settings of its own."""

    id: str
    label: str
    note: str
    items: list[Thing]
    empty: str
    choosable: bool


class Order(TypedDict):
    """A group with the ids of its things: which is what a move changes."""

    id: str
    label: str
    note: str
    items: list[str]
    empty: str
    choosable: bool


class ProblemLine(TypedDict):
    """`place` is what people call what stands at the path."""

    place: str
    path: str
    message: str


NO_HEAD = Head(name="", label="", icon="box", css="", state="", list_href="", undo="", redo="", changes=0)


@dataclass(frozen=True)
class View:
    """What a person is looking at: the tab, and what is chosen in it. `turn` grows when inputs must be filled anew;
    `stored` is where the object is kept whatever it is called, once that is known; `over` are the related records that
    a rollup, not kept yet, is to sum up.
    """

    name: str
    tab: TabName
    mode: str
    chosen: str
    turn: int
    stored: str = ""
    over: str = ""


@dataclass(frozen=True)
class Scene:
    """What every tab is made from. `definition` is without archived fields and knows what computed ones give."""

    work: UnitOfWork
    draft: Draft
    package: Package
    definition: ObjectDefinition
    archived: Sequence[FieldDefinition]
    problems: Sequence[Problem]

    @property
    def key(self) -> str:
        return f"objects/{self.definition.name}"

    @cached_property
    def live(self) -> ObjectDefinition | None:
        """The object as it is live, also when it is called otherwise there."""
        return _stored_at(self.work.catalog, self.definition.stored)

    def live_field(self, field: FieldDefinition) -> FieldDefinition | None:
        """The field as it is live, also when it is called otherwise there."""
        if self.live is None:
            return None
        return self.live.all_fields.get(field.name) or next(
            (each for each in self.live.fields if field.column and each.stored == field.column), None
        )

    def problem_at(self, *places: str) -> str:
        """The first thing that is wrong at a place below the object, such as `fields/amount`."""
        for place in places:
            path = f"{self.key}/{place}"
            for problem in self.problems:
                if problem.path == path or problem.path.startswith(f"{path}/"):
                    return problem.message
        return ""


@dataclass(frozen=True)
class BuilderData:
    stored: str
    head: Head
    tabs: list[BuilderTab]
    problems: list[ProblemLine] = field(default_factory=list[ProblemLine])


def _stored_at(package: Package, stored: str) -> ObjectDefinition | None:
    return next((each for each in package.objects if each.stored == stored), None)


def scene_of(work: UnitOfWork, draft: Draft, name: str, stored: str = "") -> Scene:
    """The object of that name; where none is, the one that is kept at `stored`."""
    package = drafts.drafted(work, draft)
    found = next((each for each in package.objects if each.name == name), None) or _stored_at(package, stored)
    if found is None:
        raise NotFound(f"There is no object '{name[:50]}' to set up.")
    archived = [each for each in found.fields if each.archived]
    definition = found.live
    if definition.computed_fields:
        around = package if found.archived else package.live
        definition = object_with_results(definition, around, FieldInfos(around))
    return Scene(work, draft, package, definition, archived, drafts.problems(work, draft, MORE_CHECKS))


def builder_data(scene: Scene, tab: TabName) -> BuilderData:
    definition, draft = scene.definition, scene.draft
    state = "New" if scene.live is None else "Changed" if scene.key in draft.edited else ""
    if definition.archived:
        state = "Archived"
    head = Head(
        name=definition.name,
        label=definition.plural,
        icon=icon_name(definition.icon),
        css=f"object-mark badge-{definition.color}",
        state=state,
        list_href=list_path(scene.live.name) if scene.live else "",
        undo=draft.undo,
        redo=draft.redo,
        changes=len(draft.edited),
    )
    tabs = [
        BuilderTab(
            name=name,
            label=label,
            href=builder_path(definition.name, name),
            is_current=name == tab,
            mark=_mark(name, scene),
        )
        for name, label in TABS
    ]
    return BuilderData(definition.stored, head, tabs, problem_lines(scene.package, scene.problems))


def problem_lines(package: Package, problems: Iterable[Problem]) -> list[ProblemLine]:
    return [ProblemLine(place=place_words(package, p.path), path=p.path, message=p.message) for p in problems]


def _mark(tab: str, scene: Scene) -> str:
    if tab == "fields":
        return str(len(scene.definition.fields))
    if tab == "publish" and scene.draft.edited:
        return "!" if scene.problems else str(len(scene.draft.edited))
    return ""


def field_thing(scene: Scene, each: FieldDefinition, note: str = "") -> Thing:
    definition = scene.definition
    had = scene.live_field(each)
    state = "" if scene.live is None else "New" if had is None else "Changed" if had != each else ""
    said = {
        "Name": definition.name_field == each.name,
        "Required": each.required,
        "Unique": each.unique,
        "Search": each.searchable,
        "Read-only": each.read_only,
        state: bool(state),
    }
    return Thing(
        id=each.name,
        label=each.label,
        note=note or each.field_type.label,
        icon=type_icon(each.type),
        problem=scene.problem_at(f"fields/{each.name}"),
        badges=[word for word, holds in said.items() if holds],
        faded=False,
    )
