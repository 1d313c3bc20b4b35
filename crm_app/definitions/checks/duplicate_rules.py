from collections import Counter
from collections.abc import Iterator

from crm_app.definitions.checks.indexed_fields import MAX_INDEXED_LENGTH
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import DuplicateRule, ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem


def check(package: Package) -> Iterator[Problem]:
    """Duplicate rules have names of their own and match fields whose values can be compared, each once."""
    for definition in package.objects:
        counts = Counter(rule.name for rule in definition.duplicate_rules)
        for rule in definition.duplicate_rules:
            path = f"objects/{definition.name}/duplicate_rules/{rule.name}"
            if counts[rule.name] > 1:
                yield Problem(path, f"'{rule.name}' is the name of {counts[rule.name]} duplicate rules.")
            yield from (Problem(f"{path}/match/{at}", message) for at, message in _of_match(definition, rule))


def _of_match(definition: ObjectDefinition, rule: DuplicateRule) -> Iterator[tuple[int, str]]:
    for index, name in enumerate(rule.match):
        field = definition.all_fields.get(name)
        if field is None:
            yield index, f"'{name}' is not a field of {definition.label}."
        elif name in rule.match[:index]:
            yield index, f"{field.label} is matched twice."
        elif message := _hindrance(field):
            yield index, message


def _hindrance(field: FieldDefinition) -> str:
    """The values stand in an index, an entry of which holds 2,700 bytes at most."""
    kind = field.field_type
    if kind.is_computed:
        return f"{field.label} is worked out from other fields: match those."
    if kind.is_generated:
        return f"{field.label} is different for every record, so nothing is like another by it."
    if not kind.is_sortable and not kind.is_relation and not kind.target:
        return f"{field.label} can't be matched: two values of a {kind.label} can't be compared."
    if getattr(field.settings, "max_length", 0) > MAX_INDEXED_LENGTH:
        return f"{field.label} can be matched only if its max_length is {MAX_INDEXED_LENGTH} or less."
    return ""
