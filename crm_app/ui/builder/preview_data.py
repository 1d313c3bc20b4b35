"""How the drafted object will look: its form by its first layout, a line of its list and a card of its board."""

import json
from dataclasses import dataclass
from typing import TypedDict
from zlib import crc32

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.layout import spread
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.field_type import FieldValueError
from crm_app.ui.builder.builder_data import Scene
from crm_app.ui.records.form_data import form_field
from crm_app.ui.records.form_layout import FormSection
from crm_app.ui.records.values import value_text


class PreviewCell(TypedDict):
    label: str
    text: str


BESIDE_FIELDS = 60


class PreviewData(TypedDict):
    """`key` starts the form anew when something in it has changed; `more` says how many fields are not shown."""

    key: str
    layout: str
    sections: list[FormSection]
    cells: list[PreviewCell]
    card: list[PreviewCell]
    more: str


NO_PREVIEW = PreviewData(key="", layout="", sections=[], cells=[], card=[], more="")


def preview_data(scene: Scene, layout_at: int = 0, limit: int = 1_000_000) -> PreviewData:
    """By that layout, or the first one; at most so many fields, because what stands beside follows every edit."""
    definition = scene.definition
    layouts = definition.all_layouts
    layout = layouts[layout_at if layout_at < len(layouts) else 0]
    own = {field.name: field for field in definition.fields}
    several = len(layout.tabs) > 1
    room = _Room(limit)
    sections = [
        FormSection(
            key=f"preview-{at}-{index}",
            columns=str(section.columns),
            is_collapsed=section.collapsed,
            label=f"{tab.label}: {section.label}" if several else section.label,
            fields=[
                form_field(scene.work, own[name], None, None)
                for name in spread(section.fields, layout.placed_fields, own)
                if name in own and room.takes_one()
            ],
        )
        for at, tab in enumerate(layout.tabs)
        for index, section in enumerate(tab.sections)
    ]
    filled = [section for section in sections if section["fields"]]
    return PreviewData(
        key=f"{scene.key}:{layout.name}:{crc32(json.dumps(filled).encode())}",
        layout=layout.label,
        sections=filled,
        cells=_cells(scene, definition.shown_in_lists),
        card=_cells(scene, (definition.name_field, *definition.card_fields)),
        more=f"… and {room.refused} more on the Preview tab." if room.refused else "",
    )


@dataclass
class _Room:
    left: int
    refused: int = 0

    def takes_one(self) -> bool:
        self.left, self.refused = self.left - 1, self.refused + (self.left <= 0)
        return self.left >= 0


def _cells(scene: Scene, names: tuple[str, ...]) -> list[PreviewCell]:
    known = scene.definition.all_fields
    return [
        PreviewCell(label=known[name].label, text=_sample(known[name], scene.work.who.time_zone))
        for name in names
        if name in known
    ]


def _sample(field: FieldDefinition, time_zone: str) -> str:
    """What a value may look like; nothing where only a real record could say."""
    if field.field_type.is_relation:
        return "…"
    if isinstance(field.settings, ChoiceConfig):
        return field.settings.options[0].label
    for example in field.field_type.examples:
        try:
            return value_text(field, field.parse(example), time_zone)[:60]
        except FieldValueError:
            continue
    return "…"
