"""What a rule may name: the objects and fields in reach of whoever writes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from crm_app.definitions.decision import DecisionDefinition
from crm_app.fields.rule_type import RuleType
from crm_app.rules.tree import Computed


@dataclass(frozen=True)
class FieldInfo:
    """A field as rules see it. The records that point here are a `list⟨ref⟩`; `inverse` is the field of the
    target that points back, so that a rule over related records is known to depend on it. `options` are the labels of
    its options by their names; `computed` is what a formula or rollup field stands for.
    """

    name: str
    type: RuleType
    label: str = ""
    inverse: str = ""
    options: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)
    computed: Computed | None = field(default=None, compare=False)


class Scope(Protocol):
    """A field that the author may not read is absent, so no message can give it away."""

    def fields(self, object: str, /) -> Mapping[str, FieldInfo] | None:  # noqa: A002 - the product's word
        """By API name, `id` and the system's fields included; `None` where there is no such object. `user`
        is one.
        """
        ...


@runtime_checkable
class DecidingScope(Scope, Protocol):
    """Where rules may also ask decision tables. What a table names has to be in reach of whoever asks it."""

    def decision(self, name: str, /) -> DecisionDefinition | None: ...
