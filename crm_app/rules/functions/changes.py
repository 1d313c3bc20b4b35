"""What a change changed."""

from dataclasses import replace
from typing import Any

from crm_app.fields.rule_type import BOOL
from crm_app.rules.function import SCALARS, TEXTS, Parameter, RuleFunction, gives
from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Call, Name, Node


def before(node: Call) -> Name:
    """The same field as it was."""
    (field,) = node.arguments
    if not isinstance(field, Name):
        raise TypeError(type(field).__name__)
    return replace(field, root="old")


def _with_before(node: Call) -> tuple[Node, ...]:
    return (*node.arguments, before(node))


def _differ(_inputs: Inputs, now: Any, then: Any) -> bool:
    return _plain(now) != _plain(then)


def _plain(value: Any) -> Any:
    """An address is compared as rules see it, as one text."""
    return str.__str__(value) if isinstance(value, str) else value


FUNCTIONS = (
    RuleFunction(
        name="is_changed",
        parameters=(Parameter("field", SCALARS, items=TEXTS, is_field=True),),
        result=gives(BOOL.required()),
        python=_differ,
        reads=_with_before,
        example="not is_changed(stage)",
        description=(
            "Whether the change gave the field another value, filled or emptied it; in a new record, whether it "
            "has one. Never unknown."
        ),
        takes_null=True,
        reading="{0} has changed",
        needs=frozenset({"old"}),
    ),
)
