"""The fields of an object in order, the types there are, and the form of one field."""

from typing import TypedDict

from crm_app.definitions.computed_field import ComputedField
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.field_settings import as_type, offered_defaults, settings_of_type
from crm_app.definitions.retyping import converts
from crm_app.definitions.settings import Body, Setting
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.field_type import FieldType
from crm_app.fields.rollup import RollupConfig
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene, Thing, ThingGroup, View, field_thing
from crm_app.ui.builder.inputs_data import SettingInput, inputs_of, object_choices, optional, plain_choices
from crm_app.ui.builder.rollup_choices import field_choices_over, related_choices
from crm_app.ui.builder.type_icons import type_icon
from crm_app.ui.builder.uses_data import UseLine, use_lines, uses_title


class TypeChoice(TypedDict):
    name: str
    label: str
    description: str
    icon: str


class FieldPanel(TypedDict):
    """`mode` is "" (nothing chosen), "palette", "new", "edit" or "retype". `key` starts the form anew when it
    changes; `types` are those that the field can be given.
    """

    mode: str
    key: str
    name: str
    label: str
    type: str
    type_label: str
    description: str
    note: str
    icon: str
    is_name_field: bool
    types: list[TypeChoice]
    types_help: str
    can_be_removed: bool
    remove_label: str
    remove_help: str
    uses: list[UseLine]
    uses_title: str


NO_PANEL = FieldPanel(
    mode="", key="", name="", label="", type="", type_label="", description="", note="", icon="square",
    is_name_field=False, types=[], types_help="", can_be_removed=False, remove_label="", remove_help="",
    uses=[], uses_title="",
)  # fmt: skip


def _gist(description: str) -> str:
    """Its first sentence, without the marks of the guide."""
    sentence, end, _ = description.partition(". ")
    return (sentence + end.strip()).replace("`", "")


def type_choices() -> list[TypeChoice]:
    return [_type_choice(kind) for kind in _sorted_types()]


def _sorted_types() -> list[FieldType]:
    return sorted(FIELD_TYPES, key=lambda kind: kind.label)


def _type_choice(kind: FieldType) -> TypeChoice:
    return TypeChoice(name=kind.name, label=kind.label, description=_gist(kind.description), icon=type_icon(kind.name))


def field_groups(scene: Scene) -> list[ThingGroup]:
    items = [field_thing(scene, each, _kind_and_name(each)) for each in scene.definition.fields]
    return [ThingGroup(id="fields", label="", note="", items=items, empty="", choosable=False)]


def archived_things(scene: Scene) -> list[Thing]:
    return [field_thing(scene, each, _kind_and_name(each)) for each in scene.archived]


def _kind_and_name(field: FieldDefinition) -> str:
    gives = [field.result_words] if isinstance(field, ComputedField) else []
    return " · ".join([field.field_type.label, *gives, field.name])


_NO_OTHER_TYPE = "What it holds can't be written in another type. Add a field of that type beside it."
_HOLDS_NOTHING = "It is worked out and holds nothing that could be written in another type. Add a field beside it."


def field_panel(scene: Scene, view: View) -> tuple[FieldPanel, list[SettingInput]]:
    """Chosen is a type's name for a new field, else a field's, with `/` and a type when it is to have another."""
    mode, chosen, turn = view.mode, view.chosen, view.turn
    over: Body = {"config": {"relation": view.over}} if view.over else {}
    if mode == "new" and (kind := FIELD_TYPES.find(chosen)):
        return _panel(scene, kind, mode, "", f"new:{chosen}"), _inputs(scene, kind, over)
    body = next((each for each in _bodies(scene) if each["name"] == chosen and not each.get("archived")), None)
    if mode == "edit" and body is not None:
        kind = FIELD_TYPES.get(body["type"])
        return _panel(scene, kind, mode, chosen, f"{chosen}:{turn}"), _inputs(scene, kind, body)
    if mode == "retype" and (found := retyping_of(scene, chosen)):
        field, kind = found
        own = as_type(kind, next(each for each in _bodies(scene) if each["name"] == field.name))
        return _panel(scene, kind, mode, field.name, f"retype:{chosen}"), _inputs(scene, kind, {**own, **over})
    return {**NO_PANEL, "mode": "palette" if mode == "palette" else ""}, []


def retyping_of(scene: Scene, chosen: str) -> tuple[FieldDefinition, FieldType] | None:
    """The field and its new type, should it be one that it can have."""
    name, _, wanted = chosen.partition("/")
    field = scene.definition.all_fields.get(name)
    if field is None or name not in {each.name for each in scene.definition.fields}:
        return None
    return next(((field, kind) for kind in _other_types(scene, field) if kind.name == wanted), None)


def _other_types(scene: Scene, field: FieldDefinition) -> list[FieldType]:
    """Of a field that is live, those in which its values can be written; one that is new can have any."""
    live = scene.live_field(field)
    others = [kind for kind in _sorted_types() if kind.name != field.type]
    if live is None:
        return others
    return [kind for kind in others if kind.name == live.type or (converts(live.field_type) and converts(kind))]


def _bodies(scene: Scene) -> list[Body]:
    return drafts.body_of(scene.work, scene.draft, scene.key)["fields"]


def _panel(scene: Scene, kind: FieldType, mode: str, name: str, key: str) -> FieldPanel:
    each = scene.definition.all_fields.get(name)
    is_live = each is not None and scene.live_field(each) is not None
    uses = use_lines(scene, name) if mode == "edit" else []
    return FieldPanel(
        mode=mode,
        key=f"{scene.key}:{key}",
        name=name,
        label=each.label if each else "",
        type=kind.name,
        type_label=kind.label,
        description=kind.description.replace("`", ""),
        note=_kind_and_name(each) if each else "",
        icon=type_icon(kind.name),
        is_name_field=scene.definition.name_field == name,
        types=[_type_choice(other) for other in _other_types(scene, each)] if each and mode == "edit" else [],
        types_help=_HOLDS_NOTHING if kind.is_computed else _NO_OTHER_TYPE,
        can_be_removed=bool(name) and scene.definition.name_field != name,
        remove_label="Archive" if is_live else "Remove",
        remove_help="What records hold in it is kept, and it can be restored." if is_live else "",
        uses=uses,
        uses_title=uses_title(uses),
    )


def _inputs(scene: Scene, kind: FieldType, body: Body) -> list[SettingInput]:
    return inputs_of(
        settings_of_type(kind),
        body,
        lambda setting, body: _choices(scene, kind, setting, body),
        lambda path: scene.problem_at(f"fields/{body['name']}/{path}") if "name" in body else "",
    )


def _choices(scene: Scene, kind: FieldType, setting: Setting, body: Body) -> list[tuple[str, str]]:
    if setting.kind in ("object", "objects"):
        return object_choices(scene)
    if setting.kind == "related":
        return related_choices(scene, body)
    if kind.config is RollupConfig and setting.path == "config/field":
        return field_choices_over(scene, body)
    if setting.kind == "value":
        return optional(offered) if (offered := list(offered_defaults(kind, body))) else []
    return plain_choices(setting)
