"""The object itself: what it is called, how it looks, what names a record."""

from crm_app.definitions.edits import Body
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.settings import Setting, settings_of, with_settings
from crm_app.kernel.errors import Invalid
from crm_app.services import drafts
from crm_app.ui.builder.builder_data import Scene
from crm_app.ui.builder.inputs_data import field_choices, inputs_of, optional, plain_choices
from crm_app.ui.builder.part_data import Drop, Form, PartPanel, PartTab, PartView

_APART = {
    "format_version", "name", "fields", "layouts", "list_fields", "card_fields", "pipelines", "archived", "table",
}  # fmt: skip
_FIELDS = {"name_field": ("text",), "activity/when": ("date", "datetime"), "activity/done": ("bool",)}
_CHECKS = "validation_rules"
_TERRITORY = "access/territory"
_LOOKS = {"icon": "icon", "color": "color", _CHECKS: "checks", "duplicate_rules": "json"}
_SETTINGS = tuple(setting for setting in settings_of(ObjectDefinition) if setting.path not in _APART)


def _view(scene: Scene, _chosen: str) -> PartView:
    def choices(setting: Setting, _body: Body) -> list[tuple[str, str]]:
        if setting.path == _CHECKS:
            return field_choices(scene)
        if setting.path == _TERRITORY:
            return optional([(each.name, each.label) for each in scene.definition.fields if each.type == "territory"])
        if setting.path not in _FIELDS:
            return plain_choices(setting)
        found = field_choices(scene, *_FIELDS[setting.path])
        return found if setting.path == "name_field" else optional(found)

    body = drafts.body_of(scene.work, scene.draft, scene.key)
    inputs = inputs_of(_SETTINGS, body, choices, scene.problem_at)
    for each in inputs:
        each["kind"] = _LOOKS.get(each["name"], each["kind"])
    panel = PartPanel(key="object", title=scene.definition.label, note=scene.definition.name, actions=[])
    return PartView([], "", panel, inputs, [], [])


def _save(body: Body, _chosen: str, form: Form) -> Body:
    changed, problems = with_settings(body, _SETTINGS, form)
    if problems:
        raise Invalid("This was not kept.", problems)
    return changed


def _unmoved(body: Body, _chosen: str, _drop: Drop) -> Body:
    return body


GENERAL_TAB = PartTab(
    view=_view,
    choose=lambda _chosen, _name: "",
    move=_unmoved,
    save=_save,
    act=lambda body, chosen, _name: (body, chosen),
)
