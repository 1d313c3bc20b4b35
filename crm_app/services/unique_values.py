"""Before a field becomes unique: which values of its records stand in the way."""

from collections.abc import Iterator

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.unique_indexes import EXAMPLES, DuplicateValues, duplicates


def require_unique_values(work: UnitOfWork, before: Package, after: Package) -> None:
    """Raises `DuplicateValues` with a sentence for each field that is to become unique and is not."""
    problems = [problem for definition in after.objects for problem in _problems(work, before, definition)]
    if problems:
        raise DuplicateValues("These definitions can't be published: values that should be unique are not.", problems)


def _problems(work: UnitOfWork, before: Package, definition: ObjectDefinition) -> Iterator[Problem]:
    old = before.by_name.get(definition.name)
    if old is None or old is definition:
        return
    for field in definition.fields:
        known = old.all_fields.get(field.name)
        if field.unique and known is not None and not known.unique:
            found = duplicates(work.connection, work.schema.tables, definition.name, known)
            if found:
                yield Problem(
                    f"objects/{definition.name}/fields/{field.name}/unique", _sentence(definition, field, found)
                )


def _sentence(definition: ObjectDefinition, field: FieldDefinition, found: list[tuple[str, int]]) -> str:
    examples = ", ".join(f"'{value}' ({count:,} times)" for value, count in found[:EXAMPLES])
    more = " and others" if len(found) > EXAMPLES else ""
    plural = definition.plural.lower()
    return f"Several {plural} have the same {field.label}: {examples}{more}. Change or delete those {plural} first."
