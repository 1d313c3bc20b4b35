"""Before a field becomes unique: which values of its records stand in the way."""

from collections.abc import Iterator, Sequence

from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.unique_indexes import EXAMPLES, DuplicateValues, duplicates


def require_unique_values(work: UnitOfWork, before: Package, after: Package) -> None:
    """Raises `DuplicateValues` with a sentence for what is to become unique and is not."""
    problems = [problem for definition in after.objects for problem in _problems(work, before, definition)]
    if problems:
        raise DuplicateValues("These definitions can't be published: values that should be unique are not.", problems)


def _problems(work: UnitOfWork, before: Package, definition: ObjectDefinition) -> Iterator[Problem]:
    old = before.by_name.get(definition.name)
    if old is None or old is definition:
        return
    kept = {tuple(field.name for field in fields) for fields in old.unique_sets.values()}
    for path, fields in definition.unique_sets.items():
        known = [old.all_fields[field.name] for field in fields if field.name in old.all_fields]
        if tuple(field.name for field in fields) not in kept and len(known) == len(fields):
            found = duplicates(work.connection, work.schema.tables, definition.name, known)
            if found:
                is_closed = not work.closed(definition.name).isdisjoint(field.name for field in known)
                sentence = _sentence(definition, fields, "" if is_closed else _examples(found))
                yield Problem(f"objects/{definition.name}/{path}", sentence)


def _examples(found: list[tuple[str, int]]) -> str:
    more = " and others" if len(found) > EXAMPLES else ""
    return ": " + ", ".join(f"'{value}' ({count:,} times)" for value, count in found[:EXAMPLES]) + more


def _sentence(definition: ObjectDefinition, fields: Sequence[FieldDefinition], examples: str) -> str:
    """Whoever may not see the values hears only that there are some."""
    plural = definition.plural.lower()
    labels = " and ".join(field.label for field in fields)
    return f"Several {plural} have the same {labels}{examples}. Change or delete those {plural} first."
