"""The tree as the canvas and the outline show it: every block with what it is called, says and has wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from crm_app.automation.blocks import NEEDED
from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.compiled import Examined
from crm_app.automation.drafting import Scene
from crm_app.automation.scope import DefinedFields
from crm_app.automation.slots import Body, Lane, lanes_of
from crm_app.automation.step_looks import GROUPS, look_of, trigger_icon
from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.rules.reading import reading
from crm_app.rules.value_words import Words
from crm_app.ui.elements import icon_name

_LANES = {
    "else": "Otherwise",
    "catch": "If it fails",
    "finally": "In any case",
    "on_timeout": "When time is up",
    "on_approve": "Approved",
    "on_reject": "Rejected",
    "compensate": "To undo it",
}
_OWN_STEPS = {"try": "Try", "for_each": "For each", "loop": "Again and again"}
_MOST_NOTE = 110
_NOT_SAID = {"id", "type", "name", "note"}


@dataclass(frozen=True)
class Picture:
    """A version of an automation drawn once: what was looked at by path, and what is wrong below each."""

    key: str
    body: Body
    definition: AutomationDefinition
    package: Package
    scope: DefinedFields
    found: Examined

    def problems_below(self, path: str) -> list[str]:
        whole = f"{self.key}/{path}"
        return [p.message for p in self.found.problems if p.path == whole or p.path.startswith(f"{whole}/")]

    def tree(self) -> dict[str, Any]:
        steps = cast("Sequence[Body]", self.body.get("steps", []))
        return {"trigger": self._trigger(), "blocks": self._blocks(steps, "steps")}

    def _trigger(self) -> dict[str, Any]:
        trigger = self.definition.trigger
        of_object = self.package.by_name.get(trigger.object)
        known = TRIGGER_TYPES.find(trigger.type)
        said = [of_object.label if of_object else trigger.object, self._condition("trigger", "when", trigger.when)]
        return {
            "label": known.label if known else trigger.type,
            "kind": "Trigger",
            "note": _joined([*said[:1], *self._said(trigger.config), *said[1:]]),
            "icon": icon_name(trigger_icon(trigger.type)),
            "problem": next(iter(self.problems_below("trigger")), ""),
            "lanes": [],
        }

    def _blocks(self, steps: Iterable[Body], path: str) -> list[dict[str, Any]]:
        return [self._block(step, f"{path}/{at}") for at, step in enumerate(steps)]

    def _block(self, step: Body, path: str) -> dict[str, Any]:
        type_name = str(step.get("type"))
        known = STEP_TYPES.find(type_name)
        kind = known.label if known else f"Unknown step '{type_name}'"
        icon, family = look_of(type_name)
        lanes = lanes_of(step)
        within = tuple(f"{path}/{lane.place}/" for lane in lanes)
        whole = f"{self.key}/"
        own = [
            _whole_sentence(p)
            for p in self.found.problems
            if (place := p.path.removeprefix(whole)) == path
            or (place.startswith(f"{path}/") and not place.startswith(within))
        ]
        return {
            "id": str(step.get("id")),
            "label": str(step.get("name") or kind),
            "kind": kind,
            "note": _joined(self._said(_config(step, lanes))) or _ways(lanes) or (kind if step.get("name") else ""),
            "why": str(step.get("note") or ""),
            "icon": icon_name(icon),
            "family": family,
            "problem": own[0] if own else "",
            "lanes": [self._lane(step, lane, path) for lane in lanes],
        }

    def _lane(self, step: Body, lane: Lane, path: str) -> dict[str, Any]:
        place = f"{path}/{lane.place}"
        return {
            "place": lane.place,
            "lot": lane.lot,
            "label": self._lane_label(step, lane, path),
            "problem": next(iter(m for m in self.problems_below(place) if not lane.steps), ""),
            "blocks": self._blocks(lane.steps, place),
        }

    def _lane_label(self, step: Body, lane: Lane, path: str) -> str:
        parts = lane.place.split("/")
        if not lane.lot:
            is_own = parts[-1] == "steps"
            return _OWN_STEPS.get(str(step.get("type")), "Steps") if is_own else _LANES.get(parts[0], _plain(parts[0]))
        items = cast("list[Any]", step.get(lane.lot) or [])
        number = int(parts[1])
        item = cast("Body", items[number]) if isinstance(items[number], dict) else {}
        named = item.get("label") or item.get("name")
        if named:
            return str(named)
        rule = next((str(item[key]) for key in ("when", "is", "value", "equals") if item.get(key)), "")
        key = next((key for key in ("when", "is", "value", "equals") if key in item), "")
        said = self._condition(path, f"{lane.lot}/{number}/{key}", rule)
        before = "If " if key == "when" else ""
        return f"{before}{said}" if said else f"{_plain(lane.lot.removesuffix('s'))} {number + 1}"

    def _condition(self, path: str, at: str, text: str) -> str:
        """A rule in words where it is sound, else as it is written."""
        place = self.found.places.get(path)
        rule = place.rules.get(at) if place else None
        return reading(rule.tree, Words(self.scope)) if rule else text

    def _called(self, item: Any) -> str:
        """What stands in a list; of a part with more in it, the object that it is about."""
        if not isinstance(item, dict):
            return str(item)
        name = str(cast("Body", item).get("object") or "")
        found = self.package.by_name.get(name)
        return found.label if found else name

    def _said(self, config: Mapping[str, Any]) -> list[str]:
        said: list[str] = []
        for name, value in config.items():
            if name == "object":
                said.append(self._called({name: value}))
            elif isinstance(value, dict):
                said.append(", ".join(map(_plain, cast("Body", value))))
            elif isinstance(value, list):
                said.append(", ".join(filter(None, map(self._called, cast("list[Any]", value)))))
            elif isinstance(value, bool):
                said += [_plain(name)] if value else []
            elif name != "when":
                said.append(str(value))
        return said


@dataclass(frozen=True)
class Drawing:
    """The same of a scene that is being edited."""

    scene: Scene
    found: Examined

    @property
    def picture(self) -> Picture:
        scene = self.scene
        return Picture(scene.key, scene.body, scene.definition, scene.package, scene.scope, self.found)

    def problems_below(self, path: str) -> list[str]:
        return self.picture.problems_below(path)

    def tree(self) -> dict[str, Any]:
        return self.picture.tree()


def _config(step: Body, lanes: Sequence[Lane]) -> Body:
    held = {lane.place.partition("/")[0] for lane in lanes} | {"compensate"}
    return {key: value for key, value in step.items() if key not in _NOT_SAID and key not in held}


def _ways(lanes: Sequence[Lane]) -> str:
    return f"{len(lanes)} ways" if len(lanes) > 1 else ""


def _joined(said: Iterable[str]) -> str:
    text = " · ".join(each for each in said if each)
    return text if len(text) <= _MOST_NOTE else f"{text[: _MOST_NOTE - 1]}…"


def _whole_sentence(problem: Problem) -> str:
    """What is missing is named where no input stands beside."""
    name = problem.path.rpartition("/")[2]
    return f"{_plain(name)}: this is needed." if problem.message == NEEDED else problem.message


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize()


def palette() -> list[dict[str, str]]:
    """Every type of step, those for records first."""
    order = list(GROUPS)
    found: list[dict[str, str]] = []
    for each in STEP_TYPES:
        icon, family = look_of(each.name)
        note = each.description.partition(". ")[0].rstrip(".").replace("`", "")
        found.append(
            {
                "name": each.name,
                "label": each.label,
                "note": note,
                "icon": icon_name(icon),
                "family": family,
                "group": GROUPS[family],
            }
        )
    return sorted(found, key=lambda each: (order.index(cast("Any", each["family"])), each["label"]))
