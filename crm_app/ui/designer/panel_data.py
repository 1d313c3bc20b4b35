"""The panel of what is chosen: a step, the trigger, or the automation itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from crm_app.automation import tree_edits
from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.slots import Body, lots_of, parts_of, shapes_of
from crm_app.automation.step_looks import look_of, trigger_icon
from crm_app.definitions.automation import AutomationDefinition, Trigger
from crm_app.definitions.settings import Setting
from crm_app.fields.rule_type import DURATION
from crm_app.kernel.errors import NotFound, Problem
from crm_app.ui.designer.choices_data import chooser
from crm_app.ui.designer.panel_inputs import PanelInput, inputs_for
from crm_app.ui.designer.settings_data import (
    called,
    is_text,
    settings_for,
    title_of,
    value_of,
    with_form,
)
from crm_app.ui.designer.tree_data import Drawing
from crm_app.ui.elements import icon_name

_NAME = Setting("name", "Name", "text", default="", help="What people call this step.")
_NOTE = Setting("note", "Note", "long", default="", help="Why it is there, for whoever comes after you.")
_ID = Setting("id", "Id", "text", is_required=True, help="Rules call what it gives steps.ID; they follow a new id.")
TRIGGER = "@"
DEADLINE = "limits/deadline"
DURATIONS = ("duration", "timeout")
SETTINGS = "#"


class LaneTool(TypedDict):
    """A lane that can be moved or taken away; with `at` below zero, one that can be added."""

    key: str
    lot: str
    at: int
    label: str
    is_last: bool


class StepPanel(TypedDict):
    """`key` fills all inputs anew when it changes; `about` is what the panel is of."""

    key: str
    about: str
    title: str
    note: str
    icon: str
    css: str
    problems: list[str]
    lanes: list[LaneTool]
    lanes_title: str


NO_PANEL = StepPanel(key="", about="", title="", note="", icon="", css="", problems=[], lanes=[], lanes_title="")


@dataclass(frozen=True)
class Part:
    """What a panel is about: its JSON, where that stands in the automation, and what can be said of it."""

    body: Body
    path: str
    settings: Sequence[Setting]


def part_of(drawing: Drawing, chosen: str) -> Part:
    scene = drawing.scene
    if chosen == SETTINGS:
        return Part(scene.body, "", _of_automation())
    if chosen == TRIGGER:
        known = TRIGGER_TYPES.find(scene.definition.trigger.type)
        body = cast("Body", scene.body["trigger"])
        own = settings_for(known.config, body) if known else []
        about = [each for each in settings_for(Trigger, body) if each.path in Trigger.model_fields]
        return Part(body, "trigger", [*about[:2], *own, *about[2:]])
    found = tree_edits.find(scene.body, chosen)
    known = STEP_TYPES.find(str(found.step.get("type")))
    own = settings_for(known.config, found.step, _expressions(drawing, found.step, found.path)) if known else []
    return Part(found.step, found.path, [_NAME, *own, _NOTE, _ID])


def _expressions(drawing: Drawing, step: Body, path: str) -> set[str]:
    """The places of the step's expressions: it is checked once more with something in every text that is empty, so that
    it says itself which of them are.
    """
    known = STEP_TYPES.get(str(step.get("type")))
    place = drawing.found.places.get(path)
    asked = set(place.asked) if place else set[str]()
    empty = [each for each in settings_for(known.config, step, asked) if is_text(each) and not value_of(step, each)]
    if not empty:
        return asked
    body = drawing.scene.body
    for each in empty:
        body = with_text(body, Part(step, path, ()), each.path, "x")
    tried = drawing.scene.trying(body).examined().places.get(path)
    return asked | (set(tried.asked) if tried else set[str]())


def _of_automation() -> list[Setting]:
    left_out = {"format_version", "name", "trigger", "steps", "archived"}
    found = settings_for(AutomationDefinition, {})
    return [each for each in found if each.path.partition("/")[0] not in left_out]


def panel_of(drawing: Drawing, chosen: str, turn: int) -> tuple[StepPanel, list[PanelInput]]:
    """Nothing where what was chosen is gone."""
    try:
        part = part_of(drawing, chosen)
    except NotFound:
        return NO_PANEL, []
    inputs = inputs_for(
        part.settings, part.body, chooser(drawing, _about(drawing, part)), lambda at: _problem(drawing, part, at)
    )
    inputs = [_with_unit(drawing, part, each) for each in inputs]
    key = f"{drawing.scene.definition.name} {chosen} {turn} {'|'.join(each.path for each in part.settings)}"
    return _panel(drawing, chosen, part, key), inputs


def _with_unit(drawing: Drawing, part: Part, given: PanelInput) -> PanelInput:
    """How long something is to last is a number with its unit."""
    if given["name"] == DEADLINE:
        return {**given, "kind": "plain_duration"}
    place = drawing.found.places.get(part.path)
    asked = place.asked.get(given["name"]) if place else None
    is_duration = asked is not None and asked.expect is not None and asked.expect.kind == DURATION.kind
    is_it = is_duration or (given["kind"] == "rule" and given["name"] in DURATIONS)
    return {**given, "kind": "duration"} if is_it else given


def _panel(drawing: Drawing, chosen: str, part: Part, key: str) -> StepPanel:
    if chosen == SETTINGS:
        return {**NO_PANEL, "key": key, "about": chosen, "title": "Settings"}
    type_name = str(part.body.get("type"))
    known: Any = (TRIGGER_TYPES if chosen == TRIGGER else STEP_TYPES).find(type_name)
    icon, family = (trigger_icon(type_name), "trigger") if chosen == TRIGGER else look_of(type_name)
    covered = [f"{part.path}/{each.path}" for each in part.settings]
    lanes, parts = _lots(chosen, type_name)
    return StepPanel(
        key=key,
        about=chosen,
        title=str(part.body.get("name") or (known.label if known else type_name)),
        note=known.description.replace("`", "") if known else "",
        icon=icon_name(icon),
        css=f"block-mark block-mark-{family}",
        problems=[
            p.message for p in _own_problems(drawing, part) if not _is_covered(drawing, p, covered) and not lanes
        ],
        lanes=_lane_tools(part.body, [*lanes, *parts]),
        lanes_title=title_of(parts[0]) if parts else "Ways",
    )


def _own_problems(drawing: Drawing, part: Part) -> list[Problem]:
    whole = f"{drawing.scene.key}/{part.path}"
    return [p for p in drawing.found.problems if p.path == whole or p.path.startswith(f"{whole}/")]


def _is_covered(drawing: Drawing, problem: Problem, covered: Sequence[str]) -> bool:
    place = problem.path.removeprefix(f"{drawing.scene.key}/")
    return any(place == each or place.startswith(f"{each}/") for each in covered)


def _problem(drawing: Drawing, part: Part, at: str) -> str:
    path = f"{part.path}/{at}" if part.path else at
    return next(iter(drawing.problems_below(path)), "")


def _lots(chosen: str, type_name: str) -> tuple[list[str], list[str]]:
    """The lists of lanes, and those of parts that hold no steps."""
    known = STEP_TYPES.find(type_name)
    if chosen == TRIGGER or known is None:
        return [], []
    many = [shape[0] for shape in shapes_of(known.config) if len(shape) > 1]
    return list(dict.fromkeys([*lots_of(known.config), *many])), list(parts_of(known.config))


def _lane_tools(body: Body, lots: Sequence[str]) -> list[LaneTool]:
    found: list[LaneTool] = []
    for lot in lots:
        count = len(cast("list[Any]", body.get(lot) or []))
        found += [
            LaneTool(key=f"{lot}/{at}", lot=lot, at=at, label=called(lot, at), is_last=at == count - 1)
            for at in range(count)
        ]
        found.append(LaneTool(key=lot, lot=lot, at=-1, label=f"Add a {called(lot).lower()}", is_last=False))
    return found


def _about(drawing: Drawing, part: Part) -> str:
    """The object whose fields a part speaks of."""
    place = drawing.found.places.get(part.path)
    record = place.rules.get("record") if place else None
    own = str(part.body.get("object") or "")
    return own or (record.type.object if record else "") or drawing.scene.definition.trigger.object


def with_text(body: Body, part: Part, setting: str, text: str) -> Body:
    """The automation with something in one setting of a part, to see what belongs there."""
    made = cast("Body", json.loads(json.dumps(body)))
    holder: Any = made
    for step in [each for each in part.path.split("/") if each]:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    *way, last = setting.split("/")
    for step in way:
        holder = holder[int(step)] if isinstance(holder, list) else holder.setdefault(step, {})
    holder[last] = text
    return made


def saved(drawing: Drawing, chosen: str, form: Body) -> tuple[Body, list[Problem]]:
    """The automation's JSON with what the panel says."""
    part = part_of(drawing, chosen)
    settings = [each for each in part.settings if each.path != "id"]
    made, problems = with_form(part.body, settings, form)
    body = drawing.scene.body
    if chosen == SETTINGS:
        return made, problems
    if chosen == TRIGGER:
        return {**body, "trigger": made}, problems
    after = tree_edits.replaced(body, chosen, made)
    wanted = str(form.get("id", chosen)).strip()
    return (tree_edits.renamed(after, chosen, wanted) if wanted and wanted != chosen else after), problems
