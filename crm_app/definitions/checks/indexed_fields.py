from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem

MAX_INDEXED_LENGTH = 600


def check(package: Package) -> Iterator[Problem]:
    """Only what has an order, or single values, can be indexed; an entry of an index holds 2,700 bytes at most."""
    for definition in package.objects:
        for field in definition.fields:
            if not field.indexed:
                continue
            path = f"objects/{definition.name}/fields/{field.name}/indexed"
            if not field.field_type.is_sortable and not field.field_type.is_relation:
                yield Problem(path, f"{field.label} can't be indexed: a {field.field_type.label} has no order.")
            elif getattr(field.settings, "max_length", 0) > MAX_INDEXED_LENGTH:
                message = f"{field.label} can be indexed only if its max_length is {MAX_INDEXED_LENGTH} or less."
                yield Problem(path, message)
