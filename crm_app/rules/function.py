"""What a function of the language promises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crm_app.fields.rule_type import Kind, RuleType

Kinds = tuple[Kind, ...]
TEXTS: Kinds = ("text", "enum")
NUMBERS: Kinds = ("int", "decimal")
AMOUNTS: Kinds = (*NUMBERS, "money")
DAYS: Kinds = ("date", "datetime")
SCALARS: Kinds = ("bool", *AMOUNTS, *TEXTS, *DAYS, "time", "duration", "ref")


@dataclass(frozen=True)
class Parameter:
    """`is_literal` parameters are written out, so that every target may rely on them: a whole number from
    `lowest` to `highest`.
    """

    name: str
    kinds: Kinds
    is_optional: bool = False
    is_literal: bool = False
    lowest: int = 0
    highest: int = 0


@dataclass(frozen=True)
class RuleFunction:
    """`result` makes the type from those of the arguments. `python` takes `Inputs` and the values, none of
    them null unless `takes_null`; its SQL twin stands in `storage` under the same name. With `repeats`
    the last parameter may be given again and all arguments are brought to one type. `reading` is how its result is
    called in a sentence: `the year of {0}`, `the first of {all}`.
    """

    name: str
    parameters: tuple[Parameter, ...]
    result: Callable[[tuple[RuleType, ...]], RuleType]
    python: Callable[..., Any]
    example: str
    description: str
    takes_null: bool = False
    repeats: bool = False
    reading: str = ""

    @property
    def signature(self) -> str:
        """As the guide and the editor show it."""
        shown = [f"{part.name}?" if part.is_optional else part.name for part in self.parameters]
        return f"{self.name}({', '.join(shown)}{', …' if self.repeats else ''})"
