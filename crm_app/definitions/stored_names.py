"""The platform gives stored names; a definition that says its own may not reach into what is somebody else's."""

from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.definitions.settle import BOOKKEEPING_COLUMNS
from crm_app.kernel.errors import Problem


def stored_problems(package: Package) -> Iterator[Problem]:
    """Over everything, archived too: names differ, and no two tables or columns are one."""
    for name, count in Counter(definition.stored for definition in package.objects).items():
        if count > 1:
            yield Problem("objects", f"{count} objects are stored in '{name}'.")
    for definition in package.objects:
        path = f"objects/{definition.name}/fields"
        for name, count in Counter(field.name for field in definition.fields).items():
            if count > 1:
                yield Problem(path, f"'{name}' is defined {count} times, archived fields included.")
        columns = Counter(column for field in definition.fields for column in field.stored_columns)
        for name, count in columns.items():
            if count > 1 or name in BOOKKEEPING_COLUMNS:
                yield Problem(path, f"The column '{name}' is already in use.")
