"""How the drafted object will look: its form by its first layout, a line of its list and a card of its board."""

from typing import TypedDict

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.layout import spread
from crm_app.fields.choices import ChoiceConfig
from crm_app.fields.field_type import FieldValueError
from crm_app.ui.builder.builder_data import Scene
from crm_app.ui.records.form_data import form_field
from crm_app.ui.records.form_layout import FormSection


class PreviewCell(TypedDict):
    label: str
    text: str


class PreviewData(TypedDict):
    """`key` starts the form anew when the draft has changed."""

    key: str
    layout: str
    sections: list[FormSection]
    cells: list[PreviewCell]
    card: list[PreviewCell]


NO_PREVIEW = PreviewData(key="", layout="", sections=[], cells=[], card=[])


def preview_data(scene: Scene) -> PreviewData:
    definition = scene.definition
    layout = definition.all_layouts[0]
    own = {field.name: field for field in definition.fields}
    several = len(layout.tabs) > 1
    sections = [
        FormSection(
            key=f"preview-{at}-{index}",
            columns=str(section.columns),
            is_collapsed=section.collapsed,
            label=f"{tab.label}: {section.label}" if several else section.label,
            fields=[
                form_field(scene.work, own[name], None, None)
                for name in spread(section.fields, layout.placed_fields, own)
                if name in own
            ],
        )
        for at, tab in enumerate(layout.tabs)
        for index, section in enumerate(tab.sections)
    ]
    return PreviewData(
        key=f"{scene.key}:{scene.draft.step}",
        layout=layout.label,
        sections=[section for section in sections if section["fields"]],
        cells=_cells(scene, definition.shown_in_lists),
        card=_cells(scene, (definition.name_field, *definition.card_fields)),
    )


def _cells(scene: Scene, names: tuple[str, ...]) -> list[PreviewCell]:
    known = scene.definition.all_fields
    return [PreviewCell(label=known[name].label, text=_sample(known[name])) for name in names if name in known]


def _sample(field: FieldDefinition) -> str:
    """What a value may look like; nothing where only a real record could say."""
    if field.field_type.is_relation:
        return "…"
    if isinstance(field.settings, ChoiceConfig):
        return field.settings.options[0].label
    for example in field.field_type.examples:
        try:
            return field.text(field.parse(example))[:60]
        except FieldValueError:
            continue
    return "…"
