from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Every view is of an object that exists and names only its fields."""
    for view in package.views:
        definition = package.by_name.get(view.object)
        if definition is None:
            yield Problem(f"views/{view.name}/object", f"There is no object '{view.object}'.")
            continue
        for place, names in (("fields", view.fields), ("sort", [item.field for item in view.sort])):
            for name in names:
                if name not in definition.all_fields:
                    yield Problem(f"views/{view.name}/{place}", f"'{name}' is not a field of {definition.label}.")
