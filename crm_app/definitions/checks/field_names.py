from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.field import RESERVED_NAMES
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Field names are unique within their object, free of the product's own names, and make no column twice."""
    for definition in package.objects:
        path = f"objects/{definition.name}/fields"
        for name, count in Counter(field.name for field in definition.fields).items():
            if count > 1:
                yield Problem(path, f"'{name}' is defined {count} times.")
            if name in RESERVED_NAMES:
                yield Problem(f"{path}/{name}", f"'{name}' is a name that every record already has.")
            if "__" in name:
                yield Problem(f"{path}/{name}", "Two underscores in a row are kept for stored columns.")
