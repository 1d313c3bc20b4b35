"""A rule as a Python function: compiled once from its tree into closures, nothing is ever generated or
evaluated.
"""

from collections.abc import Callable
from typing import Any

from crm_app.rules.inputs import Inputs
from crm_app.rules.rule import Rule
from crm_app.rules.tree import Node


def compile_rule(rule: Rule | Node) -> Callable[[Inputs], Any]:
    """Takes a checked rule or its tree (from JSON, say). The function returns null for unknown and never
    raises.
    """
    raise NotImplementedError(rule)
