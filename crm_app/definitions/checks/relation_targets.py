from collections.abc import Iterator

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.fields.relation import RelationConfig
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Every relation points at objects that exist and can keep its promise when they are deleted; no object takes the
    name of one of the product's own.
    """
    for definition in package.objects:
        if definition.name in OWN_OBJECTS:
            yield Problem(f"objects/{definition.name}", f"'{definition.name}' is an object of the product's own.")
        if "__" in definition.name:
            yield Problem(f"objects/{definition.name}", "Two underscores in a row are kept for tables of links.")
        for field in definition.fields:
            path = f"objects/{definition.name}/fields/{field.name}"
            named = "objects" if field.is_to_any else "object"
            for target in field.targets:
                if target not in package.by_name:
                    yield Problem(f"{path}/config/{named}", f"There is no object '{target}'.")
            yield from _of_relation(definition, field, path)
            yield from _of_links(definition, field, path)


def _of_relation(definition: ObjectDefinition, field: FieldDefinition, path: str) -> Iterator[Problem]:
    settings = field.settings
    if not isinstance(settings, RelationConfig):
        return
    if field.required and settings.on_delete == "clear":
        message = f"{field.label} is required, so it can't be cleared: let `on_delete` be `restrict` or `cascade`."
        yield Problem(f"{path}/config/on_delete", message)
    if settings.tree and settings.object != definition.name:
        message = f"Only a relation to {definition.label} itself can be a tree."
        yield Problem(f"{path}/config/tree", message)
    if own := sorted(OWN_OBJECTS.intersection(settings.objects)):
        yield Problem(f"{path}/config/objects", f"There is a field type of its own for this: `{own[0]}`.")


def _of_links(definition: ObjectDefinition, field: FieldDefinition, path: str) -> Iterator[Problem]:
    """What needs a column is not for a field that has none."""
    if not field.field_type.is_linked:
        return
    for wish in ("unique", "searchable", "indexed"):
        if getattr(field, wish):
            yield Problem(f"{path}/{wish}", f"{field.label} holds links to many records, so it can't be {wish}.")
    if definition.name_field == field.name:
        yield Problem(f"objects/{definition.name}/name_field", f"{field.label} holds links, which are no name.")
    if field.target in OWN_OBJECTS:
        yield Problem(f"{path}/config/object", f"There is a field type of its own for this: `{field.target}`.")
