"""The panel of what is chosen: a step, the trigger, or the automation itself."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from crm_app.automation import tree_edits
from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.slots import Body, lots_of, shapes_of
from crm_app.automation.step_looks import look_of, trigger_icon
from crm_app.definitions.automation import AutomationDefinition, Step, Trigger
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.settings import Setting, settings_of
from crm_app.fields.choices import ChoiceConfig
from crm_app.kernel.errors import NotFound, Problem
from crm_app.ui.builder.inputs_data import SettingInput
from crm_app.ui.designer.settings_data import (
    FIELDS,
    VALUES,
    Choices,
    inputs_for,
    plain_choices,
    settings_for,
    with_form,
)
from crm_app.ui.designer.tree_data import Drawing
from crm_app.ui.elements import icon_name

TRIGGER = "@"
SETTINGS = "#"
_KNOWN: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "type": lambda: [(each.name, each.label) for each in TRIGGER_TYPES],
    "run_as": lambda: [("owner", "The owner of the record")],
}


class LaneTool(TypedDict):
    """A lane that can be moved or taken away; with `at` below zero, one that can be added."""

    key: str
    lot: str
    at: int
    label: str
    is_last: bool


class StepPanel(TypedDict):
    """`key` fills all inputs anew when it changes."""

    key: str
    title: str
    note: str
    icon: str
    css: str
    problems: list[str]
    lanes: list[LaneTool]


NO_PANEL = StepPanel(key="", title="", note="", icon="", css="", problems=[], lanes=[])


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
    place = drawing.found.places.get(found.path)
    own = settings_for(known.config, found.step, place.asked if place else ()) if known else []
    held = {shape[0] for shape in shapes_of(Step)} | {"type"}
    about = [each for each in settings_of(Step) if each.path in Step.model_fields and each.path not in held]
    return Part(found.step, found.path, [*(each for each in about if each.path != "id"), *own, *_id(about)])


def _id(about: Sequence[Setting]) -> list[Setting]:
    return [each for each in about if each.path == "id"]


def _of_automation() -> list[Setting]:
    left_out = {"format_version", "name", "trigger", "steps", "archived"}
    return [each for each in settings_of(AutomationDefinition) if each.path.partition("/")[0] not in left_out]


def panel_of(drawing: Drawing, chosen: str, turn: int) -> tuple[StepPanel, list[SettingInput]]:
    """Nothing where what was chosen is gone."""
    try:
        part = part_of(drawing, chosen)
    except NotFound:
        return NO_PANEL, []
    inputs = inputs_for(part.settings, part.body, _chooser(drawing, part), lambda at: _problem(drawing, part, at))
    key = f"{drawing.scene.definition.name} {chosen} {turn} {'|'.join(each.path for each in part.settings)}"
    return _panel(drawing, chosen, part, key), inputs


def _panel(drawing: Drawing, chosen: str, part: Part, key: str) -> StepPanel:
    if chosen == SETTINGS:
        return {**NO_PANEL, "key": key, "title": "Settings"}
    type_name = str(part.body.get("type"))
    known: Any = (TRIGGER_TYPES if chosen == TRIGGER else STEP_TYPES).find(type_name)
    icon, family = (trigger_icon(type_name), "trigger") if chosen == TRIGGER else look_of(type_name)
    covered = [f"{part.path}/{each.path}" for each in part.settings]
    lanes = [f"{part.path}/{lot}" for lot in _lots(chosen, type_name)]
    return StepPanel(
        key=key,
        title=str(part.body.get("name") or (known.label if known else type_name)),
        note=known.description if known else "",
        icon=icon_name(icon),
        css=f"block-mark block-mark-{family}",
        problems=[
            p.message for p in _own_problems(drawing, part) if not _is_covered(drawing, p, covered) and not lanes
        ],
        lanes=_lane_tools(part.body, _lots(chosen, type_name)),
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


def _lots(chosen: str, type_name: str) -> list[str]:
    known = STEP_TYPES.find(type_name)
    if chosen == TRIGGER or known is None:
        return []
    many = [shape[0] for shape in shapes_of(known.config) if len(shape) > 1]
    return list(dict.fromkeys([*lots_of(known.config), *many]))


def _lane_tools(body: Body, lots: Sequence[str]) -> list[LaneTool]:
    found: list[LaneTool] = []
    for lot in lots:
        word = lot.removesuffix("s").removesuffix("e") if lot.endswith("ches") else lot.removesuffix("s")
        count = len(cast("list[Any]", body.get(lot) or []))
        found += [
            LaneTool(key=f"{lot}/{at}", lot=lot, at=at, label=f"{word.capitalize()} {at + 1}", is_last=at == count - 1)
            for at in range(count)
        ]
        found.append(LaneTool(key=lot, lot=lot, at=-1, label=f"Add a {word}", is_last=False))
    return found


def _chooser(drawing: Drawing, part: Part) -> Choices:
    package = drawing.scene.package
    about = package.by_name.get(_about(drawing, part))

    def choices(setting: Setting, body: Body) -> list[tuple[str, str]]:
        name = setting.path.rpartition("/")[2]
        if setting.choices:
            return list(plain_choices(setting))
        if name in _KNOWN:
            return _KNOWN[name]()
        if setting.kind in ("object", "objects"):
            objects = ((each.name, each.label) for each in package.live.objects)
            return sorted(objects, key=lambda pair: pair[1].casefold())
        if setting.kind == cast("Any", VALUES):
            return _settable(about)
        if name in FIELDS:
            return [(each.name, each.label) for each in about.live.fields] if about else []
        return _stages(about, body) if name == "stage" else []

    return choices


def _about(drawing: Drawing, part: Part) -> str:
    """The object whose fields a part speaks of."""
    place = drawing.found.places.get(part.path)
    record = place.rules.get("record") if place else None
    own = str(part.body.get("object") or "")
    return own or (record.type.object if record else "") or drawing.scene.definition.trigger.object


def _settable(about: ObjectDefinition | None) -> list[tuple[str, str]]:
    if about is None:
        return []
    owner = about.all_fields.get("owner")
    fields = [each for each in about.live.fields if not each.is_read_only]
    return [(each.name, each.label) for each in [*fields, *([owner] if owner else [])]]


def _stages(about: ObjectDefinition | None, body: Body) -> list[tuple[str, str]]:
    field = about.all_fields.get(str(body.get("field"))) if about else None
    config = field.settings if field else None
    return [(each.name, each.label) for each in config.options] if isinstance(config, ChoiceConfig) else []


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
