"""Every way of creating records asks here for the numbers that the product gives."""

from collections.abc import Sequence
from typing import Any

from crm_app.definitions.object import ObjectDefinition
from crm_app.services.unit_of_work import UnitOfWork
from crm_app.storage.numbering import next_numbers


def give_numbers(work: UnitOfWork, definition: ObjectDefinition, records: Sequence[dict[str, Any]]) -> None:
    """Into the values of new records, once nothing speaks against them: a number taken is gone."""
    for field in definition.fields:
        if field.field_type.is_generated and not field.is_computed and records:
            numbers = next_numbers(work.connection, definition, field, len(records))
            for values, number in zip(records, numbers, strict=True):
                values[field.name] = number
