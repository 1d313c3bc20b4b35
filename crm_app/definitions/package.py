"""Everything that is live in a workspace, or that a package brings: definitions by kind, and what follows from them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import Field

from crm_app.definitions.automation import AutomationDefinition
from crm_app.definitions.decision import DecisionDefinition
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.model import Definition, Part, changed
from crm_app.definitions.object import ObjectDefinition
from crm_app.definitions.people import OWN
from crm_app.definitions.role import RoleDefinition
from crm_app.definitions.view import ViewDefinition
from crm_app.fields.relation import RelationConfig

KINDS: dict[str, type[Definition]] = {
    "objects": ObjectDefinition,
    "views": ViewDefinition,
    "roles": RoleDefinition,
    "automations": AutomationDefinition,
    "decisions": DecisionDefinition,
}


@dataclass(frozen=True)
class Related:
    """Records of `object` point here through `field`."""

    object: ObjectDefinition
    field: FieldDefinition

    @property
    def name(self) -> str:
        """What rules call these records from the other end: `any(deal_company where amount > 5 USD)`."""
        return f"{self.object.name}_{self.field.name}"

    @property
    def label(self) -> str:
        """What heads the list of these records on the page of what they point at."""
        return getattr(self.field.settings, "related_label", "") or self.object.plural

    @property
    def on_delete(self) -> str:
        """What happens to these records when what they point at is deleted."""
        settings = self.field.settings
        return settings.on_delete if isinstance(settings, RelationConfig) else "clear"


@dataclass(frozen=True)
class Linked:
    """Records reached by the links of the object's field: from its record, or with `is_back` from the target's."""

    object: str
    field: str
    is_back: bool = False


class Package(Part):
    """A set of definitions that is checked, compared and published as a whole."""

    objects: tuple[ObjectDefinition, ...] = ()
    views: tuple[ViewDefinition, ...] = ()
    roles: tuple[RoleDefinition, ...] = ()
    automations: tuple[AutomationDefinition, ...] = ()
    decisions: tuple[DecisionDefinition, ...] = ()

    @staticmethod
    def of(kinds: Mapping[str, Sequence[Definition]]) -> "Package":
        """A package of definitions that are models already, by kind."""
        found: dict[str, Any] = {kind: tuple(kinds.get(kind, ())) for kind in KINDS}
        return Package.model_construct(None, **found)

    @cached_property
    def by_name(self) -> dict[str, ObjectDefinition]:
        """The objects, people included."""
        return {**OWN, **{definition.name: definition for definition in self.objects}}

    @cached_property
    def by_decision(self) -> dict[str, DecisionDefinition]:
        return {table.name: table for table in self.decisions}

    @cached_property
    def related(self) -> dict[str, list[Related]]:
        """For every object, the relations and many-to-many fields that point at it."""
        found: dict[str, list[Related]] = defaultdict(list)
        for definition in self.objects:
            for field in definition.fields:
                for target in field.targets:
                    found[target].append(Related(definition, field))
        return found

    @cached_property
    def inverses(self) -> dict[tuple[str, str], str]:
        """For what rules call related records, the field by which those point here."""
        return {
            (name, r.name): r.field.name
            for name, found in self.related.items()
            for r in found
            if not r.field.field_type.is_linked
        }

    @cached_property
    def linked(self) -> dict[tuple[str, str], Linked]:
        """For the names by which rules reach linked records, from either end, where the links are."""
        found: dict[tuple[str, str], Linked] = {}
        for definition in self.objects:
            for field in definition.linked_fields:
                found[definition.name, field.name] = Linked(definition.name, field.name)
                back = Related(definition, field).name
                found[field.target, back] = Linked(definition.name, field.name, is_back=True)
        return found

    @cached_property
    def listened(self) -> frozenset[str]:
        """The objects whose changes can start an active automation, or end a wait in it."""
        active = [automation for automation in self.automations if automation.is_active]
        return frozenset(name for automation in active for name in automation.listens_to)

    @cached_property
    def live(self) -> "Package":
        """Without what is archived: all that pages, rules, lists and the API know of. A role's lower levels for
        archived fields are left out here and kept in what is stored: a restored field is as closed as it was.
        """
        archived = {(o.name, f.name) for o in self.objects for f in o.fields if f.archived}
        kept = {kind: [d for d in getattr(self, kind) if not d.archived] for kind in KINDS}
        objects = [definition.live for definition in kept["objects"]]
        roles = [_without_levels(role, archived) for role in kept["roles"]] if archived else kept["roles"]
        return Package.of({**kept, "objects": objects, "roles": roles})

    @cached_property
    def opened(self) -> "Package":
        """As if nothing were archived: what archived definitions say is about each other too."""
        objects = [
            changed(each, archived=False, fields=tuple(changed(field, archived=False) for field in each.fields))
            for each in self.objects
        ]
        others = {
            kind: [changed(d, archived=False) for d in getattr(self, kind)] for kind in KINDS if kind != "objects"
        }
        return Package.of({**others, "objects": objects})

    def with_kind(self, kind: str, definitions: Sequence[Definition]) -> "Package":
        return Package.of({**{each: getattr(self, each) for each in KINDS}, kind: definitions})

    def definitions(self) -> Iterator[tuple[str, Definition]]:
        for kind in KINDS:
            for definition in getattr(self, kind):
                yield kind, definition

    def merged(self, other: "Package") -> "Package":
        """A package with the other's definitions added; the same kind and name is replaced, and so is an object that is
        called otherwise now.
        """
        kept = {kind: {d.name: d for d in getattr(self, kind)} for kind in KINDS}
        moved = {definition.table for definition in other.objects if definition.table}
        kept["objects"] = {name: each for name, each in kept["objects"].items() if each.stored not in moved}
        for kind, definition in other.definitions():
            kept[kind][definition.name] = definition
        return Package.of({kind: tuple(named.values()) for kind, named in kept.items()})


def _without_levels(role: RoleDefinition, fields: set[tuple[str, str]]) -> RoleDefinition:
    kept = tuple(level for level in role.field_levels if (level.object, level.field) not in fields)
    return role if len(kept) == len(role.field_levels) else changed(role, field_levels=kept)


class Manifest(Definition):
    """`package.json`: what the package is, and the files it brings besides definitions."""

    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    description: str = ""
