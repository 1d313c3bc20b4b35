"""Rules made without text, for the filters of lists."""

from collections.abc import Sequence
from typing import Any

from crm_app.fields.rule_type import RuleType
from crm_app.rules.rule import Rule
from crm_app.rules.scope import Scope

Condition = tuple[str, str, Any]


def conditions(wanted: Sequence[Condition], object: str, scope: Scope) -> Rule:  # noqa: A002 - the product's word
    """All of them, as one checked rule. Each is a field (`stage`, or `account.name` across a relation), an
    operator (eq, ne, lt, le, gt, ge, in, not_in, contains, starts_with, ends_with, between, is_empty,
    is_not_empty) and a value as the field's type stores it, or its text. No conditions are `true`.
    """
    raise NotImplementedError(wanted, object, scope, RuleType)
