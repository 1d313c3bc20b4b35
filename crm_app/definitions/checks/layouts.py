from collections import Counter
from collections.abc import Iterable, Iterator

from crm_app.definitions.layout import REST, Layout
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.package import Package
from crm_app.kernel.errors import Problem

Found = Iterator[tuple[str, str]]


def check(package: Package) -> Iterator[Problem]:
    """Layouts and their tabs have names of their own, are for roles that exist, and place only what there is, once."""
    roles = {role.name for role in package.roles}
    for definition in package.objects:
        path = f"objects/{definition.name}/layouts"
        for name in _doubled(layout.name for layout in definition.layouts):
            yield Problem(path, f"More than one layout is named '{name}'.")
        related = {REST, *(each.name for each in package.related.get(definition.name, ()))}
        for layout in definition.layouts:
            for place, message in (*_who(layout, roles), *_places(layout, definition, related), *_doubles(layout)):
                yield Problem(f"{path}/{layout.name}/{place}", message)


def _who(layout: Layout, roles: set[str]) -> Found:
    for role in layout.roles:
        if role not in roles:
            yield "roles", f"There is no role '{role}'."


def _places(layout: Layout, definition: ObjectDefinition, related: set[str]) -> Found:
    known = {REST, *definition.all_fields}
    for at, section in layout.sections():
        for name in section.fields:
            if name not in known:
                yield f"{at}/fields", f"'{name}' is not a field of {definition.label}."
    for at, tab in enumerate(layout.tabs):
        for name in tab.related:
            if name not in related:
                yield f"tabs/{at}/related", f"'{name}' is no list of records that point at a {definition.label}."


def _doubles(layout: Layout) -> Found:
    for name in _doubled(layout.placed_fields):
        yield "tabs", f"The field '{name}' is placed more than once."
    for name in _doubled(layout.placed_related):
        yield "tabs", f"The related list '{name}' is placed more than once."
    for label in _doubled(tab.label for tab in layout.tabs):
        yield "tabs", f"More than one tab is called '{label}'."


def _doubled(names: Iterable[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
