"""What a relation points at is where its values are kept: that stays, whatever else of it changes."""

from collections.abc import Iterator

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Invalid, Problem


class Retargeted(Invalid):
    """A relation would point at other records than those it holds."""

    code = "retargeted"


def require_same_targets(before: Package, after: Package) -> None:
    problems = list(_problems(before, after))
    if problems:
        raise Retargeted("These definitions can't be published.", problems)


def _problems(before: Package, after: Package) -> Iterator[Problem]:
    had = {(d.stored, field.stored): field for d in before.objects for field in d.fields if field.targets}
    for definition in after.objects:
        for field in definition.fields:
            old = had.get((definition.stored, field.stored))
            if old is not None and old.type == field.type and _of(before, old) != _of(after, field):
                yield Problem(f"objects/{definition.name}/fields/{field.name}/config", _sentence(field, definition))


def _of(package: Package, field: FieldDefinition) -> str:
    """The table that it points at; nothing where it says so with each value."""
    if field.is_to_any:
        return ""
    target = package.by_name.get(field.target)
    return target.stored if target else field.target


def _sentence(field: FieldDefinition, definition: ObjectDefinition) -> str:
    return f"What {field.label} of {definition.label} points at can't be changed. Add a field beside it."
