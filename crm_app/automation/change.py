"""A fact from the outbox, with its values as the fields' types hold them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_app.definitions.object import ObjectDefinition
from crm_app.fields.field_type import FieldValueError
from crm_app.services.automation_outbox import OutboxEvent


@dataclass(frozen=True)
class Change:
    """`before` and `after` are whole records; empty where there is none."""

    event: OutboxEvent
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    changed: frozenset[str]

    @property
    def record(self) -> Mapping[str, Any]:
        """The record that the change is about; a deleted one as it was."""
        return self.after or self.before


def change_of(event: OutboxEvent, definition: ObjectDefinition) -> Change:
    """Values that no longer fit their field, because it was changed meanwhile, are null."""
    after = parsed(event.after, definition)
    changes = parsed(event.before, definition)
    before = {**after, **changes} if changes else {}
    return Change(event, before, after, frozenset(changes))


def parsed(values: Mapping[str, Any], definition: ObjectDefinition) -> dict[str, Any]:
    """JSON as the audit and the outbox keep it, back to field values."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        field = definition.all_fields.get(name)
        if field is not None:
            try:
                found[name] = None if value is None else field.parse(value)
            except FieldValueError:
                found[name] = None
    return found
