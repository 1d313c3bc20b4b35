"""A formula or rollup of which it is known what it gives: shown, filtered and sorted as a field of that type."""

from dataclasses import replace
from functools import cached_property
from typing import Any

from pydantic import PrivateAttr

from crm_app.definitions.field import FieldDefinition
from crm_app.fields.catalog import FIELD_TYPES
from crm_app.fields.currency import CurrencyConfig
from crm_app.fields.field_type import FieldConfig, FieldType
from crm_app.fields.rule_type import RuleType

_IN_WORDS = {"int": "Whole number", "decimal": "Decimal number", "bool": "Yes or no"}


class ComputedField(FieldDefinition):
    """`columns` are what the query that reads it calls its parts; none of them is stored."""

    _result: FieldDefinition = PrivateAttr()
    _gives: RuleType = PrivateAttr()

    @staticmethod
    def of(field: FieldDefinition, result: FieldDefinition, gives: RuleType) -> "ComputedField":
        values: dict[str, Any] = {name: getattr(field, name) for name in FieldDefinition.model_fields}
        made = ComputedField.model_construct(None, **values)
        made._result, made._gives = result, gives  # noqa: SLF001 - its own
        return made

    def __eq__(self, other: object) -> bool:
        """A field as it is written is the same where it says the same: a draft has such ones."""
        if type(other) is FieldDefinition:
            return all(getattr(self, name) == getattr(other, name) for name in FieldDefinition.model_fields)
        return super().__eq__(other)

    __hash__ = FieldDefinition.__hash__

    @cached_property
    def field_type(self) -> FieldType:  # pyright: ignore[reportIncompatibleVariableOverride] - the same, worked out otherwise
        own = FIELD_TYPES.get(self.type)
        given = self._result.field_type
        return replace(given, name=own.name, label=own.label, is_generated=True, is_computed=True, variant=None)

    @cached_property
    def settings(self) -> FieldConfig:  # pyright: ignore[reportIncompatibleVariableOverride] - likewise
        return self._result.settings

    @cached_property
    def rule_type(self) -> RuleType:  # pyright: ignore[reportIncompatibleVariableOverride] - likewise
        return self._gives

    @property
    def result_type(self) -> str:
        """The field type that its values are of."""
        return self._result.type

    @property
    def result_config(self) -> dict[str, Any]:
        """Likewise, that type's config."""
        return self._result.config

    @property
    def result_words(self) -> str:
        """What it gives, such as `Amount in USD`."""
        if isinstance(settings := self._result.settings, CurrencyConfig):
            return f"Amount in {settings.currency}"
        return _IN_WORDS.get(self._gives.kind) or self._result.field_type.label
