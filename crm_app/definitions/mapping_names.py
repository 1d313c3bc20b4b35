"""A mapping is a file that stays as it was written: what was renamed since is found by its former name."""

from collections.abc import Mapping

from crm_app.definitions.mapping import FileMapping, ImportMapping, Source
from crm_app.definitions.model import changed
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package


def called_now(mapping: ImportMapping, package: Package) -> ImportMapping:
    """The mapping with objects and fields as they are called in `package`. A name in use means what it says."""
    objects = {old: each.name for each in package.objects for old in each.former_names if old not in package.by_name}
    files = tuple(_file(file, package, objects.get(file.object, file.object)) for file in mapping.files)
    return mapping if files == mapping.files else changed(mapping, files=files)


def _file(file: FileMapping, package: Package, name: str) -> FileMapping:
    definition = package.by_name.get(name)
    if definition is None:
        return file
    names = _names(definition)
    fields: dict[str, str | Source] = {}
    for field, source in file.fields.items():
        called = names.get(field, field)
        called = field if called in file.fields else called
        fields[called] = _matched(source, definition, called, package)
    return file if (name, fields) == (file.object, file.fields) else changed(file, object=name, fields=fields)


def _matched(source: str | Source, definition: ObjectDefinition, name: str, package: Package) -> str | Source:
    """What it is found by is a field of what it points at."""
    field = definition.all_fields.get(name)
    if isinstance(source, str) or not source.match or field is None:
        return source
    matches = [_names(package.by_name[each]).get(source.match) for each in field.targets if each in package.by_name]
    found = next((each for each in matches if each), source.match)
    return source if found == source.match else changed(source, match=found)


def _names(definition: ObjectDefinition) -> Mapping[str, str]:
    return {
        old: field.name
        for field in definition.fields
        for old in field.former_names
        if old not in definition.all_fields
    }  # fmt: skip
