"""What a rollup can be made of: the related records that rules know from an object, and their fields."""

from typing import Any

from crm_app.definitions.computed_field import ComputedField
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.rollups import related_object
from crm_app.definitions.settings import Body
from crm_app.services.field_infos import FieldInfos, object_with_results
from crm_app.ui.builder.builder_data import Scene

Choices = list[tuple[str, str]]
_ADDED_UP = frozenset({"int", "decimal", "money", "duration"})
_ORDERED = _ADDED_UP | {"text", "date", "datetime", "time"}
_NO_LIST = ("", "Choose the related records first")
_NO_FIELD = ("", "None")


def related_choices(scene: Scene, body: Body) -> Choices:
    """By the object and its field that points here; links of the object's own by their label."""
    found = scene.package.live.related.get(scene.definition.name, ())
    back = [(each.name, f"{each.object.plural} · {each.field.label}") for each in found]
    own = [(field.name, field.label) for field in scene.definition.linked_fields]
    return _with_chosen([*back, *own], _config(body).get("relation", ""))


def field_choices_over(scene: Scene, body: Body) -> Choices:
    """Those that its function takes; a count takes none, and whoever chooses another one needs them all the same."""
    config, package = _config(body), scene.package.live
    name = related_object(package, scene.definition.name, config.get("relation", ""))
    if name not in package.by_name:
        return _with_chosen([_NO_LIST], config.get("field", ""))
    kinds = _ADDED_UP if config.get("function") in ("sum", "avg") else _ORDERED
    related = object_with_results(package.by_name[name], package, FieldInfos(package))
    found = [each for each in related.all_fields.values() if each.rule_type.kind in kinds]
    return _with_chosen([_NO_FIELD, *((each.name, _label(each)) for each in found)], config.get("field", ""))


def _label(field: FieldDefinition) -> str:
    return f"{field.label} · {field.result_words if isinstance(field, ComputedField) else field.field_type.label}"


def _config(body: Body) -> dict[str, Any]:
    return body.get("config") or {}


def _with_chosen(choices: Choices, chosen: str) -> Choices:
    """What a definition names stays chosen even where it is nothing: it is said to be wrong, not changed."""
    return choices if not chosen or chosen in dict(choices) else [*choices, (chosen, chosen)]
