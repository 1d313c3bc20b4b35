"""The rollup fields of a package, with the objects whose records they sum up."""

from collections.abc import Iterator
from dataclasses import dataclass

from crm_app.definitions.package import Package
from crm_app.fields.rollup import RollupConfig


@dataclass(frozen=True)
class Rollup:
    """A field of `object`; `related` is empty where its relation is none."""

    object: str
    field: str
    settings: RollupConfig
    related: str

    @property
    def path(self) -> str:
        return f"objects/{self.object}/fields/{self.field}"


def rollups(package: Package) -> Iterator[Rollup]:
    for definition in package.objects:
        for field in definition.computed_fields:
            if isinstance(settings := field.own_settings, RollupConfig):
                related = related_object(package, definition.name, settings.relation)
                yield Rollup(definition.name, field.name, settings, related)


def related_object(package: Package, owner: str, relation: str) -> str:
    """Of which object the records are that rules reach from the owner by this name."""
    for each in package.related.get(owner, ()):
        if each.name == relation:
            return each.object.name
    field = package.by_name[owner].all_fields.get(relation) if owner in package.by_name else None
    return field.target if field is not None and field.field_type.is_linked else ""
