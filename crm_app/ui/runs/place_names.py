"""What the places of a step's settings are called, by the words of its panel: `cases/0/when` is Case 1: if."""

from collections.abc import Callable, Mapping
from typing import Any

from crm_app.automation.catalog import STEP_TYPES
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.ui.builder.setting_texts import choice_text
from crm_app.ui.designer.settings_data import VALUES, settings_for

PlaceName = Callable[[str], str]
_TAG = "tag-"


def place_names(work: UnitOfWork, step: Mapping[str, Any], own: str) -> PlaceName:
    """`own` is the object of the run's record, whose fields a step without an object of its own sets."""
    known = STEP_TYPES.find(str(step.get("type")))
    labels = {each.path: each.label for each in settings_for(known.config, dict(step))} if known else {}
    definition = work.catalog.by_name.get(str(step.get("object") or own))
    fields = {field.name: field.label for field in definition.fields} if definition else {}

    def name(place: str) -> str:
        if place in labels:
            return labels[place]
        first, *rest = [part for part in place.split("/") if not part.startswith(_TAG)]
        if first == VALUES and rest:
            return fields.get(rest[0]) or choice_text(rest[0])
        inner = "/".join([first, *rest[:2]])
        if inner in labels and len(rest) > 2:  # noqa: PLR2004 - `makes/0/values/name`
            return f"{labels[inner]}: {choice_text(rest[2]).lower()}"
        words = [labels.get(first) or choice_text(first)]
        for part in rest:
            if part.isdigit():
                words[-1] += f" {int(part) + 1}"
            else:
                words.append(choice_text(part).lower())
        return ": ".join(words)

    return name
