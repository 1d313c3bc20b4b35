"""What the parts of the Python target share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_app.rules.inputs import Inputs
from crm_app.rules.tree import Node


@dataclass(slots=True)
class Reach:
    """`records` are the rule's own record and, one per quantifier around, the element it is at: a record or
    a value. Not frozen, though nothing changes it: one is made for every evaluation, and freezing takes longer than
    most rules.
    """

    inputs: Inputs
    records: tuple[Any, ...]

    def at(self, element: Any) -> "Reach":
        return Reach(self.inputs, (*self.records, element))


Closure = Callable[[Reach], Any]
Build = Callable[[Node], Closure]
