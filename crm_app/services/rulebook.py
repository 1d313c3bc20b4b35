"""The rules in the definitions of one schema version, each checked and compiled when it is first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from crm_app.access.visible import ScopeRule
from crm_app.definitions.decision import DecisionDefinition
from crm_app.fields.rule_type import BOOL, RuleType
from crm_app.rules.check import check
from crm_app.rules.errors import RuleError
from crm_app.rules.inputs import Inputs
from crm_app.rules.python import compile_rule
from crm_app.rules.rule import Rule
from crm_app.rules.scope import FieldInfo

NO_TABLES: Mapping[str, DecisionDefinition] = MappingProxyType({})


@dataclass(frozen=True)
class CompiledRule:
    rule: Rule
    value: Callable[[Inputs], Any]

    def holds(self, inputs: Inputs) -> bool:
        """Only on true: unknown is no."""
        return self.value(inputs) is True

    def own_fields(self) -> set[str]:
        """The fields of the rule's own object on which the answer depends."""
        return {name for owner, name in self.rule.dependencies.reads if owner == self.rule.object}


class Rulebook:
    """What its rules may name is everything that is defined: they are the administrator's, whoever sets them off."""

    def __init__(
        self, infos: Mapping[str, Mapping[str, FieldInfo]], tables: Mapping[str, DecisionDefinition] = NO_TABLES
    ) -> None:
        self._infos = infos
        self._tables = tables
        self._compiled: dict[tuple[str, str, RuleType | None], CompiledRule] = {}

    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        return self._infos.get(object)

    def decision(self, name: str, /) -> DecisionDefinition | None:
        return self._tables.get(name)

    def of(self, object: str, text: str, expect: RuleType | None = BOOL) -> CompiledRule:  # noqa: A002 - the product's word
        """Refuses with `RuleError`."""
        key = (object, text, expect)
        found = self._compiled.get(key)
        if found is None:
            rule = check(text, object, self, expect=expect)
            found = self._compiled.setdefault(key, CompiledRule(rule, compile_rule(rule)))
        return found

    def scope_rule(self, object: str, text: str) -> ScopeRule | None:  # noqa: A002 - the product's word
        """A rule of a policy line; `None` where it can't be read, as after a field that it names is gone."""
        try:
            compiled = self.of(object, text)
        except RuleError:
            return None
        return ScopeRule(object, text, compiled.rule, compiled.value)
