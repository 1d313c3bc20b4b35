"""What an actor may see and do with an object as a whole."""

from crm_app.access.policy import Action
from crm_app.definitions.field import FieldDefinition
from crm_app.definitions.object import ObjectDefinition
from crm_app.services.unit_of_work import UnitOfWork


def visible_objects(work: UnitOfWork) -> list[ObjectDefinition]:
    """The objects that the actor may read at all, in the order of their labels."""
    readable = [definition for definition in work.catalog.objects if work.access(definition.name).allows("read")]
    return sorted(readable, key=lambda definition: definition.plural)


def readable_fields(work: UnitOfWork, name: str) -> list[FieldDefinition]:
    """The object's fields that exist for this actor; a masked one does, a hidden one does not."""
    hidden = work.access(name).hidden
    return [field for field in work.definition(name).all_fields.values() if field.name not in hidden]


def readable_targets(work: UnitOfWork, field: FieldDefinition) -> list[str]:
    """The objects that a field points at, as far as they exist for this actor."""
    return [name for name in field.targets if work.access(name).allows("read")]


def editable_fields(work: UnitOfWork, name: str) -> frozenset[str]:
    """The fields that this actor may set: those open to the role, and the owner for whoever may transfer."""
    access = work.access(name)
    own = work.definition(name).settable - access.read_only
    return own | {"owner"} if access.allows("transfer") else own


def may(work: UnitOfWork, action: Action, name: str) -> bool:
    return work.access(name).allows(action)
