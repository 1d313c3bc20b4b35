"""From text to a checked rule."""

from collections.abc import Mapping
from types import MappingProxyType

from crm_app.fields.rule_type import BOOL, RuleType
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope

NO_VARIABLES: Mapping[str, RuleType] = MappingProxyType({})


def check(
    text: str,
    object: str,  # noqa: A002 - the product's word
    scope: Scope,
    *,
    expect: RuleType | None = BOOL,
    variables: Mapping[str, RuleType] = NO_VARIABLES,
) -> Rule:
    """Refuses with `RuleError`. `variables` types `vars.total` under `total` and `steps.ID.name` under
    `steps.ID.name`.
    """
    raise NotImplementedError(text, object, scope, expect, variables)
