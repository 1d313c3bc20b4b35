from collections.abc import Iterator

from crm_app.definitions.package import Package
from crm_app.fields.field_type import FieldValueError
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """A default that is a value fits its field."""
    for definition in package.objects:
        for field in definition.fields:
            if field.default is None or field.default_rule:
                continue
            try:
                field.parse(field.default)
            except FieldValueError as error:
                yield Problem(f"objects/{definition.name}/fields/{field.name}/default", str(error))
