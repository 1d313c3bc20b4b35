"""The guide page of the field types, made from the types themselves."""

from pathlib import Path
from typing import Any

from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "fields.md"

_HEAD = """# Field types

Made from the code by `./trellis schemas`; edit the types, not this page.

A field is `{"name": "amount", "label": "Amount", "type": "currency", "config": {"currency": "USD"}}`. Every field may
also have `required`, `unique`, `read_only`, `searchable`, `default`, `help` and `placeholder`.
"""


def guide_page() -> str:
    """Markdown: one section per type, in the order of their labels."""
    parts = [_section(kind) for kind in sorted(FIELD_TYPES, key=lambda kind: kind.label)]
    return "\n".join([_HEAD, *parts])


def _section(kind: FieldType) -> str:
    lines = [f"## {kind.label} (`{kind.name}`)", "", kind.description, ""]
    if settings := [_setting(name, schema) for name, schema in _settings(kind).items()]:
        lines += ["Config:", "", *settings, ""]
    filters = ", ".join(f"`{operator}`" for operator in kind.operators)
    examples = ", ".join(f"`{example}`" for example in kind.examples)
    lines += [f"Accepts for example {examples}. Filters: {filters}.", ""]
    return "\n".join(lines)


def _settings(kind: FieldType) -> dict[str, dict[str, Any]]:
    return kind.config.model_json_schema().get("properties", {})


def _setting(name: str, schema: dict[str, Any]) -> str:
    default = schema.get("default")
    notes = [f"`{default}` unless said otherwise"] if default not in (None, "") else []
    words = {"minimum": "at least", "maximum": "at most"}
    if limits := " and ".join(f"{word} {schema[key]}" for key, word in words.items() if key in schema):
        notes.append(limits)
    said = f" ({'; '.join(notes)})" if notes else ""
    return f"* `{name}`: {schema.get('description', '')}{said}"
