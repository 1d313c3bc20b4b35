"""The guide page of triggers and steps, made from the types themselves."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from crm_app.automation.catalog import STEP_TYPES, TRIGGER_TYPES
from crm_app.automation.step_type import StepConfig, StepType
from crm_app.automation.trigger_type import TriggerConfig, TriggerType

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "steps.md"

_HEAD = """# Triggers and steps

Made from the code by `./trellis schemas`; edit the types, not this page. [Workflows](automations.md) says how they work
together. Wherever a setting is an expression or a rule, it is in the language of [rules](rules.md).
"""


def guide_page() -> str:
    """Markdown: one section per type, in the order of their labels."""
    return "\n".join([_HEAD, "# Triggers\n", *_sections(TRIGGER_TYPES), "# Steps\n", *_sections(STEP_TYPES)])


def _sections(kinds: Iterable[TriggerType | StepType]) -> list[str]:
    return [_section(kind) for kind in sorted(kinds, key=lambda kind: kind.label)]


def _section(kind: TriggerType | StepType) -> str:
    lines = [f"## {kind.label} (`{kind.name}`)", "", kind.description, ""]
    if kind.config.__doc__ and kind.config not in (StepConfig, TriggerConfig):
        lines += [" ".join(kind.config.__doc__.split()), ""]
    lines += [*_settings(kind.config), "```json", *[json.dumps(each) for each in kind.examples], "```", ""]
    return "\n".join(lines)


def _settings(config: type[BaseModel]) -> list[str]:
    found: dict[str, dict[str, Any]] = config.model_json_schema().get("properties", {})
    required = set(config.model_json_schema().get("required", ()))
    if not found:
        return []
    shown = [f"`{name}`" + ("" if name in required else _usual(schema)) for name, schema in found.items()]
    return [f"Settings: {', '.join(shown)}.", ""]


def _usual(schema: dict[str, Any]) -> str:
    default = schema.get("default")
    return " (optional)" if default in (None, "", [], {}) else f" (`{json.dumps(default)}` unless said otherwise)"
