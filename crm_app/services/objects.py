"""What an actor may see and do with an object as a whole."""

from crm_app.access.policy import Action, ObjectAccess
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
    return _open_to(work.access(name), work.definition(name))


def closed_by_publisher(work: UnitOfWork, name: str) -> frozenset[str]:
    """The fields that a run's runner may set, but not whoever published what it does."""
    alone = work.standing.alone
    if alone is None:
        return frozenset()
    return _open_to(alone.on(name), work.definition(name)) - editable_fields(work, name)


def _open_to(access: ObjectAccess, definition: ObjectDefinition) -> frozenset[str]:
    own = definition.settable - access.read_only
    return own | {"owner"} if access.allows("transfer") else own


def may(work: UnitOfWork, action: Action, name: str) -> bool:
    return work.access(name).allows(action)
