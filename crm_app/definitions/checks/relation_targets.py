from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.fields.own_objects import OWN_OBJECTS
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Every relation points at an object that exists, and no object takes the name of one of the product's own."""
    for definition in package.objects:
        if definition.name in OWN_OBJECTS:
            yield Problem(f"objects/{definition.name}", f"'{definition.name}' is an object of the product's own.")
        for field in definition.fields:
            if field.field_type.is_relation and field.target not in package.by_name:
                yield Problem(
                    f"objects/{definition.name}/fields/{field.name}/config/object",
                    f"There is no object '{field.target}'.",
                )
