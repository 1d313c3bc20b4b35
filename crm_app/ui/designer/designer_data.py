"""One automation of the draft as the designer shows it: the head, the tabs, and the content of the one that is open."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from crm_app.automation.drafting import Scene, scene_of
from crm_app.kernel.errors import NotFound
from crm_app.services import drafts
from crm_app.services.drafts import Draft
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.builder_data import MORE_CHECKS, BuilderTab, ProblemLine, problem_lines
from crm_app.ui.designer.addresses import TABS, TabName, designer_path
from crm_app.ui.designer.data_menu import data_at
from crm_app.ui.designer.entrance_data import NO_ENTRANCE, entrance_of
from crm_app.ui.designer.panel_data import NO_PANEL, SETTINGS, TRIGGER, panel_of, part_of
from crm_app.ui.designer.publish_data import NO_PUBLISH, publish_data
from crm_app.ui.designer.step_desk import step_desk
from crm_app.ui.designer.tree_data import Drawing
from crm_app.ui.designer.versions_data import NO_VERSIONS, versions_data


class DesignerHead(TypedDict):
    """`undo` and `redo` say what they would take back or do again."""

    name: str
    label: str
    state: str
    is_paused: bool
    undo: str
    redo: str
    changes: int
    problems: int


NO_HEAD = DesignerHead(name="", label="", state="", is_paused=False, undo="", redo="", changes=0, problems=0)
NO_TREE: dict[str, Any] = {}


@dataclass(frozen=True)
class Looking:
    """What a person is looking at: the tab, what is chosen in it, and which versions are compared. `turn` grows when
    inputs must be filled anew.
    """

    name: str
    tab: TabName
    chosen: str
    turn: int
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Shown:
    """`content` is the open tab's, by var."""

    head: DesignerHead
    tabs: list[BuilderTab]
    problems: list[ProblemLine]
    content: Mapping[str, Any]


def nothing() -> dict[str, Any]:
    """What a tab does not give."""
    return {
        "tree": NO_TREE,
        "panel": NO_PANEL,
        "inputs": [],
        "data": [],
        "entrance": NO_ENTRANCE,
        "json_text": "",
        "publish": NO_PUBLISH,
        "versions": NO_VERSIONS,
    }


def shown(work: UnitOfWork, draft: Draft, looking: Looking) -> Shown:
    scene = scene_of(work, draft, looking.name)
    drawing = Drawing(scene, scene.examined())
    problems = drafts.problems(work, draft, MORE_CHECKS)
    own = [each for each in problems if each.path.startswith(f"{scene.key}/")]
    head = _head(scene, len(own))
    tabs = [
        BuilderTab(
            name=name,
            label=label,
            href=designer_path(looking.name, name),
            is_current=name == looking.tab,
            mark=("!" if problems else str(len(draft.edited))) if name == "publish" and draft.edited else "",
        )
        for name, label in TABS
    ]
    lines = problem_lines(scene.package, problems if looking.tab == "publish" else [])
    return Shown(head, tabs, lines, _content(drawing, looking, bool(problems)))


def _head(scene: Scene, problems: int) -> DesignerHead:
    live, draft = scene.live, scene.draft
    state = "New" if live is None else "Changed" if scene.key in draft.edited else ""
    return DesignerHead(
        name=scene.definition.name,
        label=scene.definition.label,
        state="Archived" if scene.definition.archived else state,
        is_paused=not scene.definition.is_active,
        undo=draft.undo,
        redo=draft.redo,
        changes=len(draft.edited),
        problems=problems,
    )


def _content(drawing: Drawing, looking: Looking, is_wrong: bool) -> dict[str, Any]:
    scene = drawing.scene
    match looking.tab:
        case "settings":
            panel, inputs = panel_of(drawing, SETTINGS, looking.turn)
            return {"panel": panel, "inputs": inputs}
        case "json":
            return {"json_text": json.dumps(scene.body, indent=2, ensure_ascii=False)}
        case "versions":
            return {"versions": versions_data(scene, looking.before, looking.after)}
        case "publish":
            return {"publish": publish_data(scene, is_wrong=is_wrong)}
        case _:
            chosen = _chosen(drawing, looking.chosen)
            panel, inputs = panel_of(drawing, chosen, looking.turn)
            data = _data(drawing, looking.name, chosen)
            entrance = entrance_of(scene) if chosen == TRIGGER else NO_ENTRANCE
            given = {"chosen": chosen, "tree": drawing.tree(), "panel": panel, "inputs": inputs, "data": data}
            return {**given, "entrance": entrance}


def _chosen(drawing: Drawing, key: str) -> str:
    """The trigger in the place of what is gone."""
    try:
        part_of(drawing, key)
    except NotFound:
        return TRIGGER
    return key


def _data(drawing: Drawing, name: str, chosen: str) -> list[Any]:
    try:
        path = part_of(drawing, chosen).path
        desk = step_desk(drawing.scene.work, name, chosen, "when")
    except NotFound:
        return []
    return list(data_at(drawing, path, desk))
