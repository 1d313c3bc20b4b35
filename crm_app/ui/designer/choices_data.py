"""What a setting of a step can be chosen from, by what the setting is called."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from crm_app.automation.catalog import TRIGGER_TYPES
from crm_app.automation.drafting import Scene
from crm_app.automation.slots import Body
from crm_app.automation.triggers.email_received import VARIABLES
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.settings import Setting
from crm_app.fields.choices import ChoiceConfig
from crm_app.services.connections import list_connections
from crm_app.services.teams import list_teams
from crm_app.ui.designer.panel_inputs import Choices, plain_choices
from crm_app.ui.designer.settings_data import FIELDS, VALUES
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


@dataclass(frozen=True)
class _Asked:
    """`whole` is the object that the step is about, `about` that of the part of it which holds the setting."""

    package: Package
    whole: ObjectDefinition | None
    about: ObjectDefinition | None
    body: Body
    setting: Setting

    @property
    def made(self) -> list[tuple[str, str]]:
        """The records that the step makes; those before the part, where one of them asks."""
        at = self.setting.path.split("/")[1]
        makes = cast("list[Any]", self.body.get("makes") or [])[: int(at) if at.isdecimal() else None]
        names = [str(cast("Body", each).get("name") or "") for each in makes if isinstance(each, dict)]
        return [(name, name) for name in names if name]

    @property
    def related(self) -> list[tuple[str, str]]:
        found = self.package.related.get(self.whole.name, ()) if self.whole else ()
        return [(each.name, f"{each.label} ({each.field.label})") for each in found]


def _named(fields: Iterable[FieldDefinition]) -> list[tuple[str, str]]:
    return [(each.name, each.label) for each in fields]


def _pointing(about: ObjectDefinition | None) -> list[tuple[str, str]]:
    return _named(each for each in about.live.fields if each.targets and not each.is_read_only) if about else []


def _filed(about: ObjectDefinition | None) -> list[tuple[str, str]]:
    return _named(about.live.file_fields) if about else []


_IN_PARTS: dict[str, Callable[[_Asked], list[tuple[str, str]]]] = {
    "links/field": lambda asked: _pointing(asked.about),
    "links/variable": lambda asked: asked.made,
    "files/field": lambda asked: _filed(asked.about),
    "files/variable": lambda asked: _filed(asked.whole),
    "moves/list": lambda asked: asked.related,
    "moves/to": lambda asked: asked.made,
}


def _part_of(setting: Setting, body: Body) -> Body | None:
    """The part of a list that holds the setting, where it names an object of its own."""
    lot, at, *rest = [*setting.path.split("/"), "", ""][:3]
    items = body.get(lot)
    if not rest[0] or not at.isdecimal() or not isinstance(items, list):
        return None
    part: Any = cast("list[Any]", items)[int(at)] if int(at) < len(cast("list[Any]", items)) else None
    return cast("Body", part) if isinstance(part, dict) and "object" in part else None


def chooser(drawing: Drawing, name: str) -> Choices:
    """For a part that speaks of the fields of the object of that name; parts of it may speak of another's."""
    package = drawing.scene.package
    whole = package.by_name.get(name)

    def choices(setting: Setting, body: Body) -> list[tuple[str, str]]:
        name = setting.path.rpartition("/")[2]
        inner = _part_of(setting, body)
        about = whole if inner is None else package.by_name.get(str(inner.get("object")))
        if setting.choices:
            return list(plain_choices(setting))
        if name in _NAMED:
            return _NAMED[name](drawing.scene)
        if setting.kind in ("object", "objects"):
            objects = ((each.name, each.label) for each in package.live.objects)
            return sorted(objects, key=lambda pair: pair[1].casefold())
        if setting.kind == cast("Any", VALUES):
            return [] if name in _FREE else _settable(about)
        if (found := _IN_PARTS.get("/".join(setting.path.split("/")[-2:]))) is not None:
            return found(_Asked(package, whole, about, body, setting))
        return _by_body(about, body, name)

    return choices


def _by_body(about: ObjectDefinition | None, body: Body, name: str) -> list[tuple[str, str]]:
    """What depends on what else the part says."""
    if name in FIELDS:
        return _named(about.live.fields) if about else []
    if name == "stage":
        return _stages(about, body)
    given = _VARIABLES.get(str(body.get("type"))) if name == "variable" else None
    return [(each, each) for each in given(body)] if given else []


def _settable(about: ObjectDefinition | None) -> list[tuple[str, str]]:
    if about is None:
        return []
    owner = about.all_fields.get("owner")
    fields = [each for each in about.live.fields if not each.is_read_only]
    return _named([*fields, *([owner] if owner else [])])


def _stages(about: ObjectDefinition | None, body: Body) -> list[tuple[str, str]]:
    field = about.all_fields.get(str(body.get("field"))) if about else None
    config = field.settings if field else None
    return [(each.name, each.label) for each in config.options] if isinstance(config, ChoiceConfig) else []
