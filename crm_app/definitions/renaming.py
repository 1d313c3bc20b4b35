"""Where definitions name objects and fields, and the same definitions after one of those is called otherwise. Rules are
named by their places in `rule_places`; everything else by the patterns here.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from crm_app.definitions.automation import steps_within
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.definitions.pipeline import since_name
from crm_app.definitions.template import is_tag_place, with_tag

Body = dict[str, Any]
Names = Mapping[tuple[str, str], str]

FIELDS_OF_AN_OBJECT = (
    "name_field",
    "list_fields/*",
    "card_fields/*",
    "unique_together/*/*",
    "validation_rules/*/field",
    "duplicate_rules/*/match/*",
    "activity/when",
    "activity/done",
    "access/territory",
    "layouts/*/tabs/*/sections/*/fields/*",
    "layouts/*/tabs/*/related/*",
    "fields/*/config/relation",
    "pipelines/*/field",
    "pipelines/*/amount",
    "pipelines/*/lost_reason",
    "pipelines/*/won_date",
    "pipelines/*/lost_date",
    "pipelines/*/stages/*/gate/required/*",
    "pipelines/*/stages/*/exit/required/*",
)
FIELDS_OF_A_VIEW = ("fields/*", "sort/*/field")
FIELDS_OF_A_TRIGGER = ("trigger/fields/*", "trigger/field")
OBJECTS = {
    "objects": ("fields/*/config/object", "fields/*/config/objects/*"),
    "views": ("object",),
    "roles": ("grants/*/objects/*", "field_levels/*/object"),
    "automations": ("trigger/object",),
    "decisions": ("object",),
}


def names_after(package: Package, objects: Mapping[str, str], fields: Names) -> dict[tuple[str, str], str]:
    """What rules call differently: the fields, and the records that point through them, which are named after both."""
    found = dict(fields)
    for (owner, name), new_name in fields.items():
        if name in package.by_name[owner].driven:
            found[owner, since_name(name)] = since_name(new_name)
    for target, related in package.related.items():
        for each in related:
            object_name = objects.get(each.object.name, each.object.name)
            field_name = fields.get((each.object.name, each.field.name), each.field.name)
            if (object_name, field_name) != (each.object.name, each.field.name):
                found[target, each.name] = f"{object_name}_{field_name}"
    return found


def rename_in(kind: str, body: Body, objects: Mapping[str, str], names: Names) -> Body:
    """One definition with everything but its rules rewritten; `names` by the object as it was called."""

    def to_object(name: str) -> str:
        return objects.get(name, name)

    def of(owner: str) -> Callable[[str], str]:
        return lambda name: names.get((owner, name), name)

    if kind == "objects":
        body = _all(body, FIELDS_OF_AN_OBJECT, of(body["name"]))
    elif kind == "views":
        body = _all(body, FIELDS_OF_A_VIEW, of(body["object"]))
    elif kind == "roles":
        levels = [_all(level, ("field",), of(level["object"])) for level in body.get("field_levels", ())]
        body = {**body, "field_levels": levels} if levels else body
    elif kind == "automations":
        body = _all(body, FIELDS_OF_A_TRIGGER, of(body["trigger"]["object"]))
    return _all(body, _objects_in(kind, body), to_object)


def named_in(kind: str, body: Body) -> Iterator[tuple[str, str, str]]:
    """Everything that a definition names outside of its rules: the path within it, the object, and the object's field
    or related records; empty for the object itself.
    """
    match kind:
        case "objects":
            fields, owner = FIELDS_OF_AN_OBJECT, body["name"]
        case "views":
            fields, owner = FIELDS_OF_A_VIEW, body["object"]
        case "automations":
            fields, owner = FIELDS_OF_A_TRIGGER, body["trigger"]["object"]
        case _:
            fields, owner = (), ""
    for place in fields:
        yield from ((path, owner, name) for path, name in _found(body, place) if name != "*")
    for index, level in enumerate(body.get("field_levels", ()) if kind == "roles" else ()):
        yield f"field_levels/{index}/field", level["object"], level["field"]
    for place in _objects_in(kind, body):
        yield from ((path, name, "") for path, name in _found(body, place) if name != "*")


def _objects_in(kind: str, body: Body) -> tuple[str, ...]:
    """The patterns of a kind, and the steps of an automation however deep they stand."""
    places = [place for place, _ in steps_within(body)] if kind == "automations" else []
    return OBJECTS.get(kind, ()) + tuple(f"{place}/{each}" for place in places for each in ("object", "makes/*/object"))


def call_field(body: Body, field: FieldDefinition, new_name: str) -> Body:
    """Its own name: stored where it was, and known by its old name in the audit."""
    former = [*field.former_names, field.name]
    new = {"name": new_name, "column": field.stored, "former_names": former}
    return at(body, f"fields/{field.name}", lambda found: {**found, **new})


def call_object(body: Body, definition: ObjectDefinition, new_name: str) -> Body:
    former = [*(each for each in definition.former_names if each != new_name), definition.name]
    return {**body, "name": new_name, "table": definition.stored, "former_names": former}


def at(body: Any, place: str, change: Callable[[Any], Any]) -> Any:
    """The same JSON with what stands at the path changed. A list's items are found by number or by name; `*` is all. A
    text's tags are found by `definitions.template.tag_place`.
    """
    first, _, rest = place.partition("/")
    if not place:
        return change(body)
    if isinstance(body, list):
        items = cast("list[Any]", body)
        return [at(item, rest, change) if _is_meant(first, index, item) else item for index, item in enumerate(items)]
    if isinstance(body, dict) and first in body:
        known = cast("Body", body)
        return {**known, first: at(known[first], rest, change)}
    if isinstance(body, str) and is_tag_place(first):
        return with_tag(body, first, change)
    return cast("Any", body)


def _is_meant(wanted: str, index: int, item: Any) -> bool:
    return wanted in {"*", str(index)} or _name_of(item) == wanted


def _found(body: Any, place: str) -> Iterator[tuple[str, str]]:
    """The texts at a place with `*` in it, each with its own path, in which parts with a name stand under that."""
    first, _, rest = place.partition("/")
    if not place:
        if isinstance(body, str):
            yield "", body
        return
    if isinstance(body, list):
        items = cast("list[Any]", body)
        keyed = [(str(_name_of(item) or index), item) for index, item in enumerate(items)]
    else:
        known = cast("Body", body) if isinstance(body, dict) else {}
        keyed = [(first, known[first])] if first in known else []
    for key, item in keyed:
        yield from ((f"{key}/{path}".rstrip("/"), text) for path, text in _found(item, rest))


def _name_of(item: object) -> object:
    """A step's name is only what people call it."""
    known = cast("Body", item) if isinstance(item, dict) else {}
    return None if "id" in known else known.get("name")


def _all(body: Body, places: tuple[str, ...], change: Callable[[str], str]) -> Body:
    for place in places:
        body = at(body, place, lambda found: change(found) if isinstance(found, str) else found)
    return body
