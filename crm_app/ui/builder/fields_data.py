"""The fields of an object in order, the types there are, and the form of one field."""

from typing import Any, TypedDict

from crm_app.definitions.field_settings import (
    MANY,
    Setting,
    offered_defaults,
    settings_of,
    value_at,
)
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene, Thing, ThingGroup, field_thing
from crm_app.ui.builder.setting_texts import setting_help, value_text
from crm_app.ui.builder.type_icons import type_icon


class TypeChoice(TypedDict):
    name: str
    label: str
    description: str
    icon: str


class SettingChoice(TypedDict):
    value: str
    label: str
    id: str
    is_chosen: bool


class SettingInput(TypedDict):
    """`kind` chooses the input; `value` is its text."""

    name: str
    id: str
    label: str
    kind: str
    value: str
    is_checked: bool
    is_required: bool
    help: str
    choices: list[SettingChoice]


class FieldPanel(TypedDict):
    """`mode` is "" (nothing chosen), "palette", "new" or "edit". `key` starts the form anew when it changes."""

    mode: str
    key: str
    name: str
    label: str
    type: str
    type_label: str
    description: str
    icon: str
    is_name_field: bool
    can_be_removed: bool
    remove_label: str
    remove_help: str


NO_PANEL = FieldPanel(
    mode="", key="", name="", label="", type="", type_label="", description="", icon="square",
    is_name_field=False, can_be_removed=False, remove_label="", remove_help="",
)  # fmt: skip


def type_choices() -> list[TypeChoice]:
    found = sorted(FIELD_TYPES, key=lambda kind: kind.label)
    return [
        TypeChoice(name=kind.name, label=kind.label, description=kind.description, icon=type_icon(kind.name))
        for kind in found
    ]


def field_groups(scene: Scene) -> list[ThingGroup]:
    items = [field_thing(scene, each, f"{each.field_type.label} · {each.name}") for each in scene.definition.fields]
    return [ThingGroup(id="fields", label="", note="", items=items, empty="", choosable=False)]


def archived_things(scene: Scene) -> list[Thing]:
    return [field_thing(scene, each, f"{each.field_type.label} · {each.name}") for each in scene.archived]


def field_panel(scene: Scene, mode: str, chosen: str, turn: int) -> tuple[FieldPanel, list[SettingInput]]:
    """`chosen` is a type's name for a new field, else a field's."""
    if mode == "new" and (kind := FIELD_TYPES.find(chosen)):
        return _panel(scene, kind, mode, "", f"new:{chosen}"), _inputs(scene, kind, {})
    body = next((each for each in _bodies(scene) if each["name"] == chosen and not each.get("archived")), None)
    if mode == "edit" and body is not None:
        kind = FIELD_TYPES.get(body["type"])
        return _panel(scene, kind, mode, chosen, f"{chosen}:{turn}"), _inputs(scene, kind, body)
    return {**NO_PANEL, "mode": "palette" if mode == "palette" else ""}, []


def _bodies(scene: Scene) -> list[dict[str, Any]]:
    return drafts.body_of(scene.work, scene.draft, scene.key)["fields"]


def _panel(scene: Scene, kind: FieldType, mode: str, name: str, key: str) -> FieldPanel:
    each = scene.definition.all_fields.get(name)
    is_live = scene.live is not None and name in scene.live.all_fields
    return FieldPanel(
        mode=mode,
        key=f"{scene.key}:{key}",
        name=name,
        label=each.label if each else "",
        type=kind.name,
        type_label=kind.label,
        description=kind.description,
        icon=type_icon(kind.name),
        is_name_field=scene.definition.name_field == name,
        can_be_removed=bool(name) and scene.definition.name_field != name,
        remove_label="Archive" if is_live else "Remove",
        remove_help="What records hold in it is kept, and it can be restored." if is_live else "",
    )


def _inputs(scene: Scene, kind: FieldType, body: dict[str, Any]) -> list[SettingInput]:
    return [_input(scene, kind, setting, body) for setting in settings_of(kind)]


def _input(scene: Scene, kind: FieldType, setting: Setting, body: dict[str, Any]) -> SettingInput:
    value = value_at(body, setting)
    choices = _choices(scene, kind, setting, body)
    is_closed = bool(choices) and setting.kind not in MANY
    shown = [value] if not isinstance(value, list) else value
    return SettingInput(
        name=setting.path,
        id=f"setting-{setting.path.replace('/', '-')}",
        label=setting.label,
        kind="choice" if is_closed else "text" if setting.kind == "value" else setting.kind,
        value=value_text(setting, value),
        is_checked=value is True,
        is_required=setting.is_required,
        help=setting_help(setting),
        choices=[
            SettingChoice(
                value=name, label=label, id=f"setting-{setting.path.replace('/', '-')}-{name}", is_chosen=name in shown
            )
            for name, label in choices
        ],
    )


def _choices(scene: Scene, kind: FieldType, setting: Setting, body: dict[str, Any]) -> list[tuple[str, str]]:
    if setting.kind in ("object", "objects"):
        objects = scene.package.live.objects
        return sorted(((each.name, each.label) for each in objects), key=lambda pair: pair[1])
    if setting.kind == "value":
        return [("", "None"), *offered] if (offered := offered_defaults(kind, body)) else []
    return [(name, name.replace("_", " ").capitalize()) for name in setting.choices]
