from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.fields.user import USER_OBJECT
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Every relation points at an object that exists, and no object takes the name of the people who work here."""
    for definition in package.objects:
        if definition.name == USER_OBJECT:
            yield Problem(f"objects/{definition.name}", "'user' is the product's own object for people.")
        for field in definition.fields:
            if field.field_type.is_relation and field.target not in package.by_name:
                yield Problem(
                    f"objects/{definition.name}/fields/{field.name}/config/object",
                    f"There is no object '{field.target}'.",
                )
