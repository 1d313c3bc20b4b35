"""What a setting of a step can be chosen from, by what the setting is called."""

from collections.abc import Callable, Iterable
from typing import Any, cast

from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.drafting import Scene
from crm_app.automation.slots import Body
from crm_app.automation.triggers.email_received import VARIABLES
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.settings import Setting
from crm_app.fields.choices import ChoiceConfig
from crm_app.services.connections import list_connections
from crm_app.services.teams import list_teams
from crm_app.ui.designer.settings_data import FIELDS, VALUES, Choices, plain_choices
from crm_app.ui.designer.tree_data import Drawing

_NAMED: dict[str, Callable[[Scene], list[tuple[str, str]]]] = {
    "type": lambda _scene: [(each.name, each.label) for each in TRIGGER_TYPES],
    "run_as": lambda _scene: [("owner", "The owner of the record")],
    "role": lambda scene: [(each.name, each.label) for each in scene.package.live.roles],
    "roles": lambda scene: [(each.name, each.label) for each in scene.package.live.roles],
    "team": lambda scene: [(each.name, each.name) for each in list_teams(scene.work)],
    "table": lambda scene: [(each.name, each.label) for each in scene.package.live.decisions],
    "connection": lambda scene: [(each.name, each.name) for each in list_connections(scene.work)],
}


_VARIABLES: dict[str, Callable[[Body], Iterable[str]]] = {
    "webhook": lambda body: cast("Body", body.get("body") or {}),
    "email.received": lambda _body: VARIABLES,
}
_FREE = ("body", "inputs", "query")


def chooser(drawing: Drawing, name: str) -> Choices:
    """For a part that speaks of the fields of the object of that name."""
    package = drawing.scene.package
    about = package.by_name.get(name)

    def choices(setting: Setting, body: Body) -> list[tuple[str, str]]:
        name = setting.path.rpartition("/")[2]
        if setting.choices:
            return list(plain_choices(setting))
        if name in _NAMED:
            return _NAMED[name](drawing.scene)
        if setting.kind in ("object", "objects"):
            objects = ((each.name, each.label) for each in package.live.objects)
            return sorted(objects, key=lambda pair: pair[1].casefold())
        if setting.kind == cast("Any", VALUES):
            return [] if name in _FREE else _settable(about)
        if name in FIELDS:
            return [(each.name, each.label) for each in about.live.fields] if about else []
        return _by_body(about, body, name)

    return choices


def _by_body(about: ObjectDefinition | None, body: Body, name: str) -> list[tuple[str, str]]:
    """What depends on what else the part says."""
    if name == "stage":
        return _stages(about, body)
    given = _VARIABLES.get(str(body.get("type"))) if name == "variable" else None
    return [(each, each) for each in given(body)] if given else []


def _settable(about: ObjectDefinition | None) -> list[tuple[str, str]]:
    if about is None:
        return []
    owner = about.all_fields.get("owner")
    fields = [each for each in about.live.fields if not each.is_read_only]
    return [(each.name, each.label) for each in [*fields, *([owner] if owner else [])]]


def _stages(about: ObjectDefinition | None, body: Body) -> list[tuple[str, str]]:
    field = about.all_fields.get(str(body.get("field"))) if about else None
    config = field.settings if field else None
    return [(each.name, each.label) for each in config.options] if isinstance(config, ChoiceConfig) else []
