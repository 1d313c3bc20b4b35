from typing import Any

from crm_app.definitions.bundle import Bundle, with_fields

_STAGES = (
    ("new", "New", "open", 10, "gray"),
    ("in_progress", "In progress", "open", 50, "blue"),
    ("won", "Won", "won", 100, "green"),
    ("lost", "Lost", "lost", 0, "red"),
)


def _apply(body: dict[str, Any]) -> dict[str, Any]:
    options = [{"name": name, "label": label, "color": color} for name, label, _, _, color in _STAGES]
    stage = {"name": "stage", "label": "Stage", "type": "select", "config": {"options": options}, "default": "new"}
    stages = [{"name": name, "kind": kind, "probability": chance} for name, _, kind, chance, _ in _STAGES]
    pipeline = {"name": "pipeline", "label": "Pipeline", "field": "stage", "stages": stages}
    return {**with_fields(body, stage), "pipelines": [*body.get("pipelines", []), pipeline]}


BUNDLE = Bundle(
    name="pipeline",
    label="Pipeline",
    description="A stage field with four stages to begin with, and a board.",
    apply=_apply,
)
