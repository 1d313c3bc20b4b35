from typing import Any

from crm_app.definitions.bundle import Bundle, with_fields


def _apply(body: dict[str, Any]) -> dict[str, Any]:
    when = {"name": "due", "label": "Due", "type": "date"}
    done = {"name": "done", "label": "Done", "type": "boolean", "default": False}
    return {**with_fields(body, when, done), "activity": {"when": "due", "done": "done"}}


BUNDLE = Bundle(
    name="activity",
    label="Activity",
    description="A day and a tick: records show on the timeline of what they point at, and can be ticked off there.",
    apply=_apply,
)
