from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.fields.own_objects import TERRITORY_OBJECT
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """What says where a record belongs is one of its fields, and points at a territory."""
    for definition in package.objects:
        name = definition.access.territory
        field = definition.all_fields.get(name) if name else None
        path = f"objects/{definition.name}/access/territory"
        if name and field is None:
            yield Problem(path, f"There is no field '{name}'.")
        elif field is not None and field.targets != (TERRITORY_OBJECT,):
            yield Problem(path, f"{field.label} does not point at a territory.")
