"""What the rules of automations may name: everything that is defined. Who a run acts as narrows what they read."""

from collections.abc import Mapping

from crm_app.definitions.decision import DecisionDefinition
from crm_app.rules.scope import FieldInfo
from crm_app.services.live import Schema


class DefinedFields:
    def __init__(self, schema: Schema) -> None:
        self._infos = schema.field_infos
        self._tables = schema.package.by_decision

    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        return self._infos.get(object)

    def decision(self, name: str, /) -> DecisionDefinition | None:
        return self._tables.get(name)
